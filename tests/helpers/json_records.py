"""One JSON record of each program that writes them, and the fields that have to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_INSTANCE = "3d6f1a2b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
_TIME = "2026-11-20T10:00:01.123+00:00"

JSON_RECORDS: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "oslo.log, FluentFormatter": (
        {
            "message": "Lock released",
            "time": "2026-11-20 10:00:01,123",
            "name": "oslo_concurrency.lockutils",
            "level": "DEBUG",
            "module": "lockutils",
            "process_name": "MainProcess",
            "hostname": "cmp07",
            "traceback": None,
            "error_summary": "",
            "context": {"request_id": "req-7"},
            "extra": {"instance": {"uuid": _INSTANCE}},
        },
        {
            "timestamp": _TIME,
            "level": "DEBUG",
            "logger": "oslo_concurrency.lockutils",
            "request_id": "req-7",
            "instance_id": _INSTANCE,
            "message": "Lock released",
        },
    ),
    "oslo.log, JSONFormatter, before 2.3": (
        {
            "message": "Failed",
            "asctime": "2026-11-20 10:00:01",
            "msecs": 123.25,
            "name": "nova.api",
            "levelname": "WARN",
            "process": 7,
            "error_summary": "ValueError: x",
            "request_id": "req-7",
            "instance_uuid": _INSTANCE,
        },
        {
            "timestamp": _TIME,
            "level": "WARNING",
            "service": "nova-api",
            "logger": "nova.api",
            "pid": 7,
            "request_id": "req-7",
            "instance_id": _INSTANCE,
            "message": "Failed: ValueError: x",
        },
    ),
    "Kolla, fluentd": (
        {
            "Hostname": "cmp07",
            "Timestamp": "2026-11-20 10:00:01.123",
            "Pid": "7",
            "log_level": "ERROR",
            "python_module": "nova.compute.manager",
            "request_id": "req-7",
            "Payload": f"[instance: {_INSTANCE}] Failed",
            "programname": "nova-compute",
        },
        {
            "timestamp": _TIME,
            "level": "ERROR",
            "service": "nova-compute",
            "logger": "nova.compute.manager",
            "pid": 7,
            "request_id": "req-7",
            "instance_id": _INSTANCE,
            "message": "Failed",
        },
    ),
    "Elastic Common Schema, dotted": (
        {
            "@timestamp": "2026-11-20T10:00:01.123Z",
            "log.level": "error",
            "message": "boom",
            "service.name": "glance-api",
            "log.logger": "glance.api",
            "process.pid": 7,
            "error.stack_trace": "Traceback\n  File",
        },
        {
            "timestamp": _TIME,
            "level": "ERROR",
            "service": "glance",
            "logger": "glance.api",
            "pid": 7,
            "message": "boom\nTraceback\n  File",
        },
    ),
    "Elastic Common Schema, nested": (
        {
            "@timestamp": "2026-11-20T10:00:01.123Z",
            "log": {"level": "warn", "logger": "a.b"},
            "message": "boom",
            "process": {"pid": 7},
            "service": {"name": "nova-api"},
            "error": {"message": "refused"},
        },
        {"level": "WARNING", "service": "nova-api", "logger": "a.b", "pid": 7, "message": "boom: refused"},
    ),
    "logstash": (
        {
            "@timestamp": "2026-11-20T10:00:01.123Z",
            "@version": "1",
            "message": "x",
            "logger_name": "o.x.Y",
            "level": "WARN",
            "level_value": 30000,
        },
        {"timestamp": _TIME, "level": "WARNING", "logger": "o.x.Y", "message": "x"},
    ),
    "journalctl -o json": (
        {
            "__REALTIME_TIMESTAMP": "1795168801123456",
            "PRIORITY": "4",
            "SYSLOG_IDENTIFIER": "haproxy",
            "_PID": "7",
            "_SYSTEMD_UNIT": "haproxy.service",
            "MESSAGE": "Server nova_api/ctl02 is DOWN",
        },
        {
            "timestamp": _TIME,
            "level": "WARNING",
            "service": "haproxy",
            "pid": 7,
            "message": "Server nova_api/ctl02 is DOWN",
        },
    ),
    "journalctl -o json, oslo.log": (
        {
            "__REALTIME_TIMESTAMP": "1795168801123456",
            "PRIORITY": "6",
            "SYSLOG_IDENTIFIER": "nova-compute",
            "_PID": "7",
            "MESSAGE": "2026-11-20 11:00:01.120 8 ERROR nova.compute.manager [req-7 a b] Failed",
        },
        {
            "timestamp": "2026-11-20T11:00:01.120+01:00",
            "level": "ERROR",
            "service": "nova-compute",
            "pid": 8,
            "logger": "nova.compute.manager",
            "request_id": "req-7",
            "message": "Failed",
        },
    ),
    "journalctl -o json, bytes and several lines": (
        {
            "__REALTIME_TIMESTAMP": "1795168801123456",
            "PRIORITY": "3",
            "_COMM": "python3",
            "MESSAGE": [*b"a\x1b[0m\n  b\xff"],
        },
        {"level": "ERROR", "service": "python3", "message": "a\n  b\\xff"},
    ),
    "docker, json-file": (
        {
            "log": "2026-11-20 11:00:01.120 8 ERROR nova.api [-] Failed\n",
            "stream": "stderr",
            "time": "2026-11-20T10:00:01.223456789Z",
        },
        {
            "timestamp": "2026-11-20T11:00:01.120+01:00",
            "level": "ERROR",
            "logger": "nova.api",
            "pid": 8,
            "message": "Failed",
        },
    ),
    "fluent-bit": (
        {
            "log": "2026-11-20 10:00:01.120 8 ERROR nova.api [-] Failed\n",
            "stream": "stderr",
            "time": "2026-11-20T10:00:01.223456789Z",
            "kubernetes": {"pod_name": "nova-api-osapi-7d9f8b6c54-x2x7q", "container_name": "nova-api"},
        },
        {
            "timestamp": "2026-11-20T10:00:01.120+00:00",
            "level": "ERROR",
            "service": "nova-api",
            "pid": 8,
            "message": "Failed",
        },
    ),
    "Filebeat": (
        {
            "@timestamp": "2026-11-20T10:00:01.123Z",
            "message": "2026-11-20 11:00:01.120 8 ERROR oslo.service [req-7 a b] Failed",
            "log": {"offset": 7, "file": {"path": "/var/log/nova/nova-api.log"}},
        },
        {"level": "ERROR", "service": "nova-api", "pid": 8, "request_id": "req-7", "message": "Failed"},
    ),
    "rsyslog": (
        {
            "timestamp": "2026-11-20T10:00:01.5+00:00",
            "host": "h",
            "severity": "err",
            "programname": "nova-api",
            "message": "2026-11-20 10:00:01.120 8 INFO nova.api [-] text",
        },
        {
            "timestamp": "2026-11-20T10:00:01.120+00:00",
            "level": "INFO",
            "service": "nova-api",
            "logger": "nova.api",
            "pid": 8,
            "message": "text",
        },
    ),
    "klog": (
        {"ts": 1795168801123.45, "caller": "app/main.go:10", "msg": "started", "v": 0},
        {"timestamp": _TIME, "level": "INFO", "logger": "app/main.go:10", "message": "started"},
    ),
    "klog, an error": (
        {"ts": 1795168801123.45, "caller": "app/main.go:10", "msg": "failed", "err": "no route"},
        {"level": "ERROR", "message": "failed: no route"},
    ),
    "zap (etcd)": (
        {
            "level": "warn",
            "ts": "2026-11-20T10:00:01.123+0100",
            "caller": "etcdserver/util.go:166",
            "msg": "apply request took too long",
        },
        {"timestamp": "2026-11-20T10:00:01.123+01:00", "level": "WARNING", "message": "apply request took too long"},
    ),
    "zap, seconds": (
        {"level": "dpanic", "ts": 1795168801.123, "logger": "raft", "caller": "raft.go:1", "msg": "lost"},
        {"timestamp": _TIME, "level": "CRITICAL", "logger": "raft", "message": "lost"},
    ),
    "bunyan": (
        {
            "name": "app",
            "hostname": "h",
            "pid": 7,
            "level": 50,
            "msg": "oops",
            "time": "2026-11-20T10:00:01.123Z",
            "v": 0,
        },
        {"timestamp": _TIME, "level": "ERROR", "logger": "app", "pid": 7, "message": "oops"},
    ),
    "pino": (
        {
            "level": 60,
            "time": 1795168801123,
            "pid": 7,
            "hostname": "h",
            "msg": "oops",
            "err": {"type": "Error", "message": "x"},
        },
        {"timestamp": _TIME, "level": "CRITICAL", "pid": 7, "message": "oops: x"},
    ),
    "GELF": (
        {"version": "1.1", "host": "h", "short_message": "x", "timestamp": 1795168801.123, "level": 3},
        {"timestamp": _TIME, "level": "ERROR", "message": "x"},
    ),
    "ceph, cluster log": (
        {
            "name": "mon.a",
            "rank": "mon.0",
            "stamp": "2026-11-20T10:00:01.123456+0000",
            "seq": 1,
            "channel": "cluster",
            "priority": "[WRN]",
            "message": "Health check failed: 1 osds down (OSD_DOWN)",
        },
        {"timestamp": _TIME, "level": "WARNING", "message": "Health check failed: 1 osds down (OSD_DOWN)"},
    ),
    "MySQL 8": (
        {
            "prio": 2,
            "err_code": 10068,
            "subsystem": "Server",
            "msg": "CA certificate is self signed.",
            "time": "2026-11-20T10:00:01.123456Z",
            "thread": 0,
            "SQL_state": "HY000",
            "label": "Warning",
        },
        {"timestamp": _TIME, "level": "WARNING", "logger": "Server", "message": "CA certificate is self signed."},
    ),
    "MySQL 8, without a label": (
        {"prio": 1, "err_code": 13117, "msg": "Plugin failed", "time": "2026-11-20T10:00:01.123456Z"},
        {"level": "ERROR", "message": "Plugin failed"},
    ),
    "nginx": (
        {
            "time_local": "20/Nov/2026:10:00:01 +0000",
            "remote_addr": "10.0.0.1",
            "request": "GET / HTTP/1.1",
            "status": "502",
        },
        {"timestamp": "2026-11-20T10:00:01.000+00:00", "level": ""},
    ),
    "a message that is an object": (
        {"message": {"msg": "inner", "code": 7}, "time": "2026-11-20T10:00:01.123Z", "level": "info"},
        {"level": "INFO", "message": "inner"},
    ),
    "an empty message": (
        {"message": "", "time": "2026-11-20T10:00:01.123Z", "level": "error", "component": "x"},
        {
            "level": "ERROR",
            "message": '{"message": "", "time": "2026-11-20T10:00:01.123Z", "level": "error", "component": "x"}',
        },
    ),
}
