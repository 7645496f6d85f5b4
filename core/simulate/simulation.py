"""The iterator over the records of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.simulate.engine import Engine
from core.simulate.records import SimulatedRecord
from core.simulate.scenario import Planned, Scenario


class Simulation(Iterator[SimulatedRecord]):
    """The records of a scenario, in order of time; memory does not grow with its length."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.plan: tuple[Planned, ...] = scenario.plan()
        """The disturbances with their times; fixed before the first record."""
        self._records = Engine(scenario, self.plan).run()

    def __next__(self) -> SimulatedRecord:
        return next(self._records)

    def describe(self) -> dict[str, Any]:
        """Return the header of the truth file: the scenario, its incidents and its hard normals."""
        scenario, start = self.scenario, self.scenario.start.timestamp()

        def row(planned: Planned) -> dict[str, Any]:
            return {
                "id": planned.id,
                "kind": planned.kind,
                "onset": start + planned.at,
                "end": start + planned.at + planned.lasts,
                "host": planned.host,
                "silent": list(planned.silences),
                "channels": list(planned.disturbance.channels),
            }

        return {
            "schema": "tailsight.truth/1",
            "seed": scenario.seed,
            "start": scenario.start.isoformat(),
            "duration_s": scenario.duration_s,
            "deployment": scenario.deployment.name,
            "incidents": [row(planned) for planned in self.plan if planned.is_incident],
            "hard_normals": [row(planned) for planned in self.plan if not planned.is_incident],
        }


def simulate(scenario: Scenario) -> Simulation:
    """Simulate a scenario; raises UsageError for an invalid one."""
    return Simulation(scenario)
