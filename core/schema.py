"""The 37 inputs of the network, one row each: what it measures, in which unit, its range and what absence looks like.

`SCHEMA_VERSION` is part of every artifact: a model is never fed features of another schema.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SCHEMA_VERSION: Final = 2

SEQUENCE_LENGTH: Final = 50
"""Events that attention of one event can see, itself included."""

WINDOW_SECONDS: Final = 300.0
"""Oldest age that attention and the aggregates reach back to."""


class Feature(NamedTuple):
    """One input of the network."""

    name: str
    unit: str
    low: float
    high: float
    absent: str
    """What the value is when there is nothing to measure."""
    meaning: str

    def clip(self, value: float) -> float:
        """Return a value in this unit, no further out than the range."""
        return min(max(value, self.low), self.high)


NUMERICAL: Final = (
    Feature("stream_gap", "log1p s", 0.0, 5.71, "0: first event", "time since the previous event of the stream"),
    Feature("service_gap", "log1p s", 0.0, 5.71, "5.71: first of its service", "time since the service's last event"),
    Feature("request_gap", "log1p s", 0.0, 5.71, "0: no request, or its first event", "time since the request's last"),
    Feature("instance_gap", "log1p s", 0.0, 5.71, "0: no instance, or its first", "time since the instance's last"),
    Feature("template_surprisal", "nats", 0.0, 16.0, "never", "-log p(template | service) in the baseline"),
    Feature("transition_surprisal", "nats", 0.0, 16.0, "0: no predecessor", "-log p(template | the one before it)"),
    Feature("word_surprisal", "nats", 0.0, 16.0, "0: no words", "the rarest words of the message in the baseline"),
    Feature("rarity", "share", 0.0, 1.0, "1: unseen", "share of the baseline's runs without this template"),
    Feature("latency_z", "z of log s", -6.0, 6.0, "0", "time of an HTTP reply against its route"),
    Feature("size_z", "z of log bytes", -6.0, 6.0, "0", "length of an HTTP reply against its route"),
    Feature("duration_z", "z of log s", -6.0, 6.0, "0", "`took 19.8 seconds` against its template"),
    Feature("stage_z", "z of log s", -6.0, 6.0, "0", "time since the request's or instance's previous stage"),
    Feature("status_surprisal", "nats", 0.0, 16.0, "0: no status", "-log p(status | route) in the baseline"),
    Feature("burst", "log ratio", -6.0, 6.0, "0", "this template in the last minute against its usual most"),
)

BINARY: Final = (
    Feature("names_entity", "flag", 0.0, 1.0, "0", "the record names a request or an instance"),
    Feature("baseline_knows", "flag", 0.0, 1.0, "0", "the baseline is the reference: it knows the service"),
    Feature("new_template", "flag", 0.0, 1.0, "0", "the baseline has never seen this template in this service"),
    Feature("new_transition", "flag", 0.0, 1.0, "0", "known template, but never after the one before it"),
    Feature("severe", "flag", 0.0, 1.0, "0", "level ERROR or CRITICAL"),
    Feature("warning", "flag", 0.0, 1.0, "0", "level WARNING"),
    Feature("failure_words", "flag", 0.0, 1.0, "0", "the message has a failure keyword: refused, timed out, ..."),
    Feature("request_in_trouble", "flag", 0.0, 1.0, "0", "an earlier event of this request or instance was wrong"),
)

CATEGORICAL: Final[dict[str, tuple[str, ...]]] = {
    "service": (
        "unknown",
        "nova-api",
        "nova-compute",
        "nova-conductor",
        "nova-scheduler",
        "nova-placement",
        "nova-other",
        "neutron-server",
        "neutron-openvswitch-agent",
        "neutron-dhcp-agent",
        "neutron-l3-agent",
        "neutron-metadata-agent",
        "neutron-other",
        "cinder-api",
        "cinder-volume",
        "cinder-scheduler",
        "glance",
        "keystone",
        "heat",
        "other",
    ),
    "level": ("unknown", "TRACE", "DEBUG", "INFO", "AUDIT", "WARNING", "ERROR", "CRITICAL"),
    "method": ("unknown", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"),
    "status": ("unknown", "1xx", "2xx", "3xx", "4xx", "404", "5xx"),
    "kind": (
        "unknown",
        "http_request",
        "http_reply",
        "http_client",
        "lifecycle",
        "resources",
        "network",
        "image",
        "volume",
        "token",
        "messaging",
        "database",
        "configuration",
        "process",
        "exception",
    ),
    "familiarity": ("unknown", "never", "rare", "occasional", "common", "always"),
}
"""Vocabulary of each categorical input; index 0 stands for all that is not in it. 64 entries in all."""

AGGREGATES: Final = (
    Feature("rate_ratio", "log ratio", -5.0, 5.0, "0: first seconds", "events per second against what is usual"),
    Feature("warning_share", "share", 0.0, 1.0, "0", "WARNING events among those of 5 minutes"),
    Feature("error_share", "share", 0.0, 1.0, "0", "ERROR and CRITICAL events"),
    Feature("server_error_share", "share", 0.0, 1.0, "0: no replies", "5xx among the HTTP replies"),
    Feature("new_template_share", "share", 0.0, 1.0, "0", "events whose template was never seen"),
    Feature("distinct_templates", "log1p / 5", 0.0, 2.0, "never", "different templates"),
    Feature("mean_surprisal", "nats / 5", 0.0, 3.2, "never", "mean of template_surprisal"),
    Feature("mean_latency_z", "z / 2", -3.0, 3.0, "0: no replies", "mean of latency_z"),
    Feature("overdue_requests", "log1p / 3", 0.0, 3.0, "0", "open requests silent for longer than is usual"),
)
"""Over the trailing 5 minutes, this event included."""

UNSCALED: Final = "rarity"
"""The numerical input that needs no scaler: it is a share already. The 13 others have one each."""

NUMERICAL_NAMES: Final = tuple(feature.name for feature in NUMERICAL)
BINARY_NAMES: Final = tuple(feature.name for feature in BINARY)
AGGREGATE_NAMES: Final = tuple(feature.name for feature in AGGREGATES)
CATEGORICAL_NAMES: Final = tuple(CATEGORICAL)
FEATURE_NAMES: Final = NUMERICAL_NAMES + BINARY_NAMES + CATEGORICAL_NAMES + AGGREGATE_NAMES
SCALED_NAMES: Final = tuple(name for name in NUMERICAL_NAMES if name != UNSCALED)

_BY_NAME: Final = {feature.name: feature for feature in NUMERICAL + BINARY + AGGREGATES}


def feature(name: str) -> Feature:
    """Return the row of a numerical or binary feature or an aggregate; KeyError for any other name."""
    return _BY_NAME[name]
