"""Periodic tasks of services, and monitoring that polls them."""

from __future__ import annotations

from typing import Final

from core.simulate.foundations.timers import TASKS as FOUNDATION_TASKS
from core.simulate.script import Context, Message, Route, Step, Task, TaskHost, messages

TRACKER: Final = "nova.compute.resource_tracker"

CATALOGUE: Final = {
    **messages(
        "nova-compute",
        {
            "task.audit": (TRACKER, "DEBUG", "Auditing locally available compute resources for {host} (node: {host})"),
            "task.resources": (
                TRACKER,
                "INFO",
                (
                    "Final resource view: name={host} phys_ram={total_ram}MB used_ram={used_ram}MB "
                    "phys_disk={total_disk}GB used_disk={used_disk}GB "
                    "total_vcpus=16 used_vcpus={used_vcpus} pci_stats=[]"
                ),
            ),
            "task.image_check": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "image {base_image} at (/var/lib/nova/instances/_base/{base_file}): checking its use",
            ),
            "task.image_used": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                (
                    "image {base_image} at (/var/lib/nova/instances/_base/{base_file}): in use: {used_here} local, "
                    "0 on other nodes that share this storage"
                ),
            ),
            "task.base_files": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "Active base files: /var/lib/nova/instances/_base/{base_file}",
            ),
            "task.power_sync": ("nova.compute.manager", "DEBUG", "Power states of {used_here} instances are in sync"),
            "task.bandwidth": ("nova.compute.manager", "INFO", "Running instance usage audit for host {host}"),
            "task.report": ("nova.servicegroup.drivers.db", "DEBUG", "Reported as alive, update {used_ram}"),
        },
        Context.TASK,
    ),
    **messages(
        "nova-scheduler",
        {
            "task.host_sync": ("nova.scheduler.host_manager", "INFO", "Instances of host '{host}' are in sync."),
            "task.cells": ("nova.scheduler.host_manager", "DEBUG", "Found 2 cells: cell0, cell1"),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-openvswitch-agent",
        {
            "task.ovs_loop": (
                "neutron.plugins.ml2.drivers.openvswitch.agent.ovs_neutron_agent",
                "DEBUG",
                "Agent loop iteration {used_ram} has ended. Elapsed:0.0{used_here}",
            ),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-dhcp-agent",
        {
            "task.dhcp_sync": ("neutron.agent.dhcp.agent", "INFO", "Synchronizing state of all networks"),
            "task.dhcp_fetched": ("neutron.agent.dhcp.agent", "INFO", "All active networks were fetched over RPC."),
            "task.dhcp_done": ("neutron.agent.dhcp.agent", "INFO", "Synchronizing state has ended"),
        },
        Context.TASK,
    ),
    **messages(
        "neutron-l3-agent",
        {"task.l3_sync": ("neutron.agent.l3.agent", "DEBUG", "Periodic sync of {used_here} routers")},
        Context.TASK,
    ),
    **messages(
        "keystone",
        {
            "task.token_flush": (
                "keystone.token.persistence.backends.sql",
                "INFO",
                "Expired tokens removed in total: {used_here}",
            ),
        },
        Context.NONE,
    ),
    **messages(
        "cinder-volume",
        {
            "task.volume_stats": (
                "cinder.volume.manager",
                "INFO",
                "Backend {backend} reports its capabilities: free {total_disk} GB",
            ),
        },
        Context.TASK,
    ),
    **messages(
        "cinder-scheduler",
        {"task.volume_host": ("cinder.scheduler.host_manager", "DEBUG", "Got service update from {backend}")},
        Context.TASK,
    ),
    **messages(
        "heat-engine",
        {"task.heat": ("heat.engine.service", "DEBUG", "Service {host} is updated in the engine's table")},
        Context.TASK,
    ),
    "task.inventories": Route(
        "nova-placement-api", "GET", "/resource_providers/{provider}/inventories", 200, 399, 0.03, internal=True
    ),
    "task.aggregates": Route(
        "nova-placement-api", "GET", "/resource_providers/{provider}/aggregates", 200, 18, 0.02, internal=True
    ),
    "task.allocations": Route(
        "nova-placement-api", "GET", "/resource_providers/{provider}/allocations", 200, 540, 0.04, internal=True
    ),
    "task.ports_of": Route(
        "neutron-server", "GET", "/v2.0/ports?tenant_id={project}&device_id={instance}", 200, 1040, 0.12, internal=True
    ),
    **{
        f"extra.{name}": Message(service, logger, "INFO", text, Context.TASK)
        for name, service, logger, text in (
            (
                "octavia",
                "octavia-health-manager",
                "octavia.controller.healthmanager.health_manager",
                "Heartbeat round over {used_here} amphorae, none is stale",
            ),
            (
                "ceilometer",
                "ceilometer-agent-compute",
                "ceilometer.polling.manager",
                "Polling pollster cpu in the context of meter_source, {used_here} samples",
            ),
            (
                "magnum",
                "magnum-conductor",
                "magnum.service.periodic",
                "Cluster states synchronised: {used_here} clusters",
            ),
            (
                "designate",
                "designate-central",
                "designate.central.service",
                "Zone serials increased: {used_here} zones",
            ),
            (
                "ironic",
                "ironic-conductor",
                "ironic.conductor.manager",
                "Power state loop over {used_here} nodes is done",
            ),
            ("manila", "manila-share", "manila.share.manager", "Share statistics updated for backend {backend}"),
        )
    },
}

TASKS: dict[str, Task] = {
    "resource_audit": Task(
        (
            Step("task.audit"),
            Step("task.aggregates", 0.1),
            Step("task.inventories", 0.03),
            Step("task.allocations", 0.1, chance=0.7),
            Step("task.resources", 0.15),
        ),
        60.0,
        place=TaskHost.COMPUTE,
    ),
    "power_sync": Task((Step("task.power_sync"),), 600.0, place=TaskHost.COMPUTE),
    "report_state": Task((Step("task.report"),), 10.0, place=TaskHost.COMPUTE),
    "image_cache": Task(
        (Step("task.image_check"), Step("task.image_used", 0.001), Step("task.base_files", 0.2)),
        240.0,
        place=TaskHost.COMPUTE,
    ),
    "usage_audit": Task((Step("task.bandwidth"),), 900.0, place=TaskHost.COMPUTE),
    "network_cache": Task((Step("task.ports_of"),), 65.0, 0.2, place=TaskHost.COMPUTE),
    "host_sync": Task((Step("task.host_sync"),), 120.0),
    "cells": Task((Step("task.cells"),), 60.0),
    "ovs_loop": Task((Step("task.ovs_loop"),), 8.0, place=TaskHost.COMPUTE, project="neutron"),
    "dhcp_sync": Task(
        (Step("task.dhcp_sync"), Step("task.dhcp_fetched", 0.4), Step("task.dhcp_done", 0.1)), 300.0, project="neutron"
    ),
    "l3_sync": Task((Step("task.l3_sync"),), 40.0, project="neutron"),
    "neutron_health": Task((Step("neutron.health"),), 10.0, project="neutron"),
    "token_flush": Task((Step("task.token_flush"),), 120.0, project="keystone"),
    "service_tokens": Task((Step("keystone.issue"), Step("keystone.validate", 0.3, repeat=(1, 2))), 6.0, 0.4),
    "monitoring": Task((Step("keystone.validate"), Step("nova.list_all", 0.1)), 7.0, 0.1),
    "monitoring_volumes": Task((Step("cinder.list"),), 60.0, 0.1, project="cinder"),
    "token_cache": Task((Step("auth.cache"),), 1500.0, 0.5, services=("nova-api", "neutron-server", "glance-api")),
    "volume_stats": Task((Step("task.volume_stats"), Step("task.volume_host", 0.1)), 60.0, project="cinder"),
    "heat_report": Task((Step("task.heat"),), 60.0, project="heat"),
    **{
        name: Task((Step(f"extra.{name}"),), every, 0.1, extra=True)
        for name, every in (
            ("octavia", 10.0),
            ("ceilometer", 30.0),
            ("magnum", 60.0),
            ("designate", 45.0),
            ("ironic", 20.0),
            ("manila", 40.0),
        )
    },
    **FOUNDATION_TASKS,
}
