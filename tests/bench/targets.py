"""What the figures are to reach on two cores without a GPU, by their names."""

from __future__ import annotations

from typing import Final

from tests.bench.figures import Target

TARGETS: Final = {
    "tailsight --help": Target(300),
    "score: events": Target(30_000, at_least=True),
    "network: 50 events, one thread": Target(1.5),
    "network: stream, threads: 2": Target(100_000, at_least=True),
    "watch: first paint": Target(500),
    "watch: bytes to the terminal, idle": Target(0),
    "watch: processor, idle": Target(1),
    "watch: key to screen at 10,000 lines/s, p95": Target(100),
    "watch: key to screen at 50,000 lines/s, p95": Target(150),
    "watch: bytes to the terminal at 10,000 lines/s": Target(20),
    "watch: memory at the first paint": Target(150),
    "watch: display lag at 10,000 lines/s, median": Target(0.5),
    "watch: memory at 10,000 lines/s": Target(450),
    "watch: memory at 50,000 lines/s": Target(450),
}
