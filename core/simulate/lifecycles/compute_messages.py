"""What nova and placement log about servers."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Catalogue, Context, Message, Route, messages

MANAGER: Final = "nova.compute.manager"
LIBVIRT: Final = "nova.virt.libvirt.driver"
CLAIMS: Final = "nova.compute.claims"

CATALOGUE: Catalogue = {
    "nova.list": Route("nova-api", "GET", "/{v}/{project}/servers/detail", 200, 1893, 0.25),
    "nova.list_all": Route(
        "nova-api", "GET", "/{v}/{project}/servers/detail?all_tenants=True", 200, 4210, 0.4, internal=True
    ),
    "nova.show": Route("nova-api", "GET", "/{v}/{project}/servers/{instance}", 200, 1740, 0.17),
    "nova.flavors": Route("nova-api", "GET", "/{v}/{project}/flavors/detail", 200, 2480, 0.05),
    "nova.keypairs": Route("nova-api", "GET", "/{v}/{project}/os-keypairs", 200, 910, 0.06),
    "nova.limits": Route("nova-api", "GET", "/{v}/{project}/limits", 200, 760, 0.11),
    "nova.create": Route("nova-api", "POST", "/{v}/{project}/servers", 202, 733, 0.55),
    "nova.delete": Route("nova-api", "DELETE", "/{v}/{project}/servers/{instance}", 204, 203, 0.24),
    "nova.action": Route("nova-api", "POST", "/{v}/{project}/servers/{instance}/action", 202, 210, 0.28),
    "nova.attach": Route("nova-api", "POST", "/{v}/{project}/servers/{instance}/os-volume_attachments", 200, 390, 0.7),
    "nova.detach": Route(
        "nova-api", "DELETE", "/{v}/{project}/servers/{instance}/os-volume_attachments/{volume}", 202, 198, 0.4
    ),
    "nova.event": Route(
        "nova-api", "POST", "/{v}/{service_project}/os-server-external-events", 200, 380, 0.09, internal=True
    ),
    "placement.candidates": Route(
        "nova-placement-api",
        "GET",
        "/allocation_candidates?limit=1000&resources=DISK_GB%3A{disk}%2CMEMORY_MB%3A{ram}%2CVCPU%3A{vcpus}",
        200,
        640,
        0.06,
        internal=True,
    ),
    "placement.allocate": Route("nova-placement-api", "PUT", "/allocations/{instance}", 204, 0, 0.05, internal=True),
    "placement.free": Route("nova-placement-api", "DELETE", "/allocations/{instance}", 204, 0, 0.04, internal=True),
    **messages(
        "nova-api",
        {
            "nova.creating_event": (
                "nova.api.openstack.compute.server_external_events",
                "INFO",
                "Creating event network-vif-plugged:{port} for instance {instance} on {host}",
            ),
            "nova.unplug_event": (
                "nova.api.openstack.compute.server_external_events",
                "INFO",
                "Creating event network-vif-unplugged:{port} for instance {instance} on {host}",
            ),
        },
    ),
    **messages(
        "nova-conductor",
        {
            "conductor.building": (
                "nova.conductor.manager",
                "DEBUG",
                "[instance: {instance}] Handing the build over to the scheduler, flavor {flavor}, image {image}",
            ),
            "conductor.chosen": (
                "nova.conductor.manager",
                "DEBUG",
                "[instance: {instance}] Build goes to host {host}; 2 alternates kept",
            ),
        },
    ),
    **messages(
        "nova-scheduler",
        {
            "scheduler.request": (
                "nova.scheduler.manager",
                "DEBUG",
                "Looking for a destination for 1 instance: {ram} MB, {vcpus} vcpus",
            ),
            "scheduler.filtered": (
                "nova.filters",
                "DEBUG",
                "Filter ComputeFilter left {hosts} host(s)",
            ),
            "scheduler.claimed": (
                "nova.scheduler.filter_scheduler",
                "INFO",
                "[instance: {instance}] Claimed resources on ({host}, {host}) for the request",
            ),
        },
    ),
    **messages(
        "nova-compute",
        {
            "compute.claim": (
                CLAIMS,
                "INFO",
                (
                    "[instance: {instance}] Attempting claim on node {host}: memory {ram} MB, disk {disk} GB, "
                    "vcpus {vcpus} CPU"
                ),
            ),
            "compute.claim_memory": (
                CLAIMS,
                "INFO",
                "[instance: {instance}] Total memory: {total_ram} MB, used: {used_ram}.00 MB",
            ),
            "compute.claim_limit": (
                CLAIMS,
                "INFO",
                "[instance: {instance}] memory limit: {limit_ram}.00 MB, free: {free_ram}.00 MB",
            ),
            "compute.claim_done": (CLAIMS, "INFO", "[instance: {instance}] Claim granted on node {host}"),
            "compute.creating": (LIBVIRT, "INFO", "[instance: {instance}] Creating image on local disk"),
            "compute.config_drive": (LIBVIRT, "INFO", "[instance: {instance}] Using a config drive"),
            "compute.vif_waiting": (
                MANAGER,
                "DEBUG",
                "[instance: {instance}] Preparing to wait for external event network-vif-plugged-{port}",
            ),
            "compute.started": (MANAGER, "INFO", "[instance: {instance}] Guest reports Started (Lifecycle Event)"),
            "compute.paused": (MANAGER, "INFO", "[instance: {instance}] Guest reports Paused (Lifecycle Event)"),
            "compute.resumed": (MANAGER, "INFO", "[instance: {instance}] Guest reports Resumed (Lifecycle Event)"),
            "compute.stopped": (MANAGER, "INFO", "[instance: {instance}] Guest reports Stopped (Lifecycle Event)"),
            "compute.pending_task": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Power state sync finds a pending task (spawning). Skip.",
            ),
            "compute.took_spawn": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Took {took:.2f} seconds to spawn the instance on this hypervisor.",
            ),
            "compute.took_build": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Took {took:.2f} seconds to build instance from request to end.",
            ),
            "compute.terminating": (MANAGER, "INFO", "[instance: {instance}] Terminating instance now"),
            "compute.delete_files": (
                LIBVIRT,
                "INFO",
                "[instance: {instance}] Deleting instance files /var/lib/nova/instances/{instance}_del",
            ),
            "compute.deleted_files": (
                LIBVIRT,
                "INFO",
                "[instance: {instance}] Deletion of /var/lib/nova/instances/{instance}_del is complete",
            ),
            "compute.took_destroy": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Took {took:.2f} seconds to destroy the instance on this hypervisor.",
            ),
            "compute.took_network": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Took {took:.2f} seconds to give back the network of the instance.",
            ),
            "compute.freed": (
                "nova.scheduler.client.report",
                "INFO",
                "Allocation for instance {instance} deleted",
            ),
            "compute.unexpected_event": (
                MANAGER,
                "WARNING",
                (
                    "[instance: {instance}] Received an event nobody waits for: network-vif-unplugged-{port} "
                    "(vm_state active, task_state deleting)"
                ),
            ),
            "compute.rebooting": (MANAGER, "INFO", "[instance: {instance}] Rebooting instance now"),
            "compute.stopping": (MANAGER, "INFO", "[instance: {instance}] Stopping instance on request"),
            "compute.shut": (LIBVIRT, "INFO", "[instance: {instance}] Guest was shut down after {polls} seconds."),
            "compute.migrating": (MANAGER, "INFO", "[instance: {instance}] Migrating to {target}"),
            "compute.finish_resize": (
                LIBVIRT,
                "INFO",
                "[instance: {instance}] Finishing the migration on {target}: disk resized to {disk} GB",
            ),
            "compute.took_resize": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Took {took:.2f} seconds to resize the instance.",
            ),
            "compute.confirm": (
                "nova.compute.resource_tracker",
                "INFO",
                "[instance: {instance}] Dropping the resize claim: memory {ram} MB on node {host}",
            ),
            "compute.premigration": (
                "nova.virt.libvirt.migration",
                "INFO",
                "[instance: {instance}] Raising the downtime limit to {polls} ms after {polls} s of copying",
            ),
            "compute.migrated": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Live migration to {target} has ended well, took {took:.2f} seconds.",
            ),
            "compute.snapshot": (MANAGER, "INFO", "[instance: {instance}] Snapshotting the root disk"),
            "compute.snapshot_upload": (
                LIBVIRT,
                "INFO",
                "[instance: {instance}] Snapshot extracted, beginning image upload",
            ),
            "compute.snapshot_done": (LIBVIRT, "INFO", "[instance: {instance}] Snapshot image upload is complete"),
            "compute.attaching": (
                MANAGER,
                "INFO",
                "[instance: {instance}] Attaching volume {volume} to /dev/{device}",
            ),
            "compute.iscsi": (
                "os_brick.initiator.connectors.iscsi",
                "INFO",
                "Connecting to iSCSI portal {portal}:3260",
            ),
            "compute.iscsi_none": (
                "os_brick.initiator.connectors.iscsi",
                "WARNING",
                "No iscsi sessions yet, iscsiadm says: iscsiadm: No active sessions.",
            ),
            "compute.detaching": (
                "nova.virt.block_device",
                "INFO",
                "[instance: {instance}] Detaching volume {volume} from mountpoint /dev/{device}",
            ),
        },
    ),
    "compute.fetching": Message(
        "nova-compute",
        "nova.virt.libvirt.imagebackend",
        "INFO",
        "[instance: {instance}] Base image {image} is not cached here, fetching {image_mb} MB",
    ),
    "compute.spawned": Message(
        "nova-compute", LIBVIRT, "INFO", "[instance: {instance}] Instance spawned and running.", Context.NONE
    ),
    "compute.destroyed": Message(
        "nova-compute", LIBVIRT, "INFO", "[instance: {instance}] Instance destroyed on the hypervisor.", Context.NONE
    ),
}
