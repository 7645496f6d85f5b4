"""Hard normals of running a cloud: tenants come, hosts are emptied, images are big and days are busy."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import Catalogue, Context, Message, Route, Step, messages

CATALOGUE: Catalogue = {
    "db.stale": Message(
        "*",
        "oslo_db.sqlalchemy.engines",
        "WARNING",
        "Database connection was found disconnected; it is replaced by a new one: MySQL server has gone away",
        Context.TASK,
    ),
    "image.retry": Message(
        "nova-compute",
        "nova.image.glance",
        "WARNING",
        "Download of image {image} broke off, server {vip}:9292, trying once more.",
    ),
    "iscsi.rescan": Message(
        "nova-compute",
        "os_brick.initiator.connectors.iscsi",
        "WARNING",
        "Device of volume {volume} is not there after the first scan, scanning a second time.",
    ),
    **messages(
        "nova-compute",
        {
            "cache.clean": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "Removable base files: /var/lib/nova/_base/{volume}",
            ),
            "cache.cleaned": (
                "nova.virt.libvirt.imagecache",
                "INFO",
                "Removing base or swap file: /var/lib/nova/_base/{volume}, unused for {number} hours",
            ),
            "host.disabled": (
                "nova.compute.manager",
                "INFO",
                "Host {host} was disabled by its operator: maintenance",
            ),
            "host.enabled": ("nova.compute.manager", "INFO", "Host {host} was enabled by its operator"),
            "sync.mismatch": (
                "nova.compute.manager",
                "WARNING",
                "While power states are synchronized, found {hosts} instances in the database and 0 on the hypervisor.",
            ),
        },
        Context.TASK,
    ),
    **messages(
        "cinder-volume",
        {
            "volume.backup": (
                "cinder.backup.manager",
                "INFO",
                "Backup of volume {volume} has begun, nightly window",
            ),
            "volume.backed_up": (
                "cinder.backup.manager",
                "INFO",
                "Backup of volume {volume} has ended, took {number}.20 seconds",
            ),
        },
        Context.TASK,
    ),
    "upgrade.servers": Route("nova-api", "GET", "/{v}/{project}/servers/{instance}/topology", 200, 480, 0.12),
}

NORMALS: Final = (
    Disturbance(
        "one_slow_reply",
        "A single listing takes several times as long as others",
        lasts=(60.0, 120.0),
        effects=(Effect(("nova.list",), Action.SLOW, factor=(5.0, 9.0), victims=1),),
        provokes=(("browse", 1),),
    ),
    Disturbance(
        "stale_connection",
        "A database connection was idle for too long and is replaced at first use",
        lasts=(2.0, 5.0),
        repeats=(Repeated((Step("db.stale"),), times=1, services=("nova-conductor", "keystone")),),
    ),
    Disturbance(
        "image_retry",
        "An image download breaks off and succeeds when tried again",
        lasts=(5.0, 10.0),
        repeats=(Repeated((Step("image.retry"), Step("glance.download", 1.0)), times=1, users=True),),
    ),
    Disturbance(
        "second_scan",
        "A volume's device shows up at the second scan",
        lasts=(60.0, 120.0),
        effects=(Effect(("cinder.attached",), Action.ADD, (Step("iscsi.rescan", 1.0),), victims=1),),
        provokes=(("attach", 1),),
        needs=frozenset({"cinder"}),
    ),
    Disturbance(
        "new_tenant",
        "A project, its user and its first network and servers are made",
        lasts=(60.0, 120.0),
        repeats=(
            Repeated(
                (
                    Step("keystone.create_project"),
                    Step("keystone.create_user", 0.5),
                    Step("keystone.grant", 0.4),
                ),
                times=1,
                users=True,
            ),
        ),
        provokes=(("network", 1), ("server", 1)),
    ),
    Disturbance(
        "big_image",
        "Servers boot from a big image that is not cached yet: slow, and records so",
        lasts=(200.0, 300.0),
        effects=(
            Effect(("compute.fetching",), Action.SLOW, factor=(1.0, 1.0), local=True),
            Effect(("glance.download",), Action.SLOW, factor=(6.0, 12.0), local=True),
            Effect(
                ("compute.started",),
                Action.ADD,
                (Step("compute.fetching", 0.1), Step("glance.download", 30.0)),
                local=True,
            ),
            Effect(("compute.took_spawn", "compute.took_build"), Action.MARK),
        ),
        provokes=(("server", 1),),
    ),
    Disturbance(
        "load_peak",
        "Everybody comes at once: four times the load, a little slower",
        lasts=(200.0, 500.0),
        effects=(Effect(("nova.*", "neutron.*", "keystone.*"), Action.SLOW, factor=(1.0, 1.8)),),
        load=4.0,
    ),
    Disturbance(
        "cache_cleanup",
        "The image cache removes base files that nobody uses any more",
        lasts=(5.0, 15.0),
        repeats=(Repeated((Step("cache.clean"), Step("cache.cleaned", 0.2)), times=1),),
    ),
    Disturbance(
        "maintenance",
        "A host is disabled, emptied by live migration, and enabled again",
        lasts=(100.0, 200.0),
        repeats=(Repeated((Step("host.disabled"),), times=1),),
        provokes=(("migrate", 3),),
        recovery=(Step("host.enabled"),),
    ),
    Disturbance(
        "backup_window",
        "Volumes are backed up; the storage is busy and cinder a little slower",
        lasts=(100.0, 300.0),
        repeats=(Repeated((Step("volume.backup"), Step("volume.backed_up", 20.0)), (20.0, 50.0)),),
        effects=(Effect(("cinder.*",), Action.SLOW, factor=(1.0, 2.0)),),
        needs=frozenset({"cinder"}),
    ),
    Disturbance(
        "power_sync_mismatch",
        "A host that has just been emptied counts its instances",
        lasts=(2.0, 5.0),
        repeats=(Repeated((Step("sync.mismatch"),), times=1, role=Role.NONE),),
    ),
)
