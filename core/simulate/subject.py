"""The subject of a lifecycle: an instance, its tenant, its host, and every other value in its messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.simulate.chance import Chance
from core.simulate.deployment import Tenant
from core.simulate.foundations import fields as foundations
from core.simulate.records import NORMAL, Label
from core.simulate.scenario import Scenario

FLAVORS: Final = (
    ("m1.tiny", 512, 1, 1),
    ("m1.small", 2048, 20, 1),
    ("m1.medium", 4096, 40, 2),
    ("m1.large", 8192, 80, 4),
)

_MAKERS: Mapping[str, Callable[[Chance], Any]] = {
    **dict.fromkeys(
        (
            *("instance", "port", "network", "router", "volume", "floatingip", "segment", "security_group"),
            *("attachment", "stack", "provider"),
        ),
        Chance.uuid,
    ),
    "ip": lambda chance: f"192.168.{chance.whole(0, 20)}.{chance.whole(2, 250)}",
    "mac": lambda chance: "fa:16:3e:" + ":".join(chance.hexadecimal(2) for _ in range(3)),
    "vlan": lambda chance: chance.whole(1, 4000),
    "device": lambda chance: chance.pick(("vdb", "vdc", "vdd")),
    "role": lambda chance: chance.hexadecimal(32),
    "resource": lambda chance: f"server-{chance.hexadecimal(6)}",
    "stack_name": lambda chance: f"stack-{chance.hexadecimal(6)}",
    "client_name": lambda chance: f"svc-{chance.whole(100_000, 999_999)}",
    "volume_gb": lambda chance: chance.pick((1, 5, 10, 20, 100)),
    "image_mb": lambda chance: chance.whole(12, 900),
    "polls": lambda chance: chance.whole(3, 20),
    "used_ram": lambda chance: 512 * chance.whole(1, 60),
    "used_disk": lambda chance: chance.whole(1, 300),
    "used_vcpus": lambda chance: chance.whole(0, 16),
    "used_here": lambda chance: chance.whole(0, 30),
    "number": lambda chance: chance.whole(1, 400),
    "unknown_client": lambda chance: f"203.0.113.{chance.whole(1, 250)}",
    "object": lambda chance: f"0x7f{chance.hexadecimal(10)}",
    **foundations.MAKERS,
}


def request_id(chance: Chance) -> str:
    """Return a new request id."""
    return f"req-{chance.uuid()}"


class Fields(dict[str, Any]):
    """Values in messages, drawn at their first use."""

    def __init__(self, chance: Chance, known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self._chance = chance
        self._known = known
        self._reserved: dict[str, Any] = {}

    def __missing__(self, name: str) -> Any:
        drawn = _MAKERS[name](self._chance)
        value = self[name] = self._reserved.pop(name, drawn)
        return value

    def renew(self) -> None:
        """Forget all values that were drawn."""
        self.clear()
        self.update(self._known)

    def early(self, name: str, chance: Chance) -> Any:
        """Return a value for a message of another program; one not drawn yet is drawn from `chance` and kept.

        The draws of these fields stay as they are without that program.
        """
        if name in self:
            return self[name]
        if name not in self._reserved:
            self._reserved[name] = _MAKERS[name](chance)
        return self._reserved[name]

    def draw_flavor(self) -> None:
        """Draw the flavor of the instance, and the free resources of its host."""
        name, ram, disk, vcpus = self._chance.weighted(FLAVORS, (4, 4, 2, 1))
        used = self["used_ram"]
        self.update(
            flavor=name,
            ram=ram,
            disk=disk,
            vcpus=vcpus,
            limit_ram=self["total_ram"] * 3 // 2,
            free_ram=self["total_ram"] * 3 // 2 - used,
        )


class EchoFields(dict[str, Any]):
    """Values in messages of daemons about the subject of a service."""

    def __init__(self, chance: Chance, fields: Fields) -> None:
        super().__init__()
        self._chance = chance
        self._fields = fields

    def __missing__(self, name: str) -> Any:
        return self._fields.early(name, self._chance)


class Subject:
    """The subject of a lifecycle, with its state."""

    __slots__ = ("building", "caught", "chance", "fields", "host", "label", "lost", "marks", "request", "tenant")

    def __init__(
        self,
        fields: dict[str, Any],
        host: str,
        tenant: Tenant | None,
        request: str,
        chance: Chance,
        label: Label = NORMAL,
    ) -> None:
        self.fields = fields
        self.chance = chance
        """Draws the waits and choices of its scripts."""
        self.host = host
        """Where its work is done: a compute host or the controller."""
        self.tenant = tenant
        self.request = request
        self.label = label
        """Why it exists, where that is not ordinary operation."""
        self.marks: dict[str, float] = {}
        self.caught: dict[int, bool] = {}
        """Effects by number, and whether they hit it."""
        self.building = False
        """Whether it is a server that boots while its client polls it."""
        self.lost: Label | None = None
        """Why it will never be ready although nothing is logged."""


class SubjectFactory:
    """Makes subjects of one cloud: its tenants, hosts, images and addresses stay the same."""

    def __init__(self, scenario: Scenario, scripts: Chance, daemons: Chance) -> None:
        """Take what draws the scripts of OpenStack's subjects, and all that concerns daemons."""
        self._deployment = scenario.deployment
        self._chance = Chance("subjects", scenario.seed)
        self._scripts = scripts
        self._daemons = daemons
        self._callers: dict[str, Tenant] = {}
        self._common = self._common_fields()
        self._hosts = {host: self._host_fields(host) for host in self._deployment.hosts}

    def user_subject(self, host: str = "", label: Label = NORMAL) -> Subject:
        """Return a new subject of a user, on this compute host or on any."""
        tenant = self._chance.pick(self._deployment.tenants)
        host = host or self._chance.pick(self._deployment.computes)
        known = self._hosts[host] | {
            "user": tenant.user,
            "project": tenant.project,
            "image": self._chance.pick(self._images),
        }
        fields = Fields(self._chance, known)
        fields.draw_flavor()
        return Subject(fields, host, tenant, self.request(), self._scripts, label)

    def process_subject(self, host: str, service: str = "") -> Subject:
        """Return a process without a user; a message of any service is emitted by `service`."""
        fields = Fields(self._chance, self._hosts[host] | {"service": service})
        return Subject(fields, host, None, self.request(), self._scripts)

    def daemon_subject(self, host: str, service: str = "") -> Subject:
        """Return the subject of a script of daemons on this host."""
        fields = Fields(self._daemons, {**self._hosts[host], "service": service})
        return Subject(fields, host, None, "", self._daemons)

    def echo_subject(self, subject: Subject) -> Subject:
        """Return the same subject as daemons see it."""
        assert isinstance(subject.fields, Fields)
        fields = EchoFields(self._daemons, subject.fields)
        return Subject(fields, subject.host, None, "", self._daemons, subject.label)

    def request(self) -> str:
        """Return a new request id."""
        return request_id(self._chance)

    def caller(self, service: str) -> Tenant:
        """Return the user under which other services call this one."""
        if service not in self._callers:
            self._callers[service] = Tenant(self._chance.hexadecimal(32), self._common["service_project"], "default")
        return self._callers[service]

    def _common_fields(self) -> dict[str, Any]:
        chance = self._chance.branch("common")
        net = f"10.{chance.whole(0, 250)}.{chance.whole(0, 250)}"
        daemons = chance.branch("daemons")
        self._images = tuple(chance.uuid() for _ in range(chance.whole(2, 6)))
        return {
            "vip": f"{net}.10",
            "client": f"{net}.{chance.whole(11, 60)}",
            "portal": f"{net}.{chance.whole(61, 99)}",
            "amqp": f"{net}.{chance.whole(100, 120)}",
            "database": f"{net}.{chance.whole(121, 140)}",
            "service_project": chance.hexadecimal(32),
            "v": self._deployment.dialect.api_version,
            "backend": f"{self._deployment.controller}@{chance.pick(('lvm', 'ceph', 'iscsi'))}#pool",
            "controller": self._deployment.controller,
            "hosts": len(self._deployment.computes),
            **foundations.common_fields(daemons, net, self._deployment.controller),
        }

    def _host_fields(self, host: str) -> dict[str, Any]:
        chance = self._chance.branch("host", host)
        others = [other for other in self._deployment.computes if other != host] or [host]
        return {
            **self._common,
            "host": host,
            "project": self._common["service_project"],
            "image": self._images[0],
            "target": chance.pick(others),
            "provider": chance.uuid(),
            "total_ram": chance.pick((32168, 64172, 128904, 257812)),
            "total_disk": chance.whole(200, 4000),
            "base_image": chance.pick(self._images),
            "base_file": chance.hexadecimal(40),
        }
