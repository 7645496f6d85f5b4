"""What `learn` says of what it learned, and of what a baseline makes of a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import click

from core.support.printable import escape, two_digits
from tui.look.text import plural

if TYPE_CHECKING:
    from core.learning.check import CheckReport
    from core.learning.learned import LearnReport, SourceReport

_SERVICES: Final = 12
_ERRORS: Final = 10
_TEXT: Final = 100
"""Characters of a message."""


def say_learned(report: LearnReport, *, keep_flagged: bool) -> None:
    """Print what was learned and what not, on standard error."""
    read = f"{plural(report.lines, 'line')}, {plural(report.events, 'event')}, {report.hours:,.1f} hours of log"
    _tell(f"{read}; {report.learned:,} events learned")
    _tell(f"learned by service: {_counts(report.services.items())}")
    for service, (some, every) in report.services.items():
        if some < every / 2:
            _tell(f"{escape(service) or '-'}: less than half was usual; give it more quiet days, or --keep-flagged")
    flagged = f"flagged: {plural(report.flagged, 'event')} in {plural(report.episodes, 'episode')}"
    _tell(f"{flagged}; learned with all ERROR records (--keep-flagged)" if keep_flagged else flagged)
    if not keep_flagged:
        errors = f"{plural(report.left_out_errors, 'ERROR record')} that {_is(report.left_out_errors)} not chronic"
        _tell(f"left out: {errors}, {plural(report.left_out_flagged, 'other event')} of flagged episodes")
    if report.left_out_real or report.normal:
        real = f"{plural(report.left_out_real, 'event')} of real faults left out"
        _tell(f"by verdict: {real}, {report.normal:,} normal here learned")
    if report.chronic:
        _tell(f"{plural(len(report.chronic), 'chronic ERROR template')} taken as usual:")
        for error in report.chronic[:_ERRORS]:
            _tell(f"  {error.events:,} x {escape(error.service) or '-'}: {_short(error.example)}")
        if (more := len(report.chronic) - _ERRORS) > 0:
            _tell(f"  and {more:,} more")
    _say_unread(report.sources)


def say_checked(report: CheckReport) -> None:
    """Print what a baseline makes of a log, on standard output."""
    known = _share(report.known_templates, report.template_count)
    lines = [
        f"{plural(report.flagged, 'event')} of {report.events:,} flagged, in {plural(report.episodes, 'episode')}",
        f"{report.known_templates:,} of {plural(report.template_count, 'template')} known ({known})",
    ]
    if report.muted or report.normal:
        lines.append(f"beside that {report.muted:,} flagged and muted, {report.normal:,} flagged and normal by verdict")
    lines += ["", "flagged   events    known  service"]
    lines += [
        f"{row.flagged:7,}  {row.events:7,}  {_share(row.known, row.events):>7}  {escape(row.service) or '-'}"
        for row in report.services
    ]
    if report.templates:
        lines += ["", "flagged  score  most flagged templates"]
        lines += [
            f"{row.events:7,}   {two_digits(row.score)}  {escape(row.service) or '-'}: {_short(row.template)}"
            for row in report.templates
        ]
    click.echo("\n".join(lines))
    _say_unread(report.sources)


def _say_unread(sources: Sequence[SourceReport]) -> None:
    for source in sources:
        if source.unread:
            of = plural(source.lines, "line")
            _tell(f"{escape(source.name)}: {source.unread:,} of {of} {_is(source.unread)} of unread form, and left out")


def _counts(services: Iterable[tuple[str, tuple[int, int]]]) -> str:
    rows = [f"{escape(service) or '-'} {some:,} of {every:,}" for service, (some, every) in services]
    more = [f"{len(rows) - _SERVICES:,} more services"] if len(rows) > _SERVICES else []
    return ", ".join(rows[:_SERVICES] + more) or "nothing"


def _short(text: str) -> str:
    text = escape(text)
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 3]}..."


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _tell(text: str) -> None:
    click.echo(f"tailsight: {text}", err=True)
