"""The calibration of a model: curves of healthy time, and the recall of incidents."""

from __future__ import annotations

import numpy as np
import pytest

from core.decision.basis import Basis
from core.decision.calibration import SLOW_MEASURES, Calibration
from core.decision.combination import Combination
from core.errors import UsageError
from core.events import Channel
from core.scale import episodes_per_hour
from core.training.calibrate import THRESHOLDS, FittedCalibration, Scorable, calibrate, fit_on
from core.training.curves import Healthy, count_episodes
from core.training.dataset import BaselineView, Example
from tests.helpers.evidence import rows_of, weights_of

COMBINATION = Combination(weights_of(network__linear=1.0, burst=1.0), np.array([-1.0, 0.0, 0.5, 1.0]))
EVERY = 20.0
COUNT = 4_000
HOURS = COUNT * EVERY / 3_600.0


def part(
    seed: int, view: BaselineView = BaselineView.KNOWN, onset: int | None = None, reference: float = 2.0
) -> Scorable:
    """Events of which a few stand out by the network or by slowness; an incident from `onset` on stands out by far."""
    draw = np.random.default_rng(seed)
    changes = [{"reference": reference} for _ in range(COUNT)]
    for row in draw.choice(COUNT, COUNT // 20, replace=False).tolist():
        changes[row]["slow_nats"] = draw.exponential()
    logits = np.where(draw.random(COUNT) < 0.1, draw.exponential(2.0, COUNT), -6.0)
    targets = np.zeros(COUNT, np.int8)
    if onset is not None:
        targets[onset], targets[onset + 1 :] = 1, -1
        logits[onset] = 60.0
    return Scorable(Example("a", "b", view, rows_of(*changes, every=EVERY), targets), logits)


@pytest.fixture(scope="module")
def parts() -> list[Scorable]:
    return [part(1), part(2), part(3, BaselineView.UNKNOWN, reference=0.0)]


@pytest.fixture(scope="module")
def fitted(parts: list[Scorable]) -> FittedCalibration:
    return calibrate(COMBINATION, parts, [part(4, onset=3_000), part(5)])


@pytest.mark.parametrize("score", [0.25, 0.3, 0.4])
def test_healthy_time_reaches_a_score_as_often_as_it_says(
    fitted: FittedCalibration, parts: list[Scorable], score: float
) -> None:
    for known in (True, False):
        own = [each for each in parts if (each.example.view is BaselineView.KNOWN) is known]
        streams = [
            Healthy(each.example.batch.timestamps, fitted.calibration.judge(each.example.batch, each.logits).scores)
            for each in own
        ]
        expected = episodes_per_hour(score) * HOURS * len(own)
        assert abs(count_episodes(streams, score) - expected) <= 2.0 * expected**0.5


def test_every_curve_is_there_and_the_whole_can_be_read_back(fitted: FittedCalibration) -> None:
    made = fitted.calibration
    assert set(made.channels) == set(Channel) - {Channel.SLOW}
    assert set(made.slow) == set(SLOW_MEASURES)
    for curves in (made.joint, made.combined, *made.slow.values(), *made.channels.values()):
        assert set(curves) == set(Basis)
    assert Calibration.from_plain(made.to_plain()).to_plain() == made.to_plain()
    assert made.threshold == 0.5
    assert made.combination is COMBINATION


def test_the_network_s_own_curve_is_one_for_all_bases(fitted: FittedCalibration) -> None:
    assert len({id(curve) for curve in fitted.calibration.channels[Channel.NETWORK].values()}) == 1


def test_what_each_basis_was_counted_on_is_told(fitted: FittedCalibration) -> None:
    plain = fitted.to_plain()
    assert {word: found["hours"] for word, found in plain.items()} == pytest.approx(
        {"none": HOURS, "stream": HOURS, "partial": HOURS, "baseline": 2 * HOURS}, abs=0.1
    )
    assert all(found["counted_to"] > 0.2 for found in plain.values())


def test_the_recall_is_that_of_the_incidents_of_validation(fitted: FittedCalibration) -> None:
    assert fitted.calibration.thresholds.tolist() == THRESHOLDS.tolist()
    assert fitted.calibration.at(0.5).recall == 1.0
    missed = part(6, onset=2_000)
    missed.logits[2_000:] = -6.0
    both = calibrate(COMBINATION, [part(1)], [part(4, onset=3_000), missed]).calibration
    assert both.at(0.6).recall == 0.5
    assert both.at(0.0).recall == 1.0
    assert (np.diff(both.recall) <= 0).all()
    assert not calibrate(COMBINATION, [part(1)], []).calibration.recall.any()


def test_without_foreign_streams_the_known_ones_take_their_place_and_the_other_way_round() -> None:
    known = calibrate(COMBINATION, [part(1)], [])
    foreign = calibrate(COMBINATION, [part(1, BaselineView.OTHER)], [])
    assert known.to_plain() == foreign.to_plain()


def test_without_healthy_time_there_is_no_calibration() -> None:
    with pytest.raises(UsageError, match="needs a healthy stream"):
        calibrate(COMBINATION, [part(1, onset=0)], [])


def test_healthy_time_ends_before_the_first_event_that_is_not_normal() -> None:
    found = part(1, onset=5)
    assert found.healthy.sum() == found.healthy[:5].sum() == 5
    assert found.incident.sum() == COUNT - 5
    assert part(1).healthy.all()
    assert not part(1).incident.any()
    unknown = Scorable(found.example, found.logits)
    unknown.example.targets[5] = -1
    assert not unknown.incident.any()
    assert unknown.healthy.sum() == 5


def test_the_combination_is_fitted_on_the_windows_of_all_parts() -> None:
    found = fit_on([part(1), *(part(seed, onset=3_900) for seed in range(2, 4))])
    assert found.weights[Basis.BASELINE].max() > 0.0


def test_a_foreign_stream_that_reports_a_failure_is_not_taken_for_healthy() -> None:
    failing = part(3, BaselineView.UNKNOWN, reference=0.0)
    failing.example.batch.column("reports_failure")[7] = 1.0
    fine = [part(1), part(2, BaselineView.UNKNOWN, reference=0.0)]
    assert calibrate(COMBINATION, [*fine, failing], []).to_plain() == calibrate(COMBINATION, fine, []).to_plain()
    known = part(1)
    known.example.batch.column("reports_failure")[7] = 1.0
    assert calibrate(COMBINATION, [known], []).to_plain()["baseline"]["hours"] == pytest.approx(HOURS, abs=0.1)
