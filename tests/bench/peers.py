"""Other tools on the same input: those of the system as they are, Drain3 in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

DRAIN3: Final = "drain3==0.9.11"

_DRAIN3_PROGRAM: Final = r"""
import logging, sys, time
from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig
logging.disable(logging.CRITICAL)
messages = [line.rstrip().split(None, 6)[-1] for line in open(sys.argv[1], encoding="utf-8")]
config = TemplateMinerConfig()
config.masking_instructions = [
    MaskingInstruction(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "UUID"),
    MaskingInstruction(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "IP"),
    MaskingInstruction(r"\b[0-9a-f]{16,}\b", "HEX"),
    MaskingInstruction(r"\b\d+(?:\.\d+)?\b", "NUM"),
]
miner = TemplateMiner(config=config)
began = time.perf_counter()
for message in messages:
    miner.add_log_message(message)
print(len(messages) / (time.perf_counter() - began))
"""
"""Its own example's masking, for it to find templates that mean what ours do."""


def seconds(command: Sequence[str | Path], *, times: int = 3) -> float:
    """The shortest of several runs of a command, its output thrown away."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        best = min(best, time.perf_counter() - began)
    return best


def lines_per_second(log: Path, lines: int) -> dict[str, float]:
    """How fast each tool that is there goes through the log."""
    commands: dict[str, list[str | Path]] = {
        "wc -l": ["wc", "-l", log],
        "tail -n +1": ["tail", "-n", "+1", log],
        "grep -c ERROR": ["grep", "-c", "ERROR", log],
        "lnav -n": ["lnav", "-n", "-c", ":goto 0", log],
    }
    there = {name: command for name, command in commands.items() if shutil.which(str(command[0]))}
    return {name: lines / seconds(command) for name, command in there.items()}


def drain3_lines_per_second(log: Path, environments: Path) -> float | None:
    """How fast Drain3 alone finds the templates of the log's messages; None where it cannot be installed."""
    python = environments / "drain3" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        install: list[str | Path] = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", DRAIN3]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            shutil.rmtree(python.parents[1])
            return None
    done = subprocess.run([python, "-c", _DRAIN3_PROGRAM, log], capture_output=True, text=True, check=True)
    return float(done.stdout)
