"""Emits records with service, process, request and timestamp."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from zlib import crc32

from core.simulate.active import ActiveDisturbances
from core.simulate.chance import Chance
from core.simulate.deployment import Deployment, Tenant
from core.simulate.foundations.daemons import Daemon, RunsOn
from core.simulate.foundations.forms import Writing
from core.simulate.records import Label, SimulatedRecord
from core.simulate.render import Renderer, Statement
from core.simulate.scenario import Scenario
from core.simulate.script import Context
from core.simulate.subject import Subject, request_id

ON_COMPUTE: Final = frozenset({"nova-compute", "neutron-openvswitch-agent", "ceilometer-agent-compute"})
WORKERS: Final = {"nova-api": 4, "neutron-server": 4, "keystone": 8, "glance-api": 2, "nova-placement-api": 4}
NOBODY: Final = Tenant("", "", "")


class Emitter:
    """Adds service, process, request and timestamp to every record."""

    def __init__(self, scenario: Scenario, renderer: Renderer, active: ActiveDisturbances) -> None:
        self._deployment: Deployment = scenario.deployment
        self._renderer = renderer
        self._active = active
        self._chance = Chance("emitter", scenario.seed)
        self._epoch = scenario.start.timestamp()
        self._last_ms = 0
        self._last_daemon_ms = 0
        self._clock = 0.0
        self._pids: dict[tuple[str, str], tuple[int, ...]] = {}
        self._task_requests: dict[tuple[str, str], str] = {}
        self._daemons = self._chance.branch("daemons")
        self._written: dict[tuple[str, str], int] = {}
        self._boots: dict[str, float] = {}
        self.records: list[SimulatedRecord] = []
        """Records since the caller last cleared the list."""

    def renew(self, services: Iterable[str]) -> None:
        """Give services new process ids, as a restart does."""
        for place in [place for place in self._pids if place[0] in services]:
            del self._pids[place]

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
        if statement.daemon is not None:
            self._emit_daemon(statement.daemon, statement, subject, now, label)
            return
        if statement.level == "DEBUG" and not self._deployment.debug:
            if self._active.debug is None:
                return
            label = self._active.debug
        service = statement.service if statement.service != "*" else str(subject.fields["service"])
        host = subject.host if service in ON_COMPUTE else self._deployment.controller
        if self._active.silent(service, host, everywhere=service not in ON_COMPUTE):
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
                self._renderer.name(service),
                lines,
                label.incident,
                label.kind,
                label.hard_normal,
                request,
                label.role,
                self._renderer.file(service, host, subject.fields),
            )
        )

    def _emit_daemon(self, daemon: Daemon, statement: Statement, subject: Subject, now: float, label: Label) -> None:
        """Write a record of a daemon; those of OpenStack keep the stamps that they have without it."""
        service = statement.service
        host = subject.host if daemon.place is RunsOn.HOST else self._deployment.controller
        everywhere = daemon.place is RunsOn.CONTROLLER
        if self._active.silent(daemon.part_of or service, host, everywhere=everywhere):
            return
        self._last_daemon_ms = max(round((self._epoch + now) * 1000.0), self._last_daemon_ms, self._last_ms)
        stamp = self._last_daemon_ms / 1000.0
        place = (service, host)
        sequence = self._written[place] = self._written.get(place, 0) + 1
        fields = subject.fields
        fields["audit"] = f"{stamp:.3f}:{sequence}"
        writing = Writing(
            service,
            statement.level,
            statement.logger.format_map(fields),
            statement.text.format_map(fields),
            datetime.fromtimestamp(stamp + self._active.clock, UTC),
            fields["fork_pid"] if daemon.forks else self._daemon_pid(place),
            host,
            sequence,
            self._epoch + now - self._boot(host),
        )
        self.records.append(
            SimulatedRecord(
                stamp,
                service,
                self._renderer.render_daemon(daemon, writing),
                label.incident,
                label.kind,
                label.hard_normal,
                "",
                label.role,
                self._renderer.file(service, host, fields),
            )
        )

    def _boot(self, host: str) -> float:
        """Return when a host was booted, in seconds since 1970."""
        if host not in self._boots:
            self._boots[host] = self._epoch - self._daemons.uniform(80_000.0, 9_000_000.0)
        return self._boots[host]

    def _daemon_pid(self, place: tuple[str, str]) -> int:
        if place[0] == "systemd":
            return 1
        if place not in self._pids:
            self._pids[place] = (self._daemons.whole(700, 32000),)
        return self._pids[place][0]

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
            self._task_requests[place] = request_id(self._chance)
        return self._task_requests[place]
