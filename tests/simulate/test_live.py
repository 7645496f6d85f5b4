"""Appending live: at a rate or at the pace of the records, flushed, and stopped at once."""

from __future__ import annotations

import threading
import time
from itertools import islice
from pathlib import Path

import pytest

from core.errors import OutputError, UsageError
from core.simulate import Scenario, append_live, read_truth, simulate, truth_path
from core.simulate.records import SimulatedRecord


def records(count: int) -> list[SimulatedRecord]:
    return list(islice(simulate(Scenario(1, 600.0)), count))


def test_all_records_are_appended_to_what_is_there(tmp_path: Path) -> None:
    log = tmp_path / "live.log"
    log.write_text("an older line\n")
    some = records(40)
    assert append_live(some, log, threading.Event(), rate=1e6) == 40
    lines = [line for record in some for line in record.lines]
    assert log.read_text().splitlines() == ["an older line", *lines]


def test_a_record_is_flushed_before_the_next_is_generated(tmp_path: Path) -> None:
    log = tmp_path / "live.log"
    some = records(5)

    def watched() -> object:
        for number, record in enumerate(some):
            assert len(log.read_text().splitlines()) == number
            yield record

    append_live(watched(), log, threading.Event(), rate=1e6)  # type: ignore[arg-type]


def test_the_truth_file_of_a_live_simulation_grows_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "live.log"
    log.write_text("an older line\n")
    append_live(simulate(Scenario(1, 120.0, incidents=[("log_burst", 30.0)])), log, threading.Event(), rate=1e6)
    header, truths = read_truth(truth_path(log))
    assert header["incidents"][0]["kind"] == "log_burst"
    lines = log.read_text().splitlines()
    assert truths
    assert all("bad row from ovsdb" in lines[truth.line - 1] for truth in truths)


def test_a_rate_spreads_the_lines_over_time(tmp_path: Path) -> None:
    begun = time.monotonic()
    append_live(records(11), tmp_path / "live.log", threading.Event(), rate=100.0)
    assert time.monotonic() - begun >= 0.1


def test_a_speed_keeps_the_pace_of_the_records(tmp_path: Path) -> None:
    some = records(30)
    span = some[-1].timestamp - some[0].timestamp
    begun = time.monotonic()
    append_live(some, tmp_path / "live.log", threading.Event(), speed=span / 0.1)
    assert time.monotonic() - begun >= 0.1


def test_stop_ends_it_in_the_middle_of_a_wait(tmp_path: Path) -> None:
    stop = threading.Event()
    counts: list[int] = []
    some = records(1000)
    worker = threading.Thread(
        target=lambda: counts.append(append_live(some, tmp_path / "live.log", stop, rate=0.01)), daemon=True
    )
    worker.start()
    stop.set()
    worker.join(timeout=60.0)
    assert not worker.is_alive()
    assert counts[0] <= 1


@pytest.mark.parametrize("pace", [0.0, -3.0])
def test_a_rate_of_zero_is_refused(tmp_path: Path, pace: float) -> None:
    with pytest.raises(UsageError, match="above 0"):
        append_live([], tmp_path / "live.log", threading.Event(), rate=pace)


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="name another place"):
        append_live(records(1), tmp_path, threading.Event(), rate=1.0)
