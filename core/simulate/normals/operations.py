"""Hard normals of running a cloud: tenants come, hosts are emptied, images are big and days are busy."""

from __future__ import annotations

from core.simulate.disturbance import Action, Chorus, Disturbance, Effect
from core.simulate.records import Role
from core.simulate.script import Catalogue, Context, Route, Step, messages

CATALOGUE: Catalogue = {
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

NORMALS = (
    Disturbance(
        "new_tenant",
        "A project, its user and its first network and servers are made",
        lasts=(60.0, 120.0),
        chorus=(
            Chorus(
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
        "Servers boot from a big image that is not cached yet: slow, and said so",
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
        chorus=(Chorus((Step("cache.clean"), Step("cache.cleaned", 0.2)), times=1),),
    ),
    Disturbance(
        "maintenance",
        "A host is disabled, emptied by live migration, and enabled again",
        lasts=(100.0, 200.0),
        chorus=(Chorus((Step("host.disabled"),), times=1),),
        provokes=(("migrate", 3),),
        recovery=(Step("host.enabled"),),
    ),
    Disturbance(
        "backup_window",
        "Volumes are backed up; the storage is busy and cinder a little slower",
        lasts=(100.0, 300.0),
        chorus=(Chorus((Step("volume.backup"), Step("volume.backed_up", 20.0)), (20.0, 50.0)),),
        effects=(Effect(("cinder.*",), Action.SLOW, factor=(1.0, 2.0)),),
        needs=frozenset({"cinder"}),
    ),
    Disturbance(
        "power_sync_mismatch",
        "A host that has just been emptied counts its instances",
        lasts=(2.0, 5.0),
        chorus=(Chorus((Step("sync.mismatch"),), times=1, role=Role.NONE),),
    ),
)
