"""How cost grows with the lines of a log, the files watched and the rate at which lines come: a table and a plot."""

from __future__ import annotations

import itertools
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import EngFormatter

from tests.bench.figures import Figure
from tests.bench.headless import Headless
from tests.bench.logs import head, oslo_log, writer
from tests.bench.processes import cpu_seconds, killed, peak_bytes, tailsight


class Sizes(NamedTuple):
    """What is measured."""

    lines: tuple[int, ...]
    files: tuple[int, ...]
    rates: tuple[int, ...]
    seconds: float
    """How long each rate is kept up."""


class Point(NamedTuple):
    """One value at one size."""

    axis: str
    size: int
    measure: str
    value: float
    unit: str

    @property
    def figure(self) -> Figure:
        """The same as a line of the table."""
        return Figure(f"growth, {self.axis} {self.size:,}: {self.measure}", self.value, self.unit)


def sizes(*, quick: bool, huge: bool) -> Sizes:
    """What is measured in a minute, in some minutes, and with a log of ten million lines."""
    if quick:
        return Sizes((1_000, 10_000), (1, 100), (1_000, 5_000), 3.0)
    lines = (10_000, 100_000, 1_000_000, *([10_000_000] if huge else []))
    return Sizes(lines, (1, 100, 1_000, 10_000), (1_000, 5_000, 10_000, 20_000, 50_000), 10.0)


def figures(folder: Path, sizes: Sizes, model: Sequence[str], results: Path) -> Iterator[Figure]:
    """Measure in an empty folder; draw what was found beside the results, as SVG."""
    source = oslo_log(folder / "source.log", max(sizes.lines))
    points = []
    for measured in (_by_rate, _by_files, _by_lines):
        for point in measured(folder, source, sizes, model):
            points.append(point)
            yield point.figure
    plot(points, results.with_suffix(".svg"))


def _by_lines(folder: Path, source: Path, sizes: Sizes, model: Sequence[str]) -> Iterator[Point]:
    for lines in sizes.lines:
        log = source if lines == max(sizes.lines) else head(source, lines, folder / "part.log")
        whole = tailsight("score", *model, log, "-o", "-")
        yield Point("lines", lines, "time", whole.seconds, "s")
        yield Point("lines", lines, "memory", whole.peak_bytes / 2**20, "MiB")


def _by_files(folder: Path, source: Path, sizes: Sizes, model: Sequence[str]) -> Iterator[Point]:
    """Spread the same records over ever more files of one directory, and watch it."""
    records = _records(source, 2 * max(sizes.files))
    for count in sizes.files:
        logs = folder / "logs"
        _spread(records, logs, count)
        began = time.perf_counter()
        with Headless([logs], start="start", model=model, folder=folder) as watched:
            watched.wait_for(len(records), 300)
            yield Point("files", count, "time", time.perf_counter() - began, "s")
            time.sleep(sizes.seconds / 2)
            used, began = cpu_seconds(watched.pid), time.perf_counter()
            time.sleep(sizes.seconds)
            busy = (cpu_seconds(watched.pid) - used) / (time.perf_counter() - began)
            yield Point("files", count, "processor, idle", busy * 100, "%")
            yield Point("files", count, "memory", peak_bytes(watched.pid) / 2**20, "MiB")
        shutil.rmtree(logs)


def _records(log: Path, count: int) -> list[bytes]:
    """The first so many lines of a log that begin a record: each is one event, whatever file it is in."""
    with log.open("rb") as lines:
        return list(itertools.islice((line for line in lines if re.match(rb"\S+ \d{4}-", line)), count))


def _spread(lines: Sequence[bytes], folder: Path, files: int) -> None:
    """Deal lines out to files, a hundred in a directory."""
    for number in range(files):
        service = folder / str(number // 100)
        service.mkdir(parents=True, exist_ok=True)
        (service / f"{number}.log").write_bytes(b"".join(lines[number::files]))


def _by_rate(folder: Path, source: Path, sizes: Sizes, model: Sequence[str]) -> Iterator[Point]:
    """Let lines come for some seconds, once the model is loaded; `behind` is how old the newest event is at the end."""
    for rate in sizes.rates:
        log = folder / "growing.log"
        log.write_bytes(b"".join(_records(source, 10)))
        with Headless([log], start="start", model=model, folder=folder) as watched:
            watched.wait_for(10, 60)
            with killed(writer(source, log, rate)):
                time.sleep(1)
                printed, used, size, began = (
                    watched.printed,
                    cpu_seconds(watched.pid),
                    log.stat().st_size,
                    time.perf_counter(),
                )
                time.sleep(sizes.seconds)
                seconds = time.perf_counter() - began
                written = log.stat().st_size
                behind = written - watched.position
                yield Point("lines/s", rate, "scored", (watched.printed - printed) / seconds, "/s")
                yield Point("lines/s", rate, "behind", behind / ((written - size) / seconds), "s")
                yield Point("lines/s", rate, "processor", (cpu_seconds(watched.pid) - used) / seconds * 100, "%")
                yield Point("lines/s", rate, "memory", peak_bytes(watched.pid) / 2**20, "MiB")


def plot(points: Sequence[Point], path: Path) -> None:
    """Draw one panel for each measure, a row for each axis."""
    rows: defaultdict[str, defaultdict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
    for point in points:
        rows[point.axis][point.measure].append(point)
    drawing = Drawing(figsize=(12, 2.8 * len(rows)), layout="constrained")
    panels = drawing.subplots(len(rows), max(map(len, rows.values())), squeeze=False)
    for row, (axis, measures) in zip(panels, rows.items(), strict=True):
        for panel in row[len(measures) :]:
            panel.set_axis_off()
        for panel, (measure, curve) in zip(row, measures.items(), strict=False):
            sizes, values = [point.size for point in curve], [point.value for point in curve]
            panel.plot(sizes, values, marker="o")
            panel.set(xscale="log", xlabel=axis, title=f"{measure} ({curve[0].unit})", xticks=sizes)
            panel.xaxis.set_major_formatter(EngFormatter(sep=""))
            panel.minorticks_off()
            panel.grid(alpha=0.3)
            if max(values) > 100 * min(values) > 0:
                panel.set_yscale("log")
            else:
                panel.set_ylim(0, 1.1 * max(values) or 1)
    drawing.savefig(path)
