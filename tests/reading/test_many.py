"""Ten thousand files."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter

FILES = 10_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for number in range(FILES):
        service = folder / f"service-{number % 100}"
        service.mkdir(exist_ok=True)
        (service / f"nova-compute-{number:05d}.log").write_text("2026-11-23 05:21:45.375 1 INFO nova [-] a line\n" * 30)
    return folder


def test_each_of_many_files_takes_at_most_a_kibibyte(folder: Path) -> None:
    collector = Collector([folder], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE), max_open_files=64)
    gc.collect()
    tracemalloc.start()
    try:
        collector.begin(read_back_lines=10)
        while collector.has_more:
            collector.gather()
        collector.sweep()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        collector.close()
    assert len(collector.sources) == FILES
    assert held / FILES <= 1024


def test_a_sweep_over_many_files_opens_and_reads_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collector = Collector([folder], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE), max_open_files=64)
    collector.begin(read_back_lines=0)
    while collector.has_more:
        collector.gather()
    with monkeypatch.context() as patch:
        patch.delattr("os.open")
        patch.delattr("os.pread")
        collector.sweep()
        assert not collector.has_more
    collector.close()
