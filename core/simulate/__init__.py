"""A simulated OpenStack that writes its logs, with the truth about every line.

for record in simulate(Scenario(seed=7, incidents=[("slow_spawn", 600)])): ...
write(simulate(Scenario(seed=7, incidents="random")), Path("cloud.log"))      # and cloud.truth.jsonl
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
