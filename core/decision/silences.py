"""Silences as what a front end receives: an event that no line stands for, and a notice that it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.events import (
    CHANNELS,
    Channel,
    LogEvent,
    Notice,
    NoticeKind,
    Reason,
    Reference,
    ScoredEvent,
    State,
)
from core.features.silence import SilenceWatch
from core.features.watches import EVERYTHING, Return, Silence
from core.scale import score_of_nats
from core.support.printable import duration
from core.templates import MessageFacts

Findings = Sequence[Silence | Return]
"""What was found before an item of a stream, in order."""

_STOOD_STILL = frozenset({
    NoticeKind.APPEARED, NoticeKind.VANISHED, NoticeKind.ROTATED, NoticeKind.TRUNCATED, NoticeKind.LOST,
    NoticeKind.SKIPPED, NoticeKind.UNREADABLE, NoticeKind.RESUMED, NoticeKind.WAITING,
})  # fmt: skip
"""Notices after which what was not read passes for silence."""
_ARRIVAL_SECONDS = 1.0
"""A line may take so long from its stamp until it is read."""
_SPOKE = tuple(channel is Channel.SILENCE for channel in CHANNELS)


class SilenceFinder:
    """Follows what is parsed of one stream, and says what fell silent and what came back between two items."""

    def __init__(self, planned: Mapping[str, float] | None = None) -> None:
        """Begin; `planned` says which service is excused until which second (see `SilenceWatch`)."""
        self._watch = SilenceWatch(planned)

    def follow(self, items: Iterable[object], facts: Sequence[MessageFacts]) -> dict[int, Findings]:
        """Return what was found before which of the next items; `facts` are those of the events of known form."""
        found: dict[int, Findings] = {}
        described = iter(facts)
        advance, learn = self._watch.advance, self._watch.learn
        for place, item in enumerate(items):
            if isinstance(item, LogEvent):
                if not item.known_format:
                    continue
                template, at = next(described).template, item.timestamp
                if at is None:
                    continue
                silent, back = advance(at), learn(item, template, at)
                if silent or back:
                    found[place] = (*silent, *back)
            elif isinstance(item, Notice) and item.kind in _STOOD_STILL:
                self._watch.forgive()
        return found

    def quiet(self, seconds: float) -> Findings:
        """Return what has fallen silent so many seconds after the last event, all lines having been read."""
        return self._watch.advance(self._watch.now + seconds - _ARRIVAL_SECONDS)


def told(found: Silence | Return, seq: int) -> ScoredEvent | Notice:
    """Make the event with that number of a silence, and the notice of its end."""
    return silent_event(found, seq) if isinstance(found, Silence) else back_notice(found)


def silent_event(silence: Silence, seq: int) -> ScoredEvent:
    """Make the event of a silence; it has the line 0, and the stamp at which its timeout ran out."""
    what = f'no "{silence.template}"' if silence.template else "no line"
    waited, last = silence.at - silence.since, silence.last
    usual = f"usually {'every' if silence.is_periodic else 'within'} {duration(silence.usual_s)}"
    text = f"{what} for {duration(waited)}, {usual}"
    at = (last.iso_timestamp or "")[11:19]
    message = f"{silence.who}: {text}; last{'' if silence.template else f': {silence.last_template},'} at {at}"
    event = LogEvent(
        source=last.source,
        line=0,
        offset=0,
        length=0,
        timestamp=silence.at,
        utc_offset=last.utc_offset,
        level="",
        service=silence.service,
        logger="",
        pid=None,
        request_id="",
        instance_id="",
        message=message,
        raw=message,
    )
    score = score_of_nats(silence.strength)
    return ScoredEvent(
        seq,
        event,
        score,
        State.SCORED,
        f"{silence.who}: {what}",
        (Reason(Channel.SILENCE, "silence", text, waited, silence.usual_s, round(silence.strength, 3)),),
        reference=Reference.STREAM,
        channels=tuple(score if spoke else None for spoke in _SPOKE),
    )


def back_notice(back: Return) -> Notice:
    """Make the notice that something silent is back."""
    silence = back.silence
    who = "the log" if silence.service == EVERYTHING else silence.who
    what = f'"{silence.template}" of {who}' if silence.template else who
    return Notice(silence.last.source, NoticeKind.BACK, f"{what} is back after {duration(back.at - silence.since)}", 1)
