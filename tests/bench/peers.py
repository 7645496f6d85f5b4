"""Other tools on the same input: those of the system as they are, Python packages in environments of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.logs import head
from tests.bench.processes import run, seconds

DRAIN3: Final = "drain3==0.9.11"
LOGLENS: Final = "loglensai==0.13.1"

_MASKS: Final = (
    ("UUID", r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"),
    ("IP", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("HEX", r"\b[0-9a-f]{16,}\b"),
    ("NUM", r"\b\d+(?:\.\d+)?\b"),
)
"""Expressions with which other tools find templates that mean what ours do."""

_DRAIN3_PROGRAM: Final = f"""
import logging, sys, time
from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig
logging.disable(logging.CRITICAL)
messages = [line.rstrip().split(None, 6)[-1] for line in open(sys.argv[1], encoding="utf-8")]
config = TemplateMinerConfig()
config.masking_instructions = [MaskingInstruction(pattern, name) for name, pattern in {_MASKS!r}]
miner = TemplateMiner(config=config)
began = time.perf_counter()
for message in messages:
    miner.add_log_message(message)
print(len(messages) / (time.perf_counter() - began))
"""


def system_tools(log: Path, lines: int) -> Iterator[tuple[str, float]]:
    """How many lines a second each tool that is there goes through; says on standard error which is not."""
    commands: dict[str, list[str | Path]] = {
        "wc -l": ["wc", "-l", log],
        "tail -n +1": ["tail", "-n", "+1", log],
        "grep -c ERROR": ["grep", "-c", "ERROR", log],
        "lnav -n": ["lnav", "-n", "-c", ":goto 0", log],
    }
    for name, command in commands.items():
        if shutil.which(str(command[0])) is None:
            _tell(f"no {command[0]} on this machine: left out")
        else:
            yield name, lines / seconds(command)


def masking(log: Path, lines: int) -> float:
    """Lines a second of masking each message with one regular expression, the least that finding templates takes."""
    joined = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _MASKS))
    with log.open(encoding="utf-8") as source:
        messages = [line.rstrip().split(None, 6)[-1] for line in source]
    began = time.perf_counter()
    for message in messages:
        joined.sub(lambda found: f"<{found.lastgroup}>", message)
    return lines / (time.perf_counter() - began)


def packages(log: Path, lines: int, folder: Path, environments: Path) -> Iterator[tuple[str, float]]:
    """How many lines a second the packages go through that can be installed into the folder of environments."""
    if (drain3 := _environment(DRAIN3, environments)) is not None:
        done = subprocess.run(
            [drain3 / "python", "-c", _DRAIN3_PROGRAM, log], capture_output=True, text=True, check=True
        )
        yield "Drain3, templates alone", float(done.stdout)
    if (loglens := _environment(LOGLENS, environments)) is not None:
        command = loglens / "loglens"
        options = ("--workers", "1", "--no-learn", "--no-auto-scale", "--format", "json", "--source")
        some, few, fewest = (head(log, count, folder / f"{count}.log") for count in (lines // 10, 1_000, 1))
        whole = run([command, "analyze", *options, some]).seconds
        start = run([command, "analyze", *options, few]).seconds
        yield "loglensai analyze", (lines // 10 - 1_000) / max(whole - start, 1e-3)
        start = run([command, "watch", f"cat {fewest}", "--quiet"]).seconds
        yield "loglensai watch", 1_000 / max(run([command, "watch", f"cat {few}", "--quiet"]).seconds - start, 1e-3)


def _environment(requirement: str, environments: Path) -> Path | None:
    """Install a package into an environment of its own, once; its commands, or None where that does not work."""
    commands = environments / requirement.partition("=")[0] / ("Scripts" if os.name == "nt" else "bin")
    if not commands.exists():
        _tell(f"installing {requirement} into {commands.parent}")
        subprocess.run([sys.executable, "-m", "venv", commands.parent], check=True)
        install: list[str | Path] = [
            commands / "python",
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
            requirement,
        ]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(commands.parent)
            _tell(f"{requirement} cannot be installed, left out: {done.stderr.strip().splitlines()[-1]}")
            return None
    return commands


def _tell(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
