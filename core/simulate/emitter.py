"""Emits records: gives each its service, process, request and stamp, and makes the subjects that they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from zlib import crc32

from core.simulate.active import ActiveDisturbances
from core.simulate.chance import Chance
from core.simulate.deployment import Deployment, Tenant
from core.simulate.records import NORMAL, Label, SimulatedRecord
from core.simulate.render import Renderer, Statement
from core.simulate.scenario import Scenario
from core.simulate.script import Context
from core.simulate.subject import Fields, Subject

ON_COMPUTE: Final = frozenset({"nova-compute", "neutron-openvswitch-agent", "ceilometer-agent-compute"})
WORKERS: Final = {"nova-api": 4, "neutron-server": 4, "keystone": 8, "glance-api": 2, "nova-placement-api": 4}
NOBODY: Final = Tenant("", "", "")


class Emitter:
    """Gives every record its service, process, request and stamp."""

    def __init__(self, scenario: Scenario, renderer: Renderer, active: ActiveDisturbances) -> None:
        self._deployment: Deployment = scenario.deployment
        self._renderer = renderer
        self._active = active
        self._chance = Chance("emitter", scenario.seed)
        self._epoch = scenario.start.timestamp()
        self._last_ms = 0
        self._clock = 0.0
        self._pids: dict[tuple[str, str], tuple[int, ...]] = {}
        self._task_requests: dict[tuple[str, str], str] = {}
        self._callers: dict[str, Tenant] = {}
        self._common = self._common_fields()
        self._hosts = {
            host: self._host_fields(host) for host in (scenario.deployment.controller, *scenario.deployment.computes)
        }
        self.records: list[SimulatedRecord] = []
        """Records since they were last taken away."""

    def subject(self, host: str = "", label: Label = NORMAL) -> Subject:
        """Return somebody's new thing, on this compute host or on any."""
        tenant = self._chance.pick(self._deployment.tenants)
        host = host or self._chance.pick(self._deployment.computes)
        known = self._hosts[host] | {
            "user": tenant.user,
            "project": tenant.project,
            "image": self._chance.pick(self._images),
        }
        fields = Fields(self._chance, known)
        fields.draw_flavor()
        return Subject(fields, host, tenant, self.request(), label)

    def process(self, host: str, service: str = "") -> Subject:
        """Return a process that works for nobody; a message of any service is emitted by `service`."""
        fields = Fields(self._chance, self._hosts[host] | {"service": service})
        return Subject(fields, host, None, self.request())

    def request(self) -> str:
        """Return a new request id."""
        return f"req-{self._chance.uuid()}"

    def renew(self, services: Iterable[str]) -> None:
        """Give services new process ids, as a restart does."""
        for place in [place for place in self._pids if place[0] in services]:
            del self._pids[place]

    def caller(self, service: str) -> Tenant:
        """Return the user under which other services call this one."""
        if service not in self._callers:
            self._callers[service] = Tenant(self._chance.hexadecimal(32), self._common["service_project"], "default")
        return self._callers[service]

    def emit(
        self,
        statement: Statement,
        subject: Subject,
        now: float,
        label: Label,
        *,
        request: str = "",
        tenant: Tenant | None = None,
    ) -> None:
        """Write a record, unless its service is silent or its level is not logged.

        `request` and `tenant` are those of a call that is not the subject's own.
        """
        if statement.level == "DEBUG" and not self._deployment.debug:
            if self._active.debug is None:
                return
            label = self._active.debug
        service = statement.service if statement.service != "*" else str(subject.fields["service"])
        host = subject.host if service in ON_COMPUTE else self._deployment.controller
        if self._active.silent(service, host if service in ON_COMPUTE else ""):
            return
        owner = tenant or subject.tenant or NOBODY
        if statement.context is Context.TASK:
            request, owner = self._task_request(service, host), NOBODY
        elif statement.context is Context.NONE:
            request = ""
        else:
            request = request or subject.request
        milliseconds = max(round((self._epoch + now) * 1000.0), self._last_ms + 1)
        self._last_ms = milliseconds
        stamp = milliseconds / 1000.0
        context = self._renderer.context(statement.context, request, owner.user, owner.project, owner.domain)
        pid = self._pid(service, host, request)
        if self._clock != self._active.clock:
            self._clock = self._active.clock
            label = self._active.stepped
        lines = self._renderer.render(statement, subject.fields, stamp + self._clock, pid, host, context)
        self.records.append(
            SimulatedRecord(
                stamp,
                self._renderer.file(service),
                lines,
                label.incident,
                label.kind,
                label.hard_normal,
                request,
                label.role,
            )
        )

    def _pid(self, service: str, host: str, request: str) -> int:
        place = (service, host)
        if place not in self._pids:
            first = self._chance.whole(1200, 32000)
            self._pids[place] = tuple(first + number for number in range(WORKERS.get(service, 1)))
        workers = self._pids[place]
        return workers[crc32(request.encode()) % len(workers)]

    def _task_request(self, service: str, host: str) -> str:
        place = (service, host)
        if place not in self._task_requests:
            self._task_requests[place] = self.request()
        return self._task_requests[place]

    def _common_fields(self) -> dict[str, Any]:
        chance = self._chance.branch("common")
        net = f"10.{chance.whole(0, 250)}.{chance.whole(0, 250)}"
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
