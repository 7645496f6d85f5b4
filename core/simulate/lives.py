"""State machines: how long a thing stays what it is, and what it becomes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.simulate.lifecycles import compute, network, services
from core.simulate.script import Script


class Turn(NamedTuple):
    """A lifecycle that leads from one state to the next."""

    lifecycle: str
    state: str
    weight: float = 1.0


class Life(NamedTuple):
    """States of a thing; it begins in `new` and is over in `gone`."""

    turns: Mapping[str, tuple[Turn, ...]]
    dwell: Mapping[str, float]
    """Median seconds in a state; 1 where none is given."""
    project: str = "nova"


LIFECYCLES: Mapping[str, Script] = {**compute.LIFECYCLES, **network.LIFECYCLES, **services.LIFECYCLES}

LIVES: Mapping[str, Life] = {
    "server": Life(
        {
            "new": (Turn("boot", "booted"),),
            "booted": (Turn("metadata", "active"),),
            "active": (
                Turn("delete", "gone", 6.0),
                Turn("reboot", "active", 1.2),
                Turn("stop", "shut", 0.8),
                Turn("resize", "active", 0.7),
                Turn("migrate", "active", 0.5),
                Turn("snapshot", "active", 0.7),
                Turn("attach", "attached", 1.5),
                Turn("floating_ip", "active", 1.0),
            ),
            "shut": (Turn("start", "active", 3.0), Turn("delete", "gone")),
            "attached": (Turn("detach", "active"),),
            "error": (Turn("delete", "gone"),),
            "given_up": (Turn("clear_away", "gone"),),
        },
        {"active": 400.0, "shut": 300.0, "attached": 300.0, "error": 20.0},
    ),
    "browse": Life({"new": (Turn("browse", "gone"),)}, {}),
    "network": Life(
        {"new": (Turn("network", "up"),), "up": (Turn("network_delete", "gone"),)}, {"up": 900.0}, "neutron"
    ),
    "security_group": Life({"new": (Turn("security_group", "gone"),)}, {}, "neutron"),
    "volume": Life(
        {"new": (Turn("volume", "available"),), "available": (Turn("volume_delete", "gone"),)},
        {"available": 1200.0},
        "cinder",
    ),
    "token": Life({"new": (Turn("token", "gone"),)}, {}, "keystone"),
    "lookup": Life({"new": (Turn("lookup", "gone"),)}, {}, "keystone"),
    "image": Life(
        {"new": (Turn("image_upload", "saved"),), "saved": (Turn("image_delete", "gone"),)}, {"saved": 2400.0}, "glance"
    ),
    "stack": Life({"new": (Turn("stack", "up"),), "up": (Turn("stack_delete", "gone"),)}, {"up": 900.0}, "heat"),
}
