"""Learning a site from its logs: what is usual afterwards, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from core.baseline import Baseline
from core.decision.flagging import FlaggingPolicy
from core.decision.verdicts import VerdictKind
from core.errors import ArtifactError, SourceError
from core.events import LogEvent, ScoredEvent, State
from core.learning.check import check_log
from core.learning.from_logs import READINGS, keep_stats, kept_baseline, learn_site
from core.learning.learned import LearnedSite
from core.learning.site_log import SiteLog
from core.pipeline import BeginPipeline, Pipeline
from core.reading import ReadBatch, read_file
from core.templates import Templater, stable_hash
from tests.helpers.events import scored_event
from tests.helpers.lines import oslo

START = datetime(2026, 3, 3, tzinfo=UTC)
ROUTINE = "Running instance usage audit"
INCIDENT = "Connection to the message queue failed"
ODD = "Rebooting the hypervisor failed softly"
NAME = "nova-compute.log"


class FakePipeline:
    """Scores what speaks of a failure and is not in the site's baseline 0.9, all else 0.1."""

    def __init__(self, site: Baseline | None) -> None:
        self._known = (
            {one for stats in site.deployments for one in stats.template_events.get("nova-compute", ())} if site else ()
        )
        self._templater = Templater()

    def score(self, events: Sequence[LogEvent]) -> Iterator[ScoredEvent]:
        for seq, event in enumerate(events, 1):
            template = self._templater.facts(event.logger, event.head).template
            is_wrong = "failed" in event.message and template.id not in self._known
            yield ScoredEvent(seq, event, 0.9 if is_wrong else 0.1, State.SCORED, template.text)


def load(site: Baseline | None) -> BeginPipeline:
    return cast("BeginPipeline", lambda: FakePipeline(site))


class Site:
    """A file of one service: a routine line every 10 minutes, and what a test adds."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.readings = 0

    def write(self, hours: float, *more: tuple[float, str, str]) -> None:
        rows = [(minutes / 60, "INFO", ROUTINE) for minutes in range(0, int(hours * 60), 10)]
        lines = []
        for hour, level, message in sorted([*rows, *more]):
            stamp = (START + timedelta(hours=hour)).isoformat(sep=" ", timespec="milliseconds")[:23]
            lines.append(oslo(message, stamp=stamp, level=level, context="[-] ") + "\n")
        self.path.write_text("".join(lines))

    def log(self, *names: str) -> SiteLog:
        def opened(path: Path) -> Callable[[], Iterator[ReadBatch]]:
            def read() -> Iterator[ReadBatch]:
                self.readings += 1
                return read_file(path, batch_lines=7)

            return read

        return SiteLog({str(name): opened(Path(name)) for name in names or (str(self.path),)}, UTC)

    def learn(self, **options: Any) -> LearnedSite:
        return learn_site("site", self.log(), load, **options)

    def knows(self, stats: Any, message: str) -> bool:
        return Templater().facts("nova.compute.manager", message).template.id in stats.template_events["nova-compute"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


INCIDENT_LINES = [(30 + minute / 60, "ERROR", INCIDENT) for minute in range(5)]


def test_an_incident_in_the_log_is_not_usual_afterwards(site: Site) -> None:
    site.write(72, *INCIDENT_LINES, (30.5, "WARNING", ODD))
    learned = site.learn()
    assert not site.knows(learned.stats, INCIDENT)
    assert not site.knows(learned.stats, ODD)
    assert site.knows(learned.stats, ROUTINE)
    report = learned.report
    assert (report.lines, report.events, report.flagged, report.episodes) == (438, 438, 6, 2)
    assert (report.left_out_errors, report.chronic) == (5, ())
    assert report.learned + report.left_out_errors + report.left_out_flagged == report.events
    assert report.services == {"nova-compute": (report.learned, report.events)}


def test_all_is_learned_with_keep_flagged(site: Site) -> None:
    site.write(72, *INCIDENT_LINES)
    learned = site.learn(keep_flagged=True)
    assert site.knows(learned.stats, INCIDENT)
    assert learned.report.learned == learned.report.events == learned.stats.messages


def test_a_chronic_error_is_usual_and_named_with_an_example(site: Site) -> None:
    site.write(72, *((hour + 0.05, "ERROR", INCIDENT) for hour in range(0, 72, 5)))
    learned = site.learn()
    assert site.knows(learned.stats, INCIDENT)
    (error,) = learned.report.chronic
    assert (error.service, error.example, error.events) == ("nova-compute", INCIDENT, 15)
    assert INCIDENT.encode() not in Baseline((learned.stats,)).to_bytes()


def test_what_the_other_blocks_know_is_not_flagged_the_second_time(site: Site) -> None:
    # It is flagged whenever it comes cold, and so is in no provisional statistics: only a verdict helps.
    site.write(72, *((hour + 0.05, "WARNING", ODD) for hour in range(0, 72, 5)))
    assert not site.knows(site.learn().stats, ODD)

    def verdict_of(event: ScoredEvent) -> VerdictKind | None:
        return VerdictKind.NORMAL if event.template == ODD else None

    learned = site.learn(verdict_of=verdict_of)
    assert site.knows(learned.stats, ODD)
    assert learned.report.flagged == 0, "the other blocks know it"
    assert learned.report.learned == learned.report.events


def test_what_is_real_by_verdict_is_not_learned_though_it_is_chronic_or_all_is_kept(site: Site) -> None:
    site.write(72, *((hour + 0.05, "ERROR", INCIDENT) for hour in range(0, 72, 5)))
    learned = site.learn(keep_flagged=True, verdict_of=lambda e: VerdictKind.REAL if e.template == INCIDENT else None)
    assert not site.knows(learned.stats, INCIDENT)
    assert learned.report.left_out_real == 15


def test_an_incident_in_the_second_half_is_found_after_learning_the_first(site: Site, tmp_path: Path) -> None:
    site.write(72, *INCIDENT_LINES)
    stats = site.learn().stats
    other = Site(tmp_path)
    other.write(10, (5.0, "ERROR", INCIDENT), (5.01, "ERROR", INCIDENT), (6.02, "INFO", "What is new"))
    baseline = Baseline((stats,))
    report = check_log(baseline, other.log(), cast("Pipeline", FakePipeline(baseline)), FlaggingPolicy(0.5))
    assert (report.flagged, report.episodes, report.events) == (2, 1, 63)
    assert (report.known_templates, report.template_count) == (1, 3)
    assert [(row.template, row.events, row.score) for row in report.templates] == [(INCIDENT, 2, 0.9)]
    (service,) = report.services
    assert (service.service, service.events, service.flagged, service.known) == ("nova-compute", 63, 2, 60)


def test_a_check_tells_what_is_normal_by_verdict_and_what_is_muted_apart(site: Site) -> None:
    site.write(10, (5.02, "ERROR", INCIDENT), (6.02, "ERROR", ODD))
    policy = FlaggingPolicy(
        0.5, lambda e: e.template == ODD, lambda e: VerdictKind.NORMAL if e.template == INCIDENT else None
    )
    report = check_log(Baseline(), site.log(), cast("Pipeline", FakePipeline(None)), policy)
    assert (report.flagged, report.muted, report.normal, report.episodes) == (0, 1, 1, 0)


def test_the_scores_are_those_of_all_events_in_blocks_that_have_not_seen_themselves(site: Site) -> None:
    site.write(72, *INCIDENT_LINES)
    scores = site.learn().scores
    assert len(scores.scores) == len(scores.timestamps) == len(scores.learned) == 437
    assert np.unique(scores.block).tolist() == [0, 1, 2, 3]
    assert (np.diff(scores.block) >= 0).all()
    assert np.flatnonzero(scores.flagged).tolist() == np.flatnonzero(scores.scores == 0.9).tolist()
    assert (np.diff(scores.timestamps) >= 0).all()
    assert not scores.learned[scores.flagged].any()


def test_the_log_is_read_again_and_no_events_are_held(site: Site) -> None:
    site.write(30)
    site.learn()
    assert site.readings == READINGS


def test_a_log_that_grows_meanwhile_is_learned_as_far_as_it_was_read_first(site: Site) -> None:
    site.write(30)
    log, lines = site.log(), []

    def growing(baseline: Baseline | None) -> BeginPipeline:
        lines.append(baseline)
        with site.path.open("a") as file:
            file.write(oslo(ROUTINE, stamp="2026-03-09 00:00:00.000") + "\n")
        return load(baseline)

    log.lines.clear()
    first = list(log.events())
    assert len(list(log.events())) == len(first)
    assert learn_site("site", site.log(), growing).report.events == len(first) + 1, "one is written before it is read"


def test_a_log_that_is_cut_meanwhile_is_said(site: Site) -> None:
    site.write(30)
    log = site.log()
    list(log.events())
    site.write(3)
    with pytest.raises(SourceError, match="copies"):
        list(log.events())


def test_lines_of_unread_form_are_counted_by_source_and_not_learned(site: Site, tmp_path: Path) -> None:
    site.write(30)
    notes = tmp_path / "notes.log"
    notes.write_text("what a day\nnothing here\n")
    learned = learn_site("site", site.log(str(site.path), str(notes)), load)
    assert [(source.lines, source.unread) for source in learned.report.sources] == [(180, 0), (2, 2)]
    assert learned.report.events == 180


def test_there_has_to_be_something_to_learn(site: Site, tmp_path: Path) -> None:
    notes = tmp_path / "notes.log"
    notes.write_text("what a day\n")
    with pytest.raises(SourceError, match="nothing to learn from"):
        learn_site("site", site.log(str(notes)), load)
    notes.write_text(oslo(INCIDENT, level="ERROR") + "\n")
    with pytest.raises(SourceError, match="--keep-flagged"):
        learn_site("site", site.log(str(notes)), load)


def test_a_calibration_is_kept_beside_the_statistics_until_they_change(site: Site, tmp_path: Path) -> None:
    site.write(30)
    stats, path = site.learn().stats, tmp_path / "own.gz"
    keep_stats(path, kept_baseline(path), stats, calibration={"combined": [[0.1, 2.5]]})
    known = Baseline.read(path)
    assert known.calibration == {"combined": [[0.1, 2.5]]}
    assert Baseline().with_deployment(stats).calibration is None
    assert known.with_deployment(stats).calibration == known.calibration
    keep_stats(path, known, stats)
    assert Baseline.read(path).calibration is None


def test_a_calibration_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.gz"
    path.write_bytes(Baseline(calibration=cast("Any", 5)).to_bytes())
    with pytest.raises(ArtifactError, match="learn it again"):
        Baseline.read(path)


def test_the_templates_of_events_are_hashed_as_those_of_the_statistics() -> None:
    template = Templater().facts("nova", INCIDENT).template
    assert template.id == stable_hash(scored_event(template=template.text).template)
