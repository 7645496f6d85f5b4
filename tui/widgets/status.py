"""The lines of the bars at the top and the bottom: pure functions from the session to a line that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from rich.style import Style

from core.decision.calibration import Calibration
from core.events import Phase, Update
from tui.keys import KEY_COMMANDS, keys_of
from tui.look.drawing import Drawing
from tui.look.lines import MIN_GAP, Line, line_width, spread
from tui.look.meaning import calibration_forms, false_alarms, recall_text
from tui.look.text import count, plural, shorten_path, size
from tui.look.themes import Palette
from tui.process.usage import Usage
from tui.session.session import POOR_FIT, Session

_PHASES: Final = {
    Phase.LOADING: "loading the model",
    Phase.WARMING_UP: "reading back",
}


class _Segment(NamedTuple):
    """One part of a line, at full length and shorter."""

    forms: tuple[str, ...]
    style: Style
    rank: int
    """The lowest rank is left out first where there is no room."""


def status_line(
    session: Session,
    *,
    following: bool,
    drawing: Drawing,
    usage: Usage | None = None,
) -> Line:
    """Say whether the end is followed, what is flagged, how the stream flows, and what this process uses."""
    palette = drawing.palette
    pieces = [_follow(session, following=following, drawing=drawing)]
    if session.failure:
        pieces.append(_Segment(("scoring stopped", "stopped"), palette.severe, 9))
    elif phase := _phase(session, drawing):
        pieces.append(_Segment((phase,), palette.accent, 8))
    flagged = session.history.count_alerting(session.threshold)
    style = palette.flagged_mark if flagged else palette.faint
    pieces.append(
        _Segment(
            (f"{count(flagged)} flagged at {session.threshold:.2f}", f"{count(flagged)} at {session.threshold:.2f}"),
            style,
            7,
        )
    )
    if session.update is not None and session.update.phase is not Phase.LOADING:
        pieces += _flow(session, session.update, palette, flowing=not (session.failure or session.ended))
    if usage is not None:
        share, memory = f"{usage.processors:.0%}", size(usage.memory)
        pieces.append(_Segment((f"self {share} cpu {memory}", f"{share} {memory}"), palette.faint, 6))
    return _fit(pieces, drawing.width)


def _phase(session: Session, drawing: Drawing) -> str:
    if session.ended:
        return "end of input"
    phase = "" if session.update is None else _PHASES.get(session.update.phase, "")
    return phase and phase + drawing.glyphs.ellipsis


def _follow(session: Session, *, following: bool, drawing: Drawing) -> _Segment:
    palette, glyphs = drawing.palette, drawing.glyphs
    if session.frozen:
        unseen = f" +{count(session.visible.unseen)}" if session.visible.unseen else ""
        return _Segment((f"{glyphs.held} frozen{unseen}",), palette.warning, 10)
    if following:
        return _Segment((f"{glyphs.following} following", glyphs.following), palette.good, 10)
    return _Segment((f"{glyphs.held} not following", f"{glyphs.held} held"), palette.warning, 10)


def _flow(session: Session, update: Update, palette: Palette, *, flowing: bool) -> list[_Segment]:
    rate = count(round(session.line_rate.per_second() if flowing else 0.0))
    pieces = [
        _Segment((f"{rate} lines/s", f"{rate}/s"), palette.faint, 4),
        _Segment(
            (f"behind {size(update.behind)}",), palette.warning if update.behind >= 1_000_000 else palette.faint, 6
        ),
        _Segment((f"scored {count(update.scored)}", count(update.scored)), palette.faint, 3),
    ]
    if session.unread:
        pieces.append(_Segment((f"unread {count(session.unread)}",), palette.warning, 5))
    if update.fit is not None:
        poor = update.fit < POOR_FIT
        pieces.append(_Segment((f"fit {update.fit:.0%}",), palette.warning if poor else palette.faint, 5))
    if update.calibrated_by is not None and update.fit is not None:
        pieces.append(_Segment(calibration_forms(update.calibrated_by), palette.faint, 2))
    return pieces


_OPTIONAL: Final = 2
"""Rank up to which a piece is left out before the others are shortened."""


def _fit(pieces: list[_Segment], width: int) -> Line:
    """Write all pieces at full length, else those that are always there, else all short, else the most important."""
    for form, some in ((0, pieces), (0, [piece for piece in pieces if piece.rank > _OPTIONAL]), (1, pieces)):
        line = _join(some, form)
        if line_width(line) <= width:
            return line
    if len(pieces) == 1:
        return _join(pieces, 1)
    lowest = min(pieces, key=lambda piece: piece.rank)
    return _fit([piece for piece in pieces if piece is not lowest], width)


def _join(pieces: list[_Segment], form: int) -> Line:
    line: Line = []
    for piece in pieces:
        if line:
            line.append((" " * MIN_GAP, Style.null()))
        line.append((piece.forms[min(form, len(piece.forms) - 1)], piece.style))
    return line


def title_line(session: Session, sources: str, drawing: Drawing) -> Line:
    """Say what is watched, and which filters hide how many rows of it."""
    palette, glyphs, width = drawing.palette, drawing.glyphs, drawing.width
    right: Line = []
    filters = filter_text(session, drawing)
    if filters:
        right = [(f"{filters} {glyphs.separator} {count(session.visible.hidden)} hidden", palette.warning)]
    name = "tailsight"
    room = width - len(name) - 2 - (line_width(right) + MIN_GAP if right else 0)
    source = shorten_path(drawing.safe(sources), max(room, 8), glyphs.ellipsis)
    return spread([(name, palette.heading), ("  ", palette.text), (source, palette.faint)], right, width)


def filter_text(session: Session, drawing: Drawing) -> str:
    """Name the filters that hide rows; empty when none does."""
    glyphs = drawing.glyphs
    parts = []
    if session.filter is not None:
        parts.append(f"filter {drawing.safe(session.filter.text)}")
    if session.only_flagged:
        parts.append("anomalies only")
    if session.context and session.is_filtered:
        parts[-1] += f", {session.context} around"
    if session.request is not None:
        event = session.request
        name = event.request_id or f"instance {event.instance_id}"
        parts.append(drawing.safe(name if len(name) <= 17 else name[:16] + glyphs.ellipsis))
    return f" {glyphs.separator} ".join(parts)


def lowest_line(
    session: Session,
    message: Line,
    calibration: Calibration | None,
    keymap: Mapping[str, str],
    drawing: Drawing,
) -> Line:
    """Choose what the lowest line shows: a trial, a message, a failure, a poor fit, or the keys, in this order."""
    fit = session.update.fit if session.update is not None else None
    if session.on_trial:
        line = consequence_line(session, calibration, drawing)
    elif message:
        line = message
    elif session.failure:
        line = failure_line(session.failure, drawing)
    elif fit is not None and fit < POOR_FIT:
        line = poor_fit_line(fit, drawing, had_good_fit=session.had_good_fit)
    else:
        line = hint_line(keymap, drawing)
    return drawing.elide(line)


def hint_line(keymap: Mapping[str, str], drawing: Drawing) -> Line:
    """Name the most important keys, as many as fit."""
    palette = drawing.palette
    line: Line = []
    order = ("help", "why", "anomaly", "search", "filter", "threshold", "timeline", "export", "quit")
    commands = sorted(
        (command for command in KEY_COMMANDS if command.hint), key=lambda command: order.index(command.hint)
    )
    for command in commands:
        key = keys_of(command, keymap, only_ascii=drawing.glyphs.only_ascii).partition(" ")[0]
        part: Line = [(key, palette.accent), (f" {command.hint}", palette.faint)]
        gap: Line = [("   ", palette.text)] if line else []
        if line_width([*line, *gap, *part]) > drawing.width:
            break
        line += [*gap, *part]
    return line


def consequence_line(session: Session, calibration: Calibration | None, drawing: Drawing) -> Line:
    """Say what the threshold on trial would do, before it is committed."""
    palette = drawing.palette
    before, after = session.threshold_previews()
    arrow = f" {drawing.glyphs.arrow} "
    moved = f"{session.committed:.2f}{arrow}{session.threshold:.2f}"
    flagged = f"flagged {count(before.flagged)}{arrow}{count(after.flagged)}"
    episodes = plural(after.episodes, "episode")
    rate = "" if after.per_hour is None else f"{after.per_hour:.3g}"
    pieces = [
        _Segment((f"threshold {moved}", moved), palette.heading, 10),
        _Segment((flagged,), palette.flagged_mark, 9),
        _Segment((f"{rate} episodes an hour", f"{rate} episodes/h") if rate else (episodes,), palette.text, 8),
    ]
    if calibration is not None:
        pieces.append(_Segment(false_alarms(session.threshold, calibration, session.calibrated_by), palette.text, 7))
        if recall := recall_text(session.threshold, calibration, session.calibrated_by):
            pieces.append(_Segment((recall,), palette.text, 6))
    pieces.append(_Segment(("Enter keeps, Esc drops",), palette.faint, 5))
    return _fit(pieces, drawing.width)


def empty_text(session: Session, sources: str, drawing: Drawing) -> str:
    """Say why the table is empty."""
    if session.failure:
        return f"nothing is scored: {drawing.safe(session.failure)}"
    if session.is_filtered:
        if session.only_flagged:
            return f"nothing flagged at {session.threshold:.2f}: press o to see all events"
        return f"no event fits {filter_text(session, drawing)}: press Esc to see all events"
    update = session.update
    if update is None or update.phase is Phase.LOADING:
        return f"{_PHASES[Phase.LOADING]}{drawing.glyphs.ellipsis}"
    if session.ended:
        return "the input has no events"
    return f"waiting for {drawing.safe(sources)}{drawing.glyphs.ellipsis}"


def failure_line(reason: str, drawing: Drawing) -> Line:
    """Say why scoring stopped, and how to start it again."""
    retry = "  R tries again"
    text = drawing.fit(drawing.safe(reason), max(drawing.width - len(retry), 10)).rstrip()
    return [(text, drawing.palette.severe), (retry, drawing.palette.accent)]


def poor_fit_line(share: float, drawing: Drawing, *, had_good_fit: bool) -> Line:
    """Warn that the model does not know this log, or that the log has changed and is no longer known."""
    palette = drawing.palette
    known = f"{share:.0%}"
    if had_good_fit:
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
    return next((line for line in lines if line_width(line) <= drawing.width), lines[-1])
