"""A short soak with the real logrotate; `python -m tests.soak` runs a long one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.soak.rotation import soak


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed (apt-get install logrotate)")
@pytest.mark.parametrize("copytruncate", [False, True], ids=["create", "copytruncate"])
def test_nothing_that_logrotate_keeps_is_lost(copytruncate: bool, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    outcome = soak(tmp_path, copytruncate=copytruncate, seconds=10, rate=20_000, rotate_every=1.3, kill_every=3.1)
    assert outcome.rotations >= 3
    assert outcome.kills >= 2
    assert outcome.lost == 0
    assert copytruncate or outcome.lost_by_logrotate == 0
