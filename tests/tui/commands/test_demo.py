"""`demo --sample`: what is shown is a copy, so that nothing is written among the samples."""

from __future__ import annotations

import pytest

from core.support.resources import sample_logs
from tui.commands.demo import copy_of


@pytest.mark.parametrize("name", ["healthy", "broker_partition"])
def test_a_sample_is_copied_whole_and_is_gone_after(name: str) -> None:
    sample = sample_logs()[name]
    with copy_of(sample) as copy:
        pairs = [(file, copy / file.relative_to(sample)) for file in [sample, *sample.rglob("*")] if file.is_file()]
        assert pairs
        assert all(copied.read_bytes() == file.read_bytes() for file, copied in pairs)
    assert not copy.exists()
