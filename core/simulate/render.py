"""Renders a log statement and its fields to the lines of the log file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zlib import crc32

from core.simulate.deployment import Deployment, LogFormat, LogLayout
from core.simulate.foundations import forms
from core.simulate.foundations.daemons import DAEMONS, Daemon, DaemonForm
from core.simulate.foundations.forms import MONTHS, Writing
from core.simulate.script import Catalogue, Context, Message, Route, Traceback

ACCESS: Final = '{client} "{method} {path} HTTP/1.1" status: {status} len: {length} time: {latency:.7f}'
ACCESS_WIDE: Final = '{client} "{method} {path} HTTP/1.1" status: {status}  len: {length} time: {latency:.7f}'
ACCESS_PLAIN: Final = '{client} - - [{common_time}] "{method} {path} HTTP/1.1" {status} {length} {latency:.6f}'

_INSTANCE: Final = re.compile(r"\[instance: [^\]]*\] ")

RECEIVED, REPLIED = "received", "replied"


class Style(NamedTuple):
    """One record that a service writes about a call."""

    moment: str
    service: str
    logger: str
    text: str
    context: Context = Context.REQUEST


STYLES: Mapping[str, tuple[Style, ...]] = {
    "nova-api": (Style(REPLIED, "nova-api", "nova.osapi_compute.wsgi.server", ACCESS),),
    "nova-placement-api": (
        Style(
            REPLIED,
            "nova-placement-api",
            "nova.api.openstack.placement.requestlog",
            '{client} "{method} /placement{path}" status: {status} len: {length} microversion: 1.10',
        ),
    ),
    "nova-api-metadata": (
        Style(
            REPLIED,
            "nova-api",
            "nova.metadata.wsgi.server",
            ACCESS.replace("{client}", "{ip},{client}"),
            Context.NONE,
        ),
        Style(
            REPLIED,
            "neutron-metadata-agent",
            "eventlet.wsgi.server",
            ACCESS_WIDE.replace("{client}", "{ip},<local>"),
            Context.NONE,
        ),
    ),
    "neutron-server": (Style(REPLIED, "neutron-server", "neutron.wsgi", ACCESS_WIDE),),
    "keystone": (Style(RECEIVED, "keystone", "keystone.common.wsgi", "{method} http://{vip}:5000{path}"),),
    "glance-api": (Style(REPLIED, "glance-api", "eventlet.wsgi.server", ACCESS_PLAIN),),
    "cinder-api": (
        Style(RECEIVED, "cinder-api", "cinder.api.openstack.wsgi", "{method} http://{vip}:8776{path}"),
        Style(
            REPLIED, "cinder-api", "cinder.api.openstack.wsgi", "http://{vip}:8776{path} returned with HTTP {status}"
        ),
        Style(REPLIED, "cinder-api", "eventlet.wsgi.server", ACCESS_WIDE),
    ),
    "heat-api": (Style(REPLIED, "heat-api", "eventlet.wsgi.server", ACCESS),),
}


class Statement(NamedTuple):
    """A log statement in the dialect of the deployment, with fields to fill in."""

    service: str
    logger: str
    level: str
    text: str
    suffix: str
    context: Context
    traceback: tuple[str, ...]
    daemon: Daemon | None = None
    """The program that writes it, where that is not OpenStack's."""


class Call(NamedTuple):
    """The log statements of a call, at its request and at its reply."""

    route: Route
    received: tuple[Statement, ...]
    replied: tuple[Statement, ...]


class Renderer:
    """Wording and formats of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._dialect = deployment.dialect
        self._style = self._dialect.foundations
        if deployment.log_format is LogFormat.SYSLOG:
            self._style = self._style._replace(syslog="rfc3164")
        self._several = len(deployment.hosts) > 1

    def compile(self, catalogue: Catalogue) -> tuple[dict[str, Statement], dict[str, Call]]:
        """Translate a catalogue once: the statements and the calls, by key."""
        statements = {
            key: self._statement(key, entry) for key, entry in catalogue.items() if isinstance(entry, Message)
        }
        calls = {key: self._call(entry) for key, entry in catalogue.items() if isinstance(entry, Route)}
        return statements, calls

    def render(
        self,
        statement: Statement,
        fields: Mapping[str, Any],
        stamp: float,
        pid: int,
        host: str,
        context: str,
    ) -> tuple[str, ...]:
        """Return the lines of one record."""
        text = statement.text.format_map(fields) + statement.suffix
        trace = tuple(line.format_map(fields) for line in statement.traceback)
        service = statement.service if statement.service != "*" else str(fields["service"])
        service = self._dialect.services.get(service, service)
        moment = datetime.fromtimestamp(stamp, UTC)
        if self._deployment.log_format is LogFormat.JSON:
            return (_json(statement, service, text, trace, moment, pid, host, context),)
        head = f"{self._before(service, moment, pid, host)}{_stamp(moment, self._deployment.log_format)} {pid} "
        lines = f"{head}{statement.level} {statement.logger} {context} {text}".split("\n")
        if trace:
            level = self._dialect.trace_level if statement.level == "ERROR" else statement.level
            lines += [f"{head}{level} {statement.logger} {line}" for line in trace]
        return tuple(lines)

    def render_daemon(self, daemon: Daemon, writing: Writing) -> tuple[str, ...]:
        """Return the lines of one record of a daemon."""
        lines = forms.write(daemon.form, writing, self._style)
        if self._deployment.log_format is LogFormat.SYSLOG:
            if daemon.form is not DaemonForm.SYSLOG:
                tag = daemon.prefix if writing.service == "keystone-access" else writing.service
                head = forms.syslog_head(writing.moment, writing.host, tag, self._style)
                lines = [head + "#012".join(lines)]  # rsyslog escapes a line feed in a message
        elif self._deployment.layout is LogLayout.MERGED:
            lines = [f"{daemon.prefix}{self._deployment.file_suffix} {line}" for line in lines]
        return tuple(lines)

    def name(self, service: str) -> str:
        """Return the name of the log file a service writes to, without `.log`."""
        return self._dialect.services.get(service, service)

    def file(self, service: str, host: str, fields: Mapping[str, Any]) -> str:
        """Return the file that a service writes to, relative to the folder of the log; empty for a merged log."""
        layout, daemon = self._deployment.layout, DAEMONS.get(service)
        if layout is LogLayout.MERGED:
            return ""
        if layout is LogLayout.PER_SERVICE:
            return f"{daemon.prefix if daemon else self.name(service)}.log"
        below = f"{host}/" if self._several else ""
        if daemon:
            domain = fields["domain"] if daemon.form is DaemonForm.QEMU else ""
            return below + daemon.path.format(host=host.partition(".")[0], domain=domain)
        name = self.name(service)
        project = "placement" if "placement" in name else service.partition("-")[0]
        return f"{below}{project}/{name}.log"

    def context(self, kind: Context, request: str, user: str, project: str, domain: str) -> str:
        """Return the bracket with the request, user and project."""
        if kind is Context.NONE:
            return "[-]"
        style = self._dialect.request_context if user else self._dialect.task_context
        return style.format(request=request, user=user, project=project, domain=domain)

    def _statement(self, key: str, message: Message) -> Statement:
        daemon = DAEMONS.get(message.service)
        if daemon:
            text = self._dialect.word_of_daemon(key, message.text)
            return Statement(message.service, message.logger, message.level, text, "", Context.NONE, (), daemon)
        logger = self._dialect.logger(message.logger)
        suffix = ""
        if message.level == "DEBUG" and self._dialect.debug_suffix:
            function = key.partition(".")[2]
            suffix = f" {function} {self._dialect.packages}/{logger.replace('.', '/')}.py:{_line_number(key)}"
        return Statement(
            message.service,
            logger,
            self._dialect.level(key, message.level),
            self._dialect.word(key, message.text),
            suffix,
            message.context,
            self._traceback(message.traceback) if message.traceback else (),
        )

    def _traceback(self, traceback: Traceback) -> tuple[str, ...]:
        lines = ["Traceback (most recent call last):"]
        for frame in traceback.frames:
            place, _, code = frame.partition(": ")
            path, _, function = place.partition(" ")
            number = _line_number(self._dialect.name + frame)
            lines += [f'  File "{self._dialect.packages}/{path}", line {number}, in {function}', f"    {code}"]
        return (*lines, self._dialect.word("", traceback.error))

    def _call(self, route: Route) -> Call:
        def statements(moment: str) -> tuple[Statement, ...]:
            return tuple(
                Statement(
                    style.service,
                    self._dialect.logger(style.logger),
                    "INFO",
                    style.text.replace("{method}", route.method).replace("{path}", route.path),
                    "",
                    style.context,
                    (),
                )
                for style in STYLES[route.service]
                if style.moment == moment
            )

        return Call(route, statements(RECEIVED), statements(REPLIED))

    def _prefix(self, service: str) -> str:
        return f"{service}{self._deployment.file_suffix} " if self._deployment.layout is LogLayout.MERGED else ""

    def _before(self, service: str, moment: datetime, pid: int, host: str) -> str:
        if self._deployment.log_format is LogFormat.SYSLOG:
            return f"{MONTHS[moment.month - 1]} {moment.day:2} {moment:%H:%M:%S} {host} {service}[{pid}]: "
        return self._prefix(service)


def common_time(stamp: float) -> str:
    """Return a time in the format of access logs: `16/May/2017 00:00:04`."""
    moment = datetime.fromtimestamp(stamp, UTC)
    return f"{moment:%d}/{MONTHS[moment.month - 1]}/{moment:%Y %H:%M:%S}"


@lru_cache(maxsize=4096)
def _line_number(text: str) -> int:
    return 40 + crc32(text.encode()) % 2200


def _stamp(moment: datetime, log_format: LogFormat) -> str:
    if log_format is LogFormat.ISO:
        return moment.isoformat("T", "milliseconds")
    return moment.replace(tzinfo=None).isoformat(" ", "milliseconds")


def _json(
    statement: Statement,
    service: str,
    text: str,
    trace: Sequence[str],
    moment: datetime,
    pid: int,
    host: str,
    context: str,
) -> str:
    request = next((word for word in context.strip("[]").split() if word.startswith("req-")), None)
    instance = _INSTANCE.match(text)
    record = {
        "message": text[instance.end() :] if instance else text,
        "asctime": _stamp(moment, LogFormat.OSLO).replace(".", ","),
        "name": statement.logger,
        "levelname": statement.level,
        "process": pid,
        "created": round(moment.timestamp(), 6),
        "hostname": host,
        "traceback": list(trace) or None,
        "service": service,
        "context": {"request_id": request, "instance": instance.group() if instance else None},
    }
    return json.dumps(record)
