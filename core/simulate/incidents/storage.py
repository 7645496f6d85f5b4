"""Incidents of cinder and glance: volumes that do not attach, backends that are down, stores that are full."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ERRORS, STAGE, Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback, messages

CATALOGUE: Catalogue = {
    "iscsi.retry": Message(
        "nova-compute",
        "os_brick.initiator.connectors.iscsi",
        "WARNING",
        "iSCSI volume is not yet there at: [vdb]. Scanning again and retrying. Try number: {number}.",
    ),
    "iscsi.failed": Message(
        "nova-compute",
        "nova.virt.block_device",
        "ERROR",
        "[instance: {instance}] Driver failed to attach volume {volume} at /dev/{device}",
        traceback=Traceback(
            (
                "nova/virt/block_device.py _volume_attach: driver.attach_volume(context, connection, instance)",
                "nova/virt/libvirt/volume/iscsi.py connect_volume: device = self.connector.connect_volume(data)",
                "os_brick/initiator/connectors/iscsi.py _connect_single_volume: raise VolumeDeviceNotFound(device)",
            ),
            "os_brick.exception.VolumeDeviceNotFound: Volume device was not found at {portal}.",
        ),
    ),
    "volume.stuck": Message(
        "cinder-volume",
        "cinder.volume.manager",
        "WARNING",
        "Volume {volume}: still in status attaching after {number} seconds",
        Context.TASK,
    ),
    "backend.down": Message(
        "cinder-volume",
        "cinder.volume.manager",
        "WARNING",
        "Statistics are not updated, driver is uninitialized: (config name {backend})",
        Context.TASK,
    ),
    "backend.init": Message(
        "cinder-volume",
        "cinder.volume.manager",
        "ERROR",
        "Failed to initialize driver.: ProcessExecutionError: Unexpected error while running command vgs.",
        Context.TASK,
        Traceback(
            (
                "cinder/volume/manager.py init_host: self.driver.check_for_setup_error()",
                "cinder/volume/drivers/lvm.py check_for_setup_error: self.vg = lvm.LVM(self.group)",
                "oslo_concurrency/processutils.py execute: raise ProcessExecutionError(exit_code=code)",
            ),
            "oslo_concurrency.processutils.ProcessExecutionError: Exit code: 5; Stderr: Volume group not found",
        ),
    ),
    **messages(
        "cinder-scheduler",
        {
            "backend.none": (
                "cinder.scheduler.flows.create_volume",
                "ERROR",
                "Failed to run task ScheduleCreateVolumeTask: No valid backend was found, none is left after weighing",
            ),
        },
    ),
    **messages(
        "glance-api",
        {
            "store.full": (
                "glance.api.v2.image_data",
                "ERROR",
                "Image storage media is full: There is not enough disk space on the image storage media.",
            ),
        },
    ),
    "store.trace": Message(
        "glance-api",
        "glance.common.wsgi",
        "ERROR",
        "Caught error: StorageFull",
        traceback=Traceback(
            (
                "glance/api/v2/image_data.py upload: image.set_data(data, size)",
                "glance_store/_drivers/filesystem.py add: raise exceptions.StorageFull(message=text)",
            ),
            "glance_store.exceptions.StorageFull: There is not enough disk space on the image storage media.",
        ),
    ),
}

INCIDENTS: Final = (
    Disturbance(
        "stuck_volume",
        "Attachments hang: the iSCSI device never shows up and volumes stay in attaching",
        STAGE,
        (180.0, 360.0),
        effects=(
            Effect(
                ("compute.iscsi_none", "cinder.attached"),
                Action.FAIL,
                (
                    Step("iscsi.retry", 4.0, repeat=(3, 4)),
                    Step("iscsi.failed", 16.0),
                    Step("volume.stuck", 20.0),
                ),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("attach", 2),),
        needs=frozenset({"cinder"}),
    ),
    Disturbance(
        "volume_backend_down",
        "The volume backend's driver does not start: volumes cannot be placed",
        ERRORS,
        (150.0, 300.0),
        repeats=(
            Repeated((Step("backend.init"),), times=1),
            Repeated((Step("backend.down"),), (55.0, 65.0), 5.0),
        ),
        effects=(
            Effect(("cinder.scheduled", "cinder.creating"), Action.FAIL, (Step("backend.none", 0.2),)),
            Effect(("task.volume_stats",), Action.LOSE),
        ),
        provokes=(("volume", 2),),
        needs=frozenset({"cinder"}),
    ),
    Disturbance(
        "image_store_full",
        "The image store is full: uploads and snapshots fail with 413",
        ERRORS,
        (150.0, 300.0),
        effects=(
            Effect(
                ("glance.upload",),
                Action.FAIL,
                (Step("store.full", 1.0), Step("store.trace", 0.01), Step(SAME, 0.02, status=413)),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("image", 2), ("snapshot", 1)),
    ),
)
