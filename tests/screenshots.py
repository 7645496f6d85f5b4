"""Draws the pictures of the README with the app itself: `make screenshots`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from textual.pilot import Pilot

from core.live.stream import RunningStream
from core.pipeline import load_pipeline
from core.reading import ReadBatch, read_file
from tui.app.app import TailsightApp
from tui.config import Config

LOG = Path("sample_logs/port_binding_failed.log")
"""From the root of the project, where `make` runs, so that no picture shows whose machine it was."""

PICTURES = {
    "screenshot": ("A",),
    "detail": ("A", "enter"),
    "timeline": ("i", "A"),
}
"""Keys that are pressed before each picture is taken."""


class WholeFile:
    """A log that is read once, as a source of the running stream; nothing is committed."""

    def __iter__(self) -> Iterator[ReadBatch]:
        return read_file(LOG)

    def commit(self, batch: ReadBatch) -> None:
        """Keep nothing: the pictures begin with the first line."""

    def skip_to_end(self) -> None:
        """Skip nothing: the file does not grow."""


async def drawn(app: TailsightApp, pilot: Pilot[None]) -> None:
    """Wait until nothing is left to be drawn."""
    while app.view.throttle.pending:
        await pilot.pause(0.1)
    await pilot.pause()


async def draw(name: str, keys: tuple[str, ...], folder: Path) -> None:
    """Run the app to the end of the log, press the keys and save the picture."""
    stream = RunningStream(lambda _stop, _resume: WholeFile(), load_pipeline)
    app = TailsightApp(stream.updates, sources=str(LOG), config=Config(theme="dark"))
    async with app.run_test(size=(140, 36)) as pilot:
        while not app.session.ended:
            await pilot.pause(0.1)
        await drawn(app, pilot)
        for key in keys:
            await pilot.press(key)
        await drawn(app, pilot)
        app.save_screenshot(f"{name}.svg", str(folder))


def main() -> None:
    """Draw them all into docs/."""
    folder = Path("docs")
    folder.mkdir(exist_ok=True)
    for name, keys in PICTURES.items():
        asyncio.run(draw(name, keys, folder))
        sys.stdout.write(f"docs/{name}.svg\n")


if __name__ == "__main__":
    main()
