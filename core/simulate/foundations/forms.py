"""Writes the records of daemons, each program in its own form.

Sources: RabbitMQ (logging guide, and the formatters of 3.6, 3.8 and 3.9), MariaDB and MySQL (error log), libvirt
(virLogFormat), Open vSwitch (ovs-appctl(8), vlog), RFC 3164, rsyslog (RSYSLOG_FileFormat), the kernel's printk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from zlib import crc32

from core.simulate.foundations.daemons import DaemonForm

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Versions(NamedTuple):
    """Versions of the programs, as far as the form of their log depends on it."""

    rabbitmq: str = "3.8"
    """`3.6` writes Erlang reports, `3.8` one head a record, `3.9` one head a line."""
    database: str = "mariadb"
    """`mariadb` from 10.1 on, `mysql5` with a short year, or `mysql8`."""
    syslog: str = "rfc3164"
    """`rfc3164`, or `iso` for rsyslog's own file format."""


class Writing(NamedTuple):
    """One record of a daemon before it has a form."""

    service: str
    level: str
    logger: str
    text: str
    moment: datetime
    pid: int
    host: str
    sequence: int
    """Number of the record among those of its process."""
    uptime: float
    """Seconds since the host was booted."""


Writer = Callable[[Writing, Versions], list[str]]


def write(form: DaemonForm, writing: Writing, style: Versions) -> list[str]:
    """Return the lines of a record."""
    return _WRITERS[form](writing, style)


def syslog_head(moment: datetime, host: str, tag: str, style: Versions) -> str:
    """Return what a log daemon puts before a line of a program."""
    if style.syslog == "iso":
        return f"{moment.isoformat('T', 'microseconds')} {host} {tag}: "
    return f"{MONTHS[moment.month - 1]} {moment.day:2} {moment:%H:%M:%S} {host} {tag}: "


def _micro(writing: Writing) -> datetime:
    """Return the moment with microseconds, which the clock of the simulation has not."""
    return writing.moment.replace(microsecond=writing.moment.microsecond // 1000 * 1000 + _digest(writing) % 1000)


def _digest(writing: Writing) -> int:
    return crc32(f"{writing.text}{writing.sequence}".encode())


def _rabbitmq(writing: Writing, style: Versions) -> list[str]:
    level, lines = writing.level.lower(), writing.text.split("\n")
    if style.rabbitmq == "3.6":
        moment = writing.moment
        stamp = f"{moment.day}-{MONTHS[moment.month - 1]}-{moment:%Y::%H:%M:%S}"
        return [f"={writing.level} REPORT==== {stamp} ===", *lines]
    if style.rabbitmq == "3.8":
        head = f"{writing.moment:%Y-%m-%d %H:%M:%S}.{writing.moment.microsecond // 1000:03} [{level}] {writing.logger} "
        return [head + lines[0], *lines[1:]]
    head = f"{_micro(writing).isoformat(' ', 'microseconds')} [{level}] {writing.logger} "
    return [head + line for line in lines]


def _mariadb(writing: Writing, style: Versions) -> list[str]:
    level = {"INFO": "Note", "WARNING": "Warning"}.get(writing.level, "ERROR")
    moment, first, *more = writing.moment, *writing.text.split("\n")
    if style.database == "mysql8":
        part = "Galera" if first.startswith("WSREP: ") else "InnoDB" if first.startswith("InnoDB: ") else "Server"
        code = 0 if part == "Galera" else 10000 + crc32(first[:24].encode()) % 3900
        text = first.removeprefix("WSREP: ").removeprefix("InnoDB: ")
        stamp = _micro(writing).replace(tzinfo=None).isoformat("T", "microseconds")
        return [f"{stamp}Z {writing.logger} [{level}] [MY-{code:06}] [{part}] {text}", *more]
    if style.database == "mysql5":
        return [f"{moment:%y%m%d} {moment.hour:2}:{moment:%M:%S} [{level}] {first}", *more]
    return [f"{moment:%Y-%m-%d} {moment.hour:2}:{moment:%M:%S} {writing.logger} [{level}] {first}", *more]


def _libvirt(writing: Writing, _: Versions) -> list[str]:
    place = f"{writing.logger} : " if writing.logger else ""
    return [f"{_utc(writing.moment)}: {writing.pid}: {writing.level.lower()} : {place}{writing.text}"]


def _qemu(writing: Writing, _: Versions) -> list[str]:
    first, *more = writing.text.split("\n")
    return [f"{_utc(writing.moment)}: {first}", *more]


def _utc(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat(' ', 'milliseconds')}+0000"


def _vswitch(writing: Writing, _: Versions) -> list[str]:
    level = {"WARNING": "WARN", "ERROR": "ERR", "CRITICAL": "EMER"}.get(writing.level, writing.level)
    stamp = writing.moment.replace(tzinfo=None).isoformat("T", "milliseconds")
    return [f"{stamp}Z|{writing.sequence:05}|{writing.logger}|{level}|{writing.text}"]


def _syslog(writing: Writing, style: Versions) -> list[str]:
    kernel = writing.service == "kernel"
    tag = "kernel" if kernel else f"{writing.service}[{writing.pid}]"
    since_boot = f"[{writing.uptime:12.6f}] " if kernel else ""
    return [f"{syslog_head(_micro(writing), writing.host, tag, style)}{since_boot}{writing.text}"]


def _access(writing: Writing, _: Versions) -> list[str]:
    return [writing.text]


_WRITERS: Final[Mapping[DaemonForm, Writer]] = {
    DaemonForm.RABBITMQ: _rabbitmq,
    DaemonForm.MARIADB: _mariadb,
    DaemonForm.LIBVIRT: _libvirt,
    DaemonForm.QEMU: _qemu,
    DaemonForm.VSWITCH: _vswitch,
    DaemonForm.SYSLOG: _syslog,
    DaemonForm.ACCESS: _access,
}
