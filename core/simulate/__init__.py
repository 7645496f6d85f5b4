"""A simulated OpenStack that writes its logs, with the truth about every line.

    for record in simulate(Scenario(seed=7, incidents=[("slow_spawn", 600)])): ...
    write(simulate(Scenario(seed=7, incidents="random")), Path("cloud.log"))      # and cloud.truth.jsonl

What is simulated is data, in tables:

    script.py       the rows: messages, REST routes, tracebacks, steps
    lifecycles/     what services log, step by step, when a server boots, a volume is attached, ...
    machines.py     which lifecycle follows which in the life of a server, a network, a volume, ...
    periodic.py     tasks by the clock
    incidents/      what goes wrong, and normals/ what only looks so; disturbance.py has the columns of both
    catalogue.py    all messages and routes by key

Which cloud it happens to, and what it looks like there:

    dialects.py     wording and format of a release, or of a deployment nobody has seen
    deployment.py   hosts, tenants, rates, log format
    scenario.py     a deployment, a seed, a time, and what comes over it when

And the machinery, in the order in which a record passes:

    engine.py       the event loop; active.py knows which disturbances are on and what they hit
    subject.py      what a lifecycle is about, with the values that its messages name
    emitter.py      service, process, request and stamp
    render.py       the lines
    simulation.py   the iterator over all that; truth.py and live.py write it
"""

from __future__ import annotations

from core.simulate.deployment import Deployment, Layout, LogFormat
from core.simulate.incidents import INCIDENTS
from core.simulate.live import append_live
from core.simulate.normals import HARD_NORMALS
from core.simulate.records import Role, SimulatedRecord
from core.simulate.scenario import HELD_OUT_KINDS, TRAINING_KINDS, Scenario, training_scenarios
from core.simulate.simulation import Simulation, simulate
from core.simulate.truth import Truth, read_truth, truth_path, write

__all__ = [
    "HARD_NORMALS",
    "HELD_OUT_KINDS",
    "INCIDENTS",
    "TRAINING_KINDS",
    "Deployment",
    "Layout",
    "LogFormat",
    "Role",
    "Scenario",
    "SimulatedRecord",
    "Simulation",
    "Truth",
    "append_live",
    "read_truth",
    "simulate",
    "training_scenarios",
    "truth_path",
    "write",
]
