"""State machines: how long a subject stays in a state, and its next state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.simulate import foundations
from core.simulate.lifecycles import compute, network, services
from core.simulate.script import Script


class Transition(NamedTuple):
    """A lifecycle that leads from one state to the next."""

    lifecycle: str
    state: str
    weight: float = 1.0


class StateMachine(NamedTuple):
    """States of a subject; it starts in `new` and ends in `gone`."""

    transitions: Mapping[str, tuple[Transition, ...]]
    dwell: Mapping[str, float]
    """Median seconds in a state; 1 where none is given."""
    project: str = "nova"


LIFECYCLES: Mapping[str, Script] = {
    **compute.LIFECYCLES,
    **network.LIFECYCLES,
    **services.LIFECYCLES,
    **foundations.LIFECYCLES,
}

STATE_MACHINES: Mapping[str, StateMachine] = {
    "server": StateMachine(
        {
            "new": (Transition("boot", "booted"),),
            "booted": (Transition("metadata", "active"),),
            "active": (
                Transition("delete", "gone", 6.0),
                Transition("reboot", "active", 1.2),
                Transition("stop", "shut", 0.8),
                Transition("resize", "active", 0.7),
                Transition("migrate", "active", 0.5),
                Transition("snapshot", "active", 0.7),
                Transition("attach", "attached", 1.5),
                Transition("floating_ip", "active", 1.0),
            ),
            "shut": (Transition("start", "active", 3.0), Transition("delete", "gone")),
            "attached": (Transition("detach", "active"),),
            "error": (Transition("delete", "gone"),),
            "given_up": (Transition("clear_away", "gone"),),
        },
        {"active": 400.0, "shut": 300.0, "attached": 300.0, "error": 20.0},
    ),
    "browse": StateMachine({"new": (Transition("browse", "gone"),)}, {}),
    "network": StateMachine(
        {"new": (Transition("network", "up"),), "up": (Transition("network_delete", "gone"),)}, {"up": 900.0}, "neutron"
    ),
    "security_group": StateMachine({"new": (Transition("security_group", "gone"),)}, {}, "neutron"),
    "volume": StateMachine(
        {"new": (Transition("volume", "available"),), "available": (Transition("volume_delete", "gone"),)},
        {"available": 1200.0},
        "cinder",
    ),
    "token": StateMachine({"new": (Transition("token", "gone"),)}, {}, "keystone"),
    "lookup": StateMachine({"new": (Transition("lookup", "gone"),)}, {}, "keystone"),
    "image": StateMachine(
        {"new": (Transition("image_upload", "saved"),), "saved": (Transition("image_delete", "gone"),)},
        {"saved": 2400.0},
        "glance",
    ),
    "stack": StateMachine(
        {"new": (Transition("stack", "up"),), "up": (Transition("stack_delete", "gone"),)}, {"up": 900.0}, "heat"
    ),
}
