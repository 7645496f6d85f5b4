"""Incidents that begin in the operating system of a host: memory, disks, links and the switch."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ERRORS, STAGE, UNSEEN, Action, Disturbance, Effect, Repeated
from core.simulate.incidents.network import UNPLUGGED
from core.simulate.lifecycles.compute_messages import MANAGER
from core.simulate.records import Role
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback, messages

CATALOGUE: Catalogue = {
    **messages(
        "nova-compute",
        {
            "guest.vanished": (
                MANAGER,
                "WARNING",
                (
                    "[instance: {instance}] Instance shutdown by itself. Calling the stop API. Current vm_state: "
                    "active, "
                    "current task_state: None, original DB power_state: 1, current VM power_state: 4"
                ),
            ),
        },
    ),
    "build.read_only": Message(
        "nova-compute",
        MANAGER,
        "ERROR",
        "[instance: {instance}] Instance failed to spawn: OSError: [Errno 30] Read-only file system",
        traceback=Traceback(
            (
                "nova/virt/libvirt/driver.py spawn: self._create_image(context, instance, disks)",
                "oslo_utils/fileutils.py ensure_tree: os.makedirs(path, mode)",
            ),
            "OSError: [Errno 30] Read-only file system: '/var/lib/nova/instances/{instance}'",
        ),
    ),
    "host.unreachable": Message(
        "*",
        "oslo.messaging._drivers.impl_rabbit",
        "ERROR",
        "[{object}] AMQP server on {amqp}:5672 is unreachable: [Errno 113] EHOSTUNREACH. Trying again in {interval} s.",
        Context.TASK,
    ),
    "store.no_space": Message(
        "glance-api",
        "glance.common.wsgi",
        "ERROR",
        "Caught error: [Errno 28] No space left on device",
        traceback=Traceback(
            (
                "glance/api/v2/image_data.py upload: image.set_data(data, size)",
                "glance_store/_drivers/filesystem.py add: f.write(chunk)",
            ),
            "OSError: [Errno 28] No space left on device",
        ),
    ),
    "log.no_space": Message(
        "*",
        "oslo_service.periodic_task",
        "ERROR",
        "Error during a periodic task: (pymysql.err.InternalError) (1021, 'Disk full; waiting for someone to free "
        "some space')",
        Context.TASK,
    ),
}

_REMOTE: Final = ("nova-compute", "neutron-openvswitch-agent")

INCIDENTS: Final = (
    Disturbance(
        "guest_killed",
        "A host runs out of memory and the kernel kills a guest, which nova only finds stopped",
        UNSEEN,
        (90.0, 200.0),
        repeats=(
            Repeated(
                (
                    Step("kernel.oom_guest"),
                    Step("kernel.oom_guest_killed", 0.05),
                    Step("kernel.oom_guest_reaped", 0.3),
                    Step("systemd.machine_killed", 0.05),
                    Step("libvirt.reset", 0.1),
                    Step("qemu.crashed", 0.2),
                    Step("systemd.machine_failed", 0.1),
                ),
                (50.0, 110.0),
            ),
            Repeated(
                (Step("compute.stopped"), Step("guest.vanished", 12.0)),
                (50.0, 110.0),
                2.0,
                role=Role.SYMPTOM,
                users=True,
            ),
        ),
        needs=frozenset({"linux", "libvirt"}),
    ),
    Disturbance(
        "controller_disk_full",
        "The controller's disk is full: the broker blocks publishers, the database waits, uploads fail",
        ERRORS,
        (180.0, 400.0),
        repeats=(
            Repeated((Step("kernel.pool_full", chance=0.5), Step("rsyslogd.write_error", 1.0)), times=1),
            Repeated((Step("rabbitmq.disk_low"), Step("rabbitmq.disk_alarm", 0.002)), times=1, first=4.0),
            Repeated((Step("rabbitmq.disk_low"),), (10.0, 30.0), 12.0),
            Repeated((Step("mariadb.disk_full"),), (25.0, 60.0), 6.0),
            Repeated((Step("mariadb.write_failed"),), (30.0, 70.0), 9.0),
            Repeated(
                (Step("log.no_space"),),
                (40.0, 80.0),
                20.0,
                services=("nova-conductor", "cinder-scheduler"),
                role=Role.SYMPTOM,
            ),
            Repeated(
                (Step("rpc.timeout_agent"),), (28.0, 45.0), 64.0, services=("neutron-dhcp-agent",), role=Role.SYMPTOM
            ),
        ),
        effects=(
            Effect(("glance.upload",), Action.FAIL, (Step("store.no_space", 0.5), Step(SAME, 0.02, status=500))),
            Effect(("scheduler.request", "placement.candidates"), Action.FAIL, (Step("rpc.timeout", 60.0, 0.02),)),
        ),
        provokes=(("server", 1), ("image", 2)),
        on_controller=True,
        recovery_of_daemons=(Step("rabbitmq.disk_cleared", 0.5),),
        needs=frozenset({"rabbitmq", "mariadb", "linux"}),
    ),
    Disturbance(
        "link_flap",
        "A host's network link goes down and up again: its agents lose the controller each time",
        UNSEEN,
        (150.0, 300.0),
        repeats=(
            Repeated(
                (
                    Step("kernel.link_down"),
                    Step("kernel.bond_down", 0.1, chance=0.6),
                    Step("networkd.lost", 0.05),
                    Step("vswitch.link_down", 0.1),
                    Step("vswitch.member", 0.01, chance=0.5),
                    Step("vswitch.bfd_down", 2.0, chance=0.5),
                    Step("kernel.link_up", 8.0),
                    Step("networkd.gained", 0.05),
                    Step("kernel.bond_up", 0.2, chance=0.6),
                    Step("vswitch.link_up", 0.1),
                ),
                (25.0, 60.0),
            ),
            Repeated((Step("host.unreachable"),), (8.0, 25.0), 5.0, services=_REMOTE, role=Role.SYMPTOM),
            Repeated(
                (Step("rpc.timeout_agent"),),
                (50.0, 70.0),
                40.0,
                services=("neutron-openvswitch-agent",),
                role=Role.SYMPTOM,
            ),
        ),
        provokes=(("server", 1),),
        needs=frozenset({"linux", "openvswitch"}),
    ),
    Disturbance(
        "disk_failing",
        "A host's disk fails: the kernel reports errors, the file system goes read-only, builds there fail",
        ERRORS,
        (180.0, 400.0),
        repeats=(
            Repeated((Step("kernel.disk_error", repeat=(2, 6)),), (15.0, 45.0)),
            Repeated((Step("kernel.file_system"), Step("kernel.read_only", 0.05)), times=1, first=20.0),
            Repeated((Step("libvirt.read_only"),), (40.0, 90.0), 35.0),
        ),
        effects=(
            Effect(
                ("compute.creating",),
                Action.FAIL,
                (Step("build.read_only", 0.4), Step("build.terminated", 0.3)),
                local=True,
            ),
        ),
        provokes=(("server", 2),),
        needs=frozenset({"linux"}),
    ),
    Disturbance(
        "switch_crash",
        "Open vSwitch crashes and is started again, over and over: nothing is wired on the host",
        STAGE,
        (90.0, 240.0),
        repeats=(
            Repeated(
                (
                    Step("vswitch.assertion"),
                    Step("systemd.aborted", 0.3),
                    Step("systemd.scheduled", 0.5),
                    Step("vswitch.starting", 1.0),
                    Step("vswitch.version", 0.1),
                ),
                (20.0, 45.0),
                services=("ovs-vswitchd",),
            ),
            Repeated((Step("ovs.vswitchd"), Step("ovs.resync", 0.3)), (20.0, 40.0), 4.0, role=Role.SYMPTOM),
        ),
        effects=(UNPLUGGED,),
        provokes=(("server", 1),),
        recovery_of_daemons=(Step("vswitch.connected", 1.0),),
        recovery=(Step("ovs.back", 1.0),),
        needs=frozenset({"openvswitch", "linux"}),
    ),
)
