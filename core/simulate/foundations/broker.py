"""RabbitMQ: connections of OpenStack's services, the cluster, and the alarms of a node."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Catalogue, Context, Script, Step, messages

_CONNECTION: Final = "<0.{connection}.0>"
_NODE: Final = "<0.{manager}.0>"
_ENDS: Final = "{net}.{octet}:{client_port} -> {amqp}:5672"
_STARS: Final = "*" * 58
_BLOCKED: Final = f".\n\n{_STARS}\n*** Publishers will be blocked until this alarm clears ***\n{_STARS}"

CATALOGUE: Catalogue = messages(
    "rabbitmq",
    {
        "rabbitmq.accepting": (_CONNECTION, "INFO", f"accepting AMQP connection {_CONNECTION} ({_ENDS})"),
        "rabbitmq.named": (
            _CONNECTION,
            "INFO",
            f"Connection {_CONNECTION} ({_ENDS}) has a client-provided name: {{amqp_client}}",
        ),
        "rabbitmq.authenticated": (
            _CONNECTION,
            "INFO",
            (
                f"connection {_CONNECTION} ({_ENDS} - {{amqp_client}}): user 'openstack' authenticated and granted "
                "access to vhost '/'"
            ),
        ),
        "rabbitmq.closing": (
            _CONNECTION,
            "INFO",
            f"closing AMQP connection {_CONNECTION} ({_ENDS} - {{amqp_client}}, vhost: '/', user: 'openstack')",
        ),
        "rabbitmq.dropped": (
            _CONNECTION,
            "WARNING",
            (
                f"closing AMQP connection {_CONNECTION} ({_ENDS} - {{amqp_client}}, vhost: '/', user: 'openstack'):\n"
                "client unexpectedly closed TCP connection"
            ),
        ),
        "rabbitmq.missed": (
            _CONNECTION,
            "ERROR",
            (
                f"closing AMQP connection {_CONNECTION} ({_ENDS} - {{amqp_client}}):\n"
                "missed heartbeats from client, timeout: 60s"
            ),
        ),
        "rabbitmq.node_down": (_NODE, "INFO", "rabbit on node {peer_node} down"),
        "rabbitmq.tick": (_NODE, "INFO", "node {peer_node} down: net_tick_timeout"),
        "rabbitmq.mirror_down": (
            "<0.{connection}.0>",
            "INFO",
            (
                "Mirrored queue '{queue}' in vhost '/': Master <{node}.1.{connection}.0> saw deaths of mirrors "
                "<{peer_node}.2.{number}.0>"
            ),
        ),
        "rabbitmq.partition": (
            _NODE,
            "ERROR",
            (
                "Mnesia('{node}'): ** ERROR ** mnesia_event got "
                "{{inconsistent_database, running_partitioned_network, '{peer_node}'}}"
            ),
        ),
        "rabbitmq.partial": (
            _NODE,
            "ERROR",
            (
                "Partial partition detected:\n * We saw DOWN from {peer_node}\n"
                " * We can still see {other_node} which can see {peer_node}\n"
                "We will therefore intentionally disconnect from {other_node}"
            ),
        ),
        "rabbitmq.minority": (_NODE, "WARNING", "Cluster minority/secondary status detected - awaiting recovery"),
        "rabbitmq.node_up": (_NODE, "INFO", "node {peer_node} up"),
        "rabbitmq.rabbit_up": (_NODE, "INFO", "rabbit on node {peer_node} up"),
        "rabbitmq.synced": (
            "<0.{connection}.0>",
            "INFO",
            "Mirrored queue '{queue}' in vhost '/': Synchronising: {number} messages to synchronise",
        ),
        "rabbitmq.memory_set": (
            _NODE,
            "INFO",
            "vm_memory_high_watermark set. Memory used:{memory_used} allowed:{memory_limit}",
        ),
        "rabbitmq.memory_alarm": (_NODE, "WARNING", "memory resource limit alarm set on node {node}" + _BLOCKED),
        "rabbitmq.memory_clear": (
            _NODE,
            "INFO",
            "vm_memory_high_watermark clear. Memory used:{memory_left} allowed:{memory_limit}",
        ),
        "rabbitmq.memory_cleared": (_NODE, "WARNING", "memory resource limit alarm cleared on node {node}"),
        "rabbitmq.disk_low": (
            _NODE,
            "INFO",
            "Free disk space is insufficient. Free bytes: {disk_free}. Limit: 50000000",
        ),
        "rabbitmq.disk_alarm": (_NODE, "WARNING", "disk resource limit alarm set on node {node}" + _BLOCKED),
        "rabbitmq.disk_cleared": (_NODE, "WARNING", "disk resource limit alarm cleared on node {node}"),
        "rabbitmq.stopping": (_NODE, "INFO", "RabbitMQ is asked to stop..."),
        "rabbitmq.listening": (_NODE, "INFO", "started TCP listener on [::]:5672"),
        "rabbitmq.started": (_NODE, "INFO", "Server startup complete; 4 plugins started."),
    },
    Context.NONE,
)

LIFECYCLES: dict[str, Script] = {
    "amqp_connect": (
        Step("rabbitmq.accepting"),
        Step("rabbitmq.named", 0.01),
        Step("rabbitmq.authenticated", 0.005),
    ),
    "amqp_close": (Step("rabbitmq.closing"),),
    "amqp_drop": (Step("rabbitmq.dropped"),),
}
