"""All that one stream is watched for: the stream as a whole, its hosts, their services, and the lines of these."""

from __future__ import annotations

from typing import Final

from core.events import SEVERE_LEVELS, LogEvent
from core.features.watches import EVERYTHING, Hosts, Watch, is_named, stopped_by
from core.templates import Template

_SERVICES: Final = 500
"""Services that are watched: far more than a log has."""
_LINES: Final = 200
"""Templates of one service that are watched: the periodic ones are soon among those that came last."""
_FAULTS: Final = frozenset({"WARNING", *SEVERE_LEVELS})


class WatchTree:
    """What is watched, as parts of wholes; what came longest ago is forgotten where there is too much."""

    __slots__ = ("_by_host", "_services", "armed", "hosts", "root")

    def __init__(self) -> None:
        self.root = Watch(EVERYTHING, None)
        """The stream as a whole."""
        self.hosts = Hosts()
        self.armed = 0
        """Watches that are regular enough to be missed."""
        self._by_host: dict[str, Watch] = {}
        self._services: dict[tuple[str, str], Watch] = {}

    def service(self, event: LogEvent, host: str) -> Watch:
        """Return the watch of an event's service on its host."""
        return self._services.get((host, event.service)) or self._begin(event, host)

    def line(self, service: Watch, event: LogEvent, template: Template) -> Watch:
        """Return the watch of a template of a service."""
        return service.parts.get(template.id) or self._begin_line(service, event, template)

    def counts(self, watch: Watch) -> bool:
        """Tell whether it is more than one service: what holds one alone is silent with it."""
        if watch is self.root:
            return len(self._services) > 1
        return watch.is_service or watch.is_line or (len(self._by_host) > 1 and len(watch.parts) > 1)

    def told_host(self, watch: Watch) -> str:
        """Return the host that a silence names beside the service; empty where there is but one."""
        return watch.host if watch.host != watch.name and len(self._by_host) > 1 else ""

    def excuse(self, event: LogEvent, host: str) -> None:
        """Expect nothing of what systemd stopped in good order until it is back."""
        stopped = stopped_by(event)
        if stopped is None:
            return
        if stopped == EVERYTHING:
            (self._by_host.get(host) or self.root).is_excused = True
            return
        for (where, name), service in self._services.items():
            if where in {"", host} and is_named(name, stopped):
                service.is_excused = True

    def tell_hosts_apart(self) -> None:
        """Begin again: what is known of a service of all hosts together is of no use from here on."""
        self.hosts.is_fresh = False
        self._forget(list(self.root.below()))
        self.root.parts.clear()
        self._services.clear()
        self._by_host.clear()

    def _begin(self, event: LogEvent, host: str) -> Watch:
        """Begin to watch a service."""
        if len(self._services) >= _SERVICES:
            self._forget_oldest()
        parent = self.root
        if host:
            known = self._by_host.get(host)
            if known is None:
                known = self._by_host[host] = self.root.parts[host] = Watch(host, self.root, host=host)
            parent = known
        service = self._services[host, event.service] = Watch(event.service, parent, host=host, is_service=True)
        parent.parts[host, event.service] = service
        return service

    def _begin_line(self, service: Watch, event: LogEvent, template: Template) -> Watch:
        """Begin to watch a template of a service."""
        lines = service.parts
        if len(lines) >= _LINES:
            oldest = sorted(lines, key=lambda key: lines[key].last)[: _LINES // 2]
            self._forget([lines.pop(key) for key in oldest])
        line = lines[template.id] = Watch(service.name, service, host=service.host, line=template.text)
        # That a client asks no more is no silence of the service, and that a fault is over is none either.
        line.is_fault = template.failure_words or event.level in _FAULTS
        line.is_watched = not template.kind.startswith("http")
        return line

    def _forget_oldest(self) -> None:
        oldest = sorted(self._services, key=lambda key: self._services[key].last)[: _SERVICES // 2]
        for key in oldest:
            service = self._services.pop(key)
            if service.parent is not None:
                del service.parent.parts[key]
            self._forget([service, *service.below()])

    def _forget(self, watches: list[Watch]) -> None:
        for watch in watches:
            watch.is_held = False
            self.armed -= watch.is_armed
