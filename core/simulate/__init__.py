"""A simulated OpenStack that writes logs, with labels of every line.

    for record in simulate(Scenario(seed=7, incidents=[("slow_spawn", 600)])): ...
    write_simulation(simulate(Scenario(seed=7, incidents="random")), Path("cloud.log"))      # and cloud.truth.jsonl

The simulated behaviour is data, in tables:

    script.py       the rows: messages, REST routes, tracebacks, steps
    lifecycles/     what services log, step by step, when a server boots, a volume is attached, ...
    machines.py     which lifecycle follows which in the life of a server, a network, a volume, ...
    periodic.py     tasks by the clock
    incidents/      faults, and normals/ what only resembles them; disturbance.py has the columns of both
    foundations/    what OpenStack stands on: its programs, their forms and messages, and when they log them
    catalogue.py    all messages and routes by key

The simulated cloud:

    dialects.py     wording and format of a release, or of an unknown deployment
    deployment.py   hosts, tenants, rates, log format
    scenario.py     a deployment, a seed, a time, and its disturbances

The engine, in the order in which a record passes:

    engine.py       the event loop; active.py has the current disturbances and the steps that they affect
    subject.py      the subject of a lifecycle, with the values in its messages
    emitter.py      service, process, request and timestamp
    render.py       the lines
    simulation.py   the iterator over the records; truth.py and live.py write it
"""

from __future__ import annotations

from core.simulate.deployment import Deployment, LogFormat, LogLayout
from core.simulate.foundations.daemons import FOUNDATIONS
from core.simulate.incidents import INCIDENTS
from core.simulate.live import append_live
from core.simulate.normals import HARD_NORMALS
from core.simulate.records import Role, SimulatedRecord
from core.simulate.scenario import HELD_OUT_KINDS, TRAINING_KINDS, Scenario, training_scenarios
from core.simulate.simulation import Simulation, simulate
from core.simulate.truth import Truth, read_truth, truth_path, write_simulation

__all__ = [
    "FOUNDATIONS",
    "HARD_NORMALS",
    "HELD_OUT_KINDS",
    "INCIDENTS",
    "TRAINING_KINDS",
    "Deployment",
    "LogFormat",
    "LogLayout",
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
    "write_simulation",
]
