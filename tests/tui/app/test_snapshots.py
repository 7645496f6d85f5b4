"""The main screens as text, reviewed by eye.

After a wanted change: `UPDATE_SNAPSHOTS=1 pytest tests/tui/app/test_snapshots.py`, then read the difference.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.events import CHANNELS, CalibratedBy, Channel, Expected, Item, Origin, Reason, Reference, ScoredEvent, State
from core.templates import stable_hash
from tests.helpers.calibration import straight_calibration
from tests.helpers.events import notice, scored_event
from tests.helpers.screen import press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp

FOLDER = Path(__file__).parent / "snapshots"
CALIBRATION = replace(straight_calibration(), thresholds=np.array([0.0, 1.0]), recall=np.array([1.0, 0.5]))
START = 1_494_893_047.0

SCREENS = {
    "table": (),
    "held": ("A",),
    "why": ("A", "enter"),
    "timeline": ("i", "A", "A"),
    "threshold": ("}", "}"),
    "anomalies": ("o",),
    "episodes": ("I",),
}


def a_short_incident() -> list[Item]:
    """Build a stretch of a log in which a build fails: every state, every level, a notice, a traceback."""
    instance = "b9000564-fe1a-409b-b8cc-1e88b294cd1d"
    items: list[Item] = []

    def add(score: float | None, level: str, service: str, message: str, **more: object) -> None:
        number = len(items) + 1
        items.append(
            scored_event(
                score,
                START + number * 1.37,
                seq=number,
                line=number,
                level=level,
                service=service,
                source=f"/var/log/nova/{service}.log",
                message=message,
                **more,  # type: ignore[arg-type]
            )
        )

    listing = '10.11.10.1 "GET /v2/54fadb412c4e40cdbaed9335e4c35a9e/servers/detail HTTP/1.1" status: 200 len: 1893'
    for number in range(40):
        state = State.WARMING_UP if number < 8 else State.SCORED
        add(0.02 + number % 5 / 40, "INFO", "nova-api", f"{listing} time: 0.24", state=state, template="GET <path>")
        add(0.05, "DEBUG", "neutron-openvswitch-agent", f"Agent rpc_loop - iteration:{number} started")
    items.append(notice("/var/log/nova/nova-api.log", "rotated: went on with the new file"))
    add(0.31, "INFO", "nova-compute", f"[instance: {instance}] VM Started (Lifecycle Event)", instance_id=instance)
    add(0.64, "WARNING", "nova-compute", f"[instance: {instance}] Spawn is slow", instance_id=instance)
    add(None, "", "", "*** restarted by hand ***")
    add(
        0.97,
        "ERROR",
        "nova-compute",
        f"[instance: {instance}] Instance failed to spawn\nTraceback (most recent call last):\n"
        '  File "/nova/compute/manager.py", line 2078, in _build_resources\n'
        "VirtualInterfaceCreateException: Virtual Interface creation failed",
        instance_id=instance,
        reasons=(
            Reason(Channel.NETWORK, "duration_z", "spawn took 41.8 s, usually 19.8", 41.8, 19.8, 2.1),
            Reason(Channel.NOVELTY, "new_template", "first time this template is seen in nova-compute", weight=0.8),
            Reason(Channel.NOVELTY, "near_duplicate", "less: a message that begins alike is usual here", weight=-0.4),
        ),
        expected=Expected(
            stable_hash(f"[instance: {instance}] VM Started (Lifecycle Event)"),
            ((stable_hash("never written here"), 0.62), (stable_hash("GET <path>"), 0.3)),
            0.0,
        ),
    )
    failed = items[-1]
    assert isinstance(failed, ScoredEvent)
    gave = {Channel.NETWORK: 0.3187, Channel.FAILURE: 0.624, Channel.NOVELTY: 0.12}
    items[-1] = failed._replace(reference=Reference.STREAM, channels=tuple(map(gave.get, CHANNELS)))
    for _ in range(3):
        add(0.03, "INFO", "nova-api", f"{listing} time: 0.25", template="GET <path>")
    return items


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (140, 40)])
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_is_as_it_was_reviewed(name: str, columns: int, rows: int) -> None:
    items = a_short_incident()
    updates = stream(update(items, calibrated_by=CalibratedBy(Origin.OWN, 3.2)))
    app = TailsightApp(updates, sources="/var/log/nova (3 files)", calibration=CALIBRATION)
    async with run(app, columns, rows) as pilot:
        await settle(pilot, len(items))
        await press(pilot, *SCREENS[name])
        shown = screen_text(app) + "\n"
    path = FOLDER / f"{name}-{columns}x{rows}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
