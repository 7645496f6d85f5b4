"""Values in the messages of daemons, drawn at their first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.simulate.chance import Chance

_CLIENTS: Final = (
    *("nova-compute", "nova-conductor", "nova-scheduler", "neutron-server", "neutron-openvswitch-agent"),
    *("neutron-dhcp-agent", "cinder-volume", "cinder-scheduler", "heat-engine"),
)

MAKERS: Final[Mapping[str, Callable[[Chance], Any]]] = {
    "connection": lambda chance: chance.whole(600, 60_000),
    "octet": lambda chance: chance.whole(11, 60),
    "client_port": lambda chance: chance.whole(32_768, 60_999),
    "amqp_client": lambda chance: f"{chance.pick(_CLIENTS)}:{chance.whole(900, 32_000)}:{chance.uuid()}",
    "queue": lambda chance: chance.pick(
        ("conductor", "scheduler", "q-plugin", "q-reports-plugin", "cinder-volume", f"reply_{chance.hexadecimal(32)}")
    ),
    "memory_used": lambda chance: chance.whole(3_300_000_000, 3_600_000_000),
    "memory_left": lambda chance: chance.whole(2_100_000_000, 3_200_000_000),
    "disk_free": lambda chance: 4096 * chance.whole(10, 9000),
    "thread": lambda chance: chance.whole(60, 90_000),
    "schema": lambda chance: chance.pick(("nova", "nova_api", "neutron", "cinder", "keystone", "glance")),
    "view": lambda chance: chance.whole(20, 400),
    "seqno": lambda chance: chance.whole(1_000_000, 90_000_000),
    "slow_ms": lambda chance: chance.whole(1100, 9000),
    "few": lambda chance: chance.whole(1, 9),
    "percent": lambda chance: chance.whole(51, 99),
    "check_ms": lambda chance: chance.whole(1, 9),
    "sessions": lambda chance: chance.whole(0, 6),
    "domain": lambda chance: f"instance-{chance.whole(16, 60_000):08x}",
    "machine": lambda chance: chance.whole(2, 900),
    "ofport": lambda chance: chance.whole(4, 400),
    "serial": lambda chance: chance.whole(10_000, 9_000_000),
    "victim": lambda chance: chance.whole(2_000, 400_000),
    "resident": lambda chance: chance.whole(8_000_000, 40_000_000),
    "virtual": lambda chance: chance.whole(41_000_000, 90_000_000),
    "sector": lambda chance: 8 * chance.whole(10_000, 90_000_000),
    "inode": lambda chance: chance.whole(100_000, 900_000),
    "quiesce": lambda chance: 1000 << chance.whole(0, 5),
    "counter": lambda chance: chance.whole(1, 5),
    "session": lambda chance: chance.whole(2, 9000),
    "login": lambda chance: chance.pick(("ubuntu", "ops", "monitor")),
    "guess": lambda chance: chance.pick(("admin", "test", "oracle", "git", "pi", "postgres")),
    "fingerprint": lambda chance: chance.hexadecimal(40),
    "fork_pid": lambda chance: chance.whole(2_000, 900_000),
    "accounting": lambda chance: chance.whole(20, 400),
}


def peers_of(controller: str) -> tuple[str, str]:
    """Return the names of the two controllers beside this one: ctl02 and ctl03 for ctl01."""
    name, dot, domain = controller.partition(".")
    stem = name.rstrip("0123456789")
    number = name[len(stem) :]
    first = int(number) if number else 1
    rest = f"{dot}{domain}"
    width = len(number)
    return f"{stem}{first + 1:0{width}}{rest}", f"{stem}{first + 2:0{width}}{rest}"


def common_fields(chance: Chance, net: str, controller: str) -> dict[str, Any]:
    """Return what stays the same in one cloud whose control network is `net`."""
    peer, other = peers_of(controller)
    short = controller.partition(".")[0]
    return {
        "net": net,
        "server": short,
        "node": f"rabbit@{short}",
        "peer_node": f"rabbit@{peer.partition('.')[0]}",
        "other_node": f"rabbit@{other.partition('.')[0]}",
        "peer_server": peer.partition(".")[0],
        "peer_ip": f"{net}.{chance.whole(141, 150)}",
        "manager": chance.whole(200, 600),
        "memory_limit": 3_281_000_000 + 1000 * chance.whole(0, 9000),
        "galera_id": f"{chance.hexadecimal(8)}-{chance.hexadecimal(4)}",
        "galera_peer": f"{chance.hexadecimal(8)}-{chance.hexadecimal(4)}",
        "galera_state": chance.uuid(),
        "dhcp_port": chance.uuid(),
    }
