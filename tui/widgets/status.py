"""What the bars at the top and the bottom say: pure functions from the session to a line that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from rich.style import Style

from core.decision.calibration import Calibration
from core.events import Update
from core.history.episodes import Preview
from tui.keys import COMMANDS, keys_of
from tui.look.glyphs import Glyphs
from tui.look.text import count, draw, fit, plural, shorten_path, size
from tui.look.themes import Palette
from tui.session.session import POOR_FIT, Session
from tui.widgets.sheet import GAP, Line, length, spread

_PHASES: Final = {
    "loading": "loading the model",
    "warming_up": "reading back",
}


class _Piece(NamedTuple):
    """Something the status says, in words and shorter."""

    forms: tuple[str, ...]
    style: Style
    rank: int
    """The lowest rank goes first when there is no room."""


def status_line(
    session: Session,
    *,
    following: bool,
    failure: str,
    palette: Palette,
    glyphs: Glyphs,
    width: int,
    usage: tuple[float, int] | None = None,
) -> Line:
    """Say whether the end is followed, what is flagged, how the stream flows, and what we take ourselves if asked."""
    pieces = [_follow(session, following=following, palette=palette, glyphs=glyphs)]
    if failure:
        pieces.append(_Piece(("scoring stopped", "stopped"), palette.severe, 9))
    elif phase := _phase(session, glyphs):
        pieces.append(_Piece((phase,), palette.accent, 8))
    flagged = session.history.count_alerting(session.threshold)
    style = palette.flagged_mark if flagged else palette.faint
    pieces.append(
        _Piece(
            (f"{count(flagged)} flagged at {session.threshold:.2f}", f"{count(flagged)} at {session.threshold:.2f}"),
            style,
            7,
        )
    )
    if session.update is not None and session.update.phase != "loading":
        pieces += _flow(session, session.update, palette, flowing=not (failure or session.ended))
    if usage is not None:
        share, memory = usage
        pieces.append(_Piece((f"self {share:.0%} cpu {size(memory)}", f"{share:.0%} {size(memory)}"), palette.faint, 6))
    return _fit(pieces, width)


def _phase(session: Session, glyphs: Glyphs) -> str:
    if session.ended:
        return "end of input"
    phase = "" if session.update is None else _PHASES.get(session.update.phase, "")
    return phase and phase + glyphs.ellipsis


def _follow(session: Session, *, following: bool, palette: Palette, glyphs: Glyphs) -> _Piece:
    if session.frozen:
        unseen = f" +{count(session.view.unseen)}" if session.view.unseen else ""
        return _Piece((f"{glyphs.held} frozen{unseen}",), palette.warning, 10)
    if following:
        return _Piece((f"{glyphs.following} following", glyphs.following), palette.good, 10)
    return _Piece((f"{glyphs.held} not following", f"{glyphs.held} held"), palette.warning, 10)


def _flow(session: Session, update: Update, palette: Palette, *, flowing: bool) -> list[_Piece]:
    rate = count(round(session.rate.per_second() if flowing else 0.0))
    pieces = [
        _Piece((f"{rate} lines/s", f"{rate}/s"), palette.faint, 4),
        _Piece((f"behind {size(update.behind)}",), palette.warning if update.behind >= 1_000_000 else palette.faint, 6),
        _Piece((f"scored {count(update.scored)}", count(update.scored)), palette.faint, 3),
    ]
    if update.fit is not None:
        poor = update.fit < POOR_FIT
        pieces.append(_Piece((f"fit {update.fit:.0%}",), palette.warning if poor else palette.faint, 5))
    return pieces


def _fit(pieces: list[_Piece], width: int) -> Line:
    """Write every piece at length, else all of them short, else leave out the least important ones."""
    for form in (0, 1):
        line = _join(pieces, form)
        if length(line) <= width:
            return line
    if len(pieces) == 1:
        return _join(pieces, 1)
    lowest = min(pieces, key=lambda piece: piece.rank)
    return _fit([piece for piece in pieces if piece is not lowest], width)


def _join(pieces: list[_Piece], form: int) -> Line:
    line: Line = []
    for piece in pieces:
        if line:
            line.append((" " * GAP, Style.null()))
        line.append((piece.forms[min(form, len(piece.forms) - 1)], piece.style))
    return line


def title_line(session: Session, sources: str, palette: Palette, glyphs: Glyphs, width: int) -> Line:
    """Say what is watched and what of it is hidden."""
    right: Line = []
    narrowing = narrowing_text(session, glyphs)
    if narrowing:
        right = [(f"{narrowing} {glyphs.separator} {count(session.view.hidden)} hidden", palette.warning)]
    name = "tailsight"
    room = width - len(name) - 2 - (length(right) + GAP if right else 0)
    source = shorten_path(draw(sources, glyphs), max(room, 8), glyphs.ellipsis)
    return spread([(name, palette.heading), ("  ", palette.text), (source, palette.faint)], right, width)


def narrowing_text(session: Session, glyphs: Glyphs) -> str:
    """Say what hides rows; empty when nothing does."""
    parts = []
    if session.filter is not None:
        parts.append(f"filter {draw(session.filter.text, glyphs)}")
    if session.only_flagged:
        parts.append("anomalies only")
    if session.context and session.narrowed:
        parts[-1] += f", {session.context} around"
    if session.thread is not None:
        event = session.thread
        name = event.request_id or f"instance {event.instance_id}"
        parts.append(draw(name if len(name) <= 17 else name[:16] + glyphs.ellipsis, glyphs))
    return f" {glyphs.separator} ".join(parts)


def hint_line(keymap: Mapping[str, str], palette: Palette, glyphs: Glyphs, width: int) -> Line:
    """Name the keys that matter most, as many as there is room for."""
    line: Line = []
    order = ("help", "why", "anomaly", "search", "filter", "threshold", "timeline", "export", "quit")
    commands = sorted((command for command in COMMANDS if command.hint), key=lambda command: order.index(command.hint))
    for command in commands:
        key = keys_of(command, keymap, only_ascii=glyphs.only_ascii).partition(" ")[0]
        part: Line = [(key, palette.accent), (f" {command.hint}", palette.faint)]
        gap: Line = [("   ", palette.text)] if line else []
        if length(line) + length(gap) + length(part) > width:
            break
        line += [*gap, *part]
    return line


def consequence_line(
    session: Session,
    before: Preview,
    after: Preview,
    calibration: Calibration | None,
    palette: Palette,
    glyphs: Glyphs,
    width: int,
) -> Line:
    """Say what the threshold that is being tried would mean, before it is kept."""
    arrow = f" {glyphs.arrow} "
    moved = f"{session.committed:.2f}{arrow}{session.threshold:.2f}"
    flagged = f"flagged {count(before.flagged)}{arrow}{count(after.flagged)}"
    episodes = plural(after.episodes, "episode")
    rate = "" if after.per_hour is None else f"{after.per_hour:.3g}"
    pieces = [
        _Piece((f"threshold {moved}", moved), palette.heading, 10),
        _Piece((flagged,), palette.flagged_mark, 9),
        _Piece((f"{rate} episodes an hour", f"{rate} episodes/h") if rate else (episodes,), palette.text, 8),
    ]
    if calibration is not None:
        false, recall = calibration.at(session.threshold)
        pieces += [
            _Piece((f"calibrated: recall {recall:.0%}", f"recall {recall:.0%}"), palette.text, 7),
            _Piece((f"{false:.2g} false an hour", f"{false:.2g} false/h"), palette.text, 6),
        ]
    pieces.append(_Piece(("Enter keeps, Esc drops",), palette.faint, 5))
    return _fit(pieces, width)


def empty_text(session: Session, sources: str, failure: str, glyphs: Glyphs) -> str:
    """Say why there is nothing in the table."""
    if failure:
        return f"nothing is scored: {failure}"
    if session.narrowed:
        if session.only_flagged:
            return f"nothing flagged at {session.threshold:.2f}: press o to see all events"
        return f"no event fits {narrowing_text(session, glyphs)}: press Esc to see all events"
    update = session.update
    if update is None or update.phase == "loading":
        return f"{_PHASES['loading']}{glyphs.ellipsis}"
    if session.ended:
        return "the input has no events"
    return f"waiting for {draw(sources, glyphs)}{glyphs.ellipsis}"


def failure_line(reason: str, palette: Palette, glyphs: Glyphs, width: int) -> Line:
    """Say why scoring stopped, and how to start it again."""
    retry = "  R tries again"
    return [
        (fit(draw(reason, glyphs), max(width - len(retry), 10), glyphs.ellipsis).rstrip(), palette.severe),
        (retry, palette.accent),
    ]


def poor_fit_line(share: float, palette: Palette, width: int, *, has_fitted: bool) -> Line:
    """Warn that the model does not know this log, or that it no longer knows what comes."""
    known = f"{share:.0%}"
    if has_fitted:
        forms = (
            (f"most of what comes now is new to the model, only {known} is known", "  after a change, tailsight learn"),
            (f"much is new now: {known} known", "  tailsight learn"),
            (f"much is new now: {known} known", ""),
        )
    else:
        forms = (
            (f"only {known} of this log is known to the model: scores mean little here", "  tailsight learn LOG helps"),
            (f"fit {known}: scores mean little here", "  tailsight learn LOG teaches the model"),
            (f"fit {known}: scores mean little", "  tailsight learn"),
        )
    lines: list[Line] = [[(warning, palette.warning), (advice, palette.accent)] for warning, advice in forms]
    return next((line for line in lines if length(line) <= width), lines[-1])
