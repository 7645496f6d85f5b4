"""Incidents of compute hosts: hypervisor, disks, images and migrations."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import DURATION, ERRORS, STAGE, UNSEEN, Action, Disturbance, Effect, Repeated
from core.simulate.lifecycles.compute_messages import MANAGER
from core.simulate.records import Role
from core.simulate.script import Catalogue, Context, Message, Step, Traceback, messages

_SPAWN: Final = (
    "nova/compute/manager.py _build_and_run_instance: self.driver.spawn(context, instance, image)",
    "nova/virt/libvirt/driver.py spawn: self._create_image(context, instance, disks)",
)


def _failed_build(reason: str, *frames: str) -> Message:
    return Message(
        "nova-compute",
        MANAGER,
        "ERROR",
        f"[instance: {{instance}}] Instance failed to spawn: {reason}",
        traceback=Traceback((*_SPAWN, *frames), reason),
    )


CATALOGUE: Catalogue = {
    "build.no_space": _failed_build(
        "OSError: [Errno 28] No space left on device: '/var/lib/nova/instances/{instance}/disk'",
        "nova/virt/libvirt/utils.py create_image: processutils.execute('qemu-img', 'create', path, size)",
    ),
    "build.no_backing": _failed_build(
        "nova.exception.DiskNotFound: No disk at /var/lib/nova/instances/_base/{base_file}",
        "nova/virt/libvirt/imagebackend.py create_image: raise exception.DiskNotFound(location=base)",
    ),
    "build.corrupt": _failed_build(
        "nova.exception.ImageUnacceptable: Image {image} is unacceptable: MD5 checksum does not match",
        "nova/image/glance.py download: self._verify(image, data)",
    ),
    "build.gone": _failed_build(
        "nova.exception.InstancePowerOnFailure: Guest went to SHUTDOWN while it was being built",
        "nova/virt/libvirt/driver.py _wait_for_running: raise exception.InstancePowerOnFailure(reason=reason)",
    ),
    "build.libvirt": _failed_build(
        "libvirt.libvirtError: internal error: client socket is closed",
        "nova/virt/libvirt/guest.py launch: return self._domain.createWithFlags(flags)",
        "libvirt.py createWithFlags: raise libvirtError('virDomainCreateWithFlags() failed')",
    ),
    "migration.failed": Message(
        "nova-compute",
        "nova.virt.libvirt.driver",
        "ERROR",
        "[instance: {instance}] Live Migration failure: operation failed: guest CPU does not match that of {target}",
        traceback=Traceback(
            (
                "nova/virt/libvirt/driver.py _live_migration_operation: guest.migrate(uri, flags)",
                "nova/virt/libvirt/guest.py migrate: self._domain.migrateToURI3(uri, parameters, flags)",
            ),
            "libvirt.libvirtError: operation failed: guest CPU does not match the one of {target}",
        ),
    ),
    **messages(
        "nova-compute",
        {
            "build.terminated": (MANAGER, "INFO", "[instance: {instance}] Terminating instance after the failed build"),
            "build.reschedule": (
                MANAGER,
                "ERROR",
                "[instance: {instance}] Build of instance {instance} was re-scheduled: timed out in the virt driver",
            ),
            "guest.stopped_in_build": (
                MANAGER,
                "WARNING",
                "[instance: {instance}] Guest stopped by itself during its build; task state is spawning",
            ),
            "migration.rollback": (MANAGER, "INFO", "[instance: {instance}] Rolling the migration back to {host}"),
            "migration.aborted": (
                "nova.virt.libvirt.migration",
                "WARNING",
                "[instance: {instance}] Migration operation was aborted",
            ),
        },
    ),
    **messages(
        "nova-compute",
        {
            "disk.low": (
                "nova.compute.resource_tracker",
                "WARNING",
                "Free disk of node {host} is at 0 GB, overcommit of {number} GB",
            ),
            "disk.lock": (
                "oslo_concurrency.lockutils",
                "ERROR",
                "Lock file /var/lib/nova/tmp/nova-{base_file} could not be made: [Errno 28] No space left on device",
            ),
            "cache.unknown": (
                "nova.virt.libvirt.imagecache",
                "WARNING",
                "Unknown base file: /var/lib/nova/instances/_base/{base_file}",
            ),
            "cache.removing": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "Removing base or swap file: /var/lib/nova/instances/_base/{base_file}",
            ),
            "libvirt.closed": (
                "nova.virt.libvirt.host",
                "WARNING",
                "Connection to libvirt lost: 1; guests of {host} are out of sight",
            ),
            "libvirt.broken": (
                "nova.virt.libvirt.host",
                "ERROR",
                (
                    "Connection to libvirt failed: Failed to connect socket to '/var/run/libvirt/libvirt-sock': "
                    "Connection refused"
                ),
            ),
            "libvirt.disabled": (
                "nova.virt.libvirt.driver",
                "WARNING",
                "Service of host {host} is set to disabled: hypervisor cannot be reached",
            ),
            "libvirt.enabled": (
                "nova.virt.libvirt.driver",
                "INFO",
                "Service of host {host} is set to enabled: hypervisor is back",
            ),
        },
        Context.TASK,
    ),
}

_GIVE_UP: Final = Step("build.terminated", 0.3)

INCIDENTS: Final = (
    Disturbance(
        "disk_full",
        "A host's disk is full: images cannot be written",
        ERRORS,
        (180.0, 360.0),
        repeats=(
            Repeated((Step("disk.low"),), (55.0, 65.0)),
            Repeated((Step("disk.lock"),), (20.0, 40.0), 5.0),
        ),
        effects=(Effect(("compute.creating",), Action.FAIL, (Step("build.no_space", 0.4), _GIVE_UP), local=True),),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "image_cache_removed",
        "The image cache removes a base file that instances use: guests lose their backing file",
        UNSEEN,
        (180.0, 360.0),
        repeats=(Repeated((Step("cache.unknown"), Step("cache.removing", 0.3)), times=1),),
        effects=(Effect(("compute.started",), Action.FAIL, (Step("build.no_backing", 0.4), _GIVE_UP), local=True),),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "image_corrupt",
        "Downloaded images fail their checksum",
        ERRORS,
        (150.0, 300.0),
        effects=(
            Effect(
                ("compute.config_drive", "compute.started"),
                Action.FAIL,
                (Step("glance.download", 0.3), Step("build.corrupt", 0.4), _GIVE_UP),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "slow_spawn",
        "A host is starved of I/O: instances spawn, but take many times as long",
        DURATION,
        (240.0, 420.0),
        effects=(
            Effect(("compute.started", "compute.resumed"), Action.SLOW, factor=(8.0, 14.0), local=True),
            Effect(("compute.took_spawn", "compute.took_build"), Action.MARK, role=Role.CAUSE),
        ),
        provokes=(("server", 3),),
    ),
    Disturbance(
        "slow_destroy",
        "Guests do not react to their shutdown: instances take minutes to be destroyed",
        DURATION,
        (240.0, 420.0),
        effects=(
            Effect(("compute.destroyed",), Action.SLOW, factor=(60.0, 120.0)),
            Effect(("compute.took_destroy",), Action.MARK, role=Role.CAUSE),
        ),
        provokes=(("delete", 3),),
    ),
    Disturbance(
        "vm_destroyed_in_boot",
        "A guest is destroyed from outside while it boots",
        STAGE,
        (120.0, 240.0),
        effects=(
            Effect(
                ("compute.pending_task", "ovs.port_updated"),
                Action.FAIL,
                (
                    Step("compute.stopped", 0.5),
                    Step("guest.stopped_in_build", 0.1),
                    Step("build.gone", 0.5),
                    _GIVE_UP,
                ),
                local=True,
                role=Role.CAUSE,
            ),
        ),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "build_rescheduled",
        "A host accepts builds and hands them back: instances go from host to host",
        UNSEEN,
        (150.0, 300.0),
        effects=(
            Effect(
                ("compute.creating",),
                Action.ADD,
                (Step("build.reschedule", 8.0), Step("compute.claim", 1.0)),
                local=True,
            ),
        ),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "migration_failed",
        "Live migrations fail and are rolled back",
        ERRORS,
        (120.0, 300.0),
        effects=(
            Effect(
                ("compute.premigration",),
                Action.FAIL,
                (Step("migration.failed", 3.0), Step("migration.aborted", 0.1), Step("migration.rollback", 0.4)),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("migrate", 2),),
    ),
    Disturbance(
        "libvirt_lost",
        "The hypervisor daemon of a host dies: its service is disabled and builds there fail",
        UNSEEN,
        (120.0, 300.0),
        repeats=(
            Repeated((Step("libvirt.closed"), Step("libvirt.disabled", 0.5)), times=1),
            Repeated((Step("libvirt.broken"),), (10.0, 14.0), 2.0),
        ),
        effects=(Effect(("compute.started",), Action.FAIL, (Step("build.libvirt", 0.4), _GIVE_UP), local=True),),
        provokes=(("server", 1),),
        recovery=(Step("libvirt.enabled", 1.0),),
    ),
)
