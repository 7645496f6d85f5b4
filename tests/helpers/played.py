"""`python -m tests.helpers.played calm|hostile|stubborn|flowing`: the app on a made-up stream in a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from core.decision.mutes import Mutes
from core.events import Channel as ReasonChannel
from core.events import Item, Notice, NoticeKind, Reason, Update
from core.support.printable import escape
from tests.helpers.events import scored_event
from tests.helpers.lines import printable
from tests.helpers.screen import some_events, stream, update
from tui.app.app import TailsightApp, run_app

ATTACKS = (
    b"\x1b]0;owned\x07",
    b"\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    b"\x1b]52;c;b3duZWQ=\x07",
    b"\x1b[2J\x1b[H\x1b[31m",
    b"\x1bP+q544e\x1b\\",
    b"\x9b2J\x90q\x9d0;owned\x9c",
    "\u202egnp.exe\u2066\u200f\u061c".encode(),
    b"nul \x00 bell \x07 backspace \x08\x08 return \r",
    b"[@click=app.quit]quit[/] [/] [bold red]markup[/bold red] [link=http://evil]x[/link]",
    b"\xff\xfe\xed\xa0\x80",
)


def hostile_events() -> Iterator[Item]:
    """Yield rows in which every field tries to reach the terminal, as the reader hands them on and raw."""
    for number, attack in enumerate(ATTACKS, 1):
        raw = attack.decode("utf-8", "backslashreplace")
        for text in (printable(attack), raw):
            yield scored_event(
                0.9,
                1_000.0 + number,
                seq=number,
                line=number,
                source=f"/var/log/{text}.log",
                service=text,
                level="ERROR",
                message=f"{text} message\n{text}",
                request_id=f"req-{text}",
                instance_id=text,
                template=f"{text} template",
                reasons=(Reason(ReasonChannel.NOVELTY, "new_template", f"{text} reason", weight=1.0),),
            )
            yield Notice(f"/var/log/{text}", NoticeKind.ROTATED, f"{text} notice")


def stubborn(stop: threading.Event) -> Iterator[Update]:
    """Send some rows, then hear nothing for longer than any test waits, as an import of torch does not for a while."""
    yield update(some_events(20))
    time.sleep(3_600)


def flowing(stop: threading.Event) -> Iterator[Update]:
    """Send an update every 20 ms, and write to the file of the second argument how many the app has let through."""
    progress = Path(sys.argv[2])
    for number in range(1, 100_000):
        yield update(some_events(20))
        progress.write_text(str(number))
        if stop.wait(0.02):
            return


STREAMS: dict[str, Callable[[threading.Event], Iterator[Update]]] = {
    "calm": stream(update(some_events(50))),
    "hostile": stream(update(list(hostile_events()))),
    "stubborn": stubborn,
    "flowing": flowing,
}


def main() -> int:
    """Run it."""
    name = sys.argv[1]
    sources = escape(ATTACKS[0].decode()) + ATTACKS[0].decode() if name == "hostile" else "/var/log/nova"
    mutes = Mutes(Path(sys.argv[2])) if name == "hostile" else None
    return run_app(TailsightApp(STREAMS[name], sources=sources, mutes=mutes))


if __name__ == "__main__":
    sys.exit(main())
