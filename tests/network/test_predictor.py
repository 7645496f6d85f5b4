from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core import schema
from core.errors import DeviceError
from core.network.device import torch_threads
from core.network.inputs import EventFeatures
from core.predictor import AnomalyPredictor
from tests.helpers.artifact import build_artifact
from tests.helpers.features import as_dictionary, random_events

Array = np.ndarray[Any, np.dtype[np.float32]]

TOLERANCE = 1e-5
CONTEXT = len(schema.FEATURE_NAMES)


def rows(events: EventFeatures, start: int, end: int) -> EventFeatures:
    return events.map(lambda values: values[start:end])


def one_of(events: EventFeatures, row: int, length: int) -> EventFeatures:
    return events.map(lambda values: values[row, :length])


def scores_of(predictor: AnomalyPredictor, events: EventFeatures) -> Array:
    """Score one sequence with `predict`."""
    _, scores = predictor.predict(as_dictionary(events.map(lambda values: values[None])), return_scores=True)
    assert scores is not None
    first: Array = scores[0]
    return first


def logits_of(predictor: AnomalyPredictor, events: EventFeatures) -> Array:
    """Logits of one sequence as `predict` has them."""
    first: Array = predictor._logits(events.map(lambda values: values[None]))[0]
    return first


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.predictor._events_at_once", lambda _: 1024)


def test_predict_takes_a_batch_of_sequences_and_says_which_events_are_flagged(predictor: AnomalyPredictor) -> None:
    predictions, scores = predictor.predict(as_dictionary(random_events(4, 50)), return_scores=True)
    assert scores is not None
    assert scores.shape == predictions.shape == (4, 50)
    assert scores.dtype == np.float64
    assert np.array_equal(scores, np.round(scores, 4))
    assert scores.min() >= 0.0
    assert scores.max() <= 1.0
    assert np.array_equal(predictions, scores >= 0.5)
    assert 0 < predictions.sum() < predictions.size


def test_predict_gives_no_scores_unless_asked(predictor: AnomalyPredictor) -> None:
    assert predictor.predict(as_dictionary(random_events(1, 5)))[1] is None


def test_tensors_and_lists_are_taken_as_well_as_arrays(predictor: AnomalyPredictor) -> None:
    features = as_dictionary(random_events(2, 9))
    _, expected = predictor.predict(features, return_scores=True)
    categorical = features.pop("categorical")
    tensors = {name: torch.from_numpy(values) for name, values in features.items()}
    lists = {name: values.tolist() for name, values in features.items()}
    for form, codes in ((tensors, {k: torch.from_numpy(v) for k, v in categorical.items()}), (lists, categorical)):
        _, scores = predictor.predict(form | {"categorical": codes}, return_scores=True)
        assert np.array_equal(scores, expected)  # type: ignore[arg-type]


def test_padding_is_scored_0_whatever_it_holds(predictor: AnomalyPredictor) -> None:
    events = random_events(3, 60)
    lengths = [60, 0, 25]
    padded = events.map(np.copy)
    padded.numerical[2, 25:] = np.nan
    padded.categorical[2, 25:] = -1
    predictor.set_threshold(0.0)
    predictions, scores = predictor.predict(as_dictionary(padded) | {"sequence_lengths": lengths}, return_scores=True)
    assert scores is not None
    for row, length in enumerate(lengths):
        assert not scores[row, length:].any()
        assert not predictions[row, length:].any()
        assert predictions[row, :length].all()
        alone = scores_of(predictor, one_of(events, row, length))
        assert np.allclose(scores[row, :length], alone, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (0, 0)])
def test_nothing_is_scored_as_nothing(predictor: AnomalyPredictor, shape: tuple[int, int]) -> None:
    predictions, scores = predictor.predict(as_dictionary(random_events(*shape)), return_scores=True)
    assert scores is not None
    assert predictions.shape == scores.shape == shape


@pytest.mark.usefixtures("few_at_once")
def test_more_sequences_than_pass_at_once_are_scored_as_each_alone(predictor: AnomalyPredictor) -> None:
    events = random_events(60, 50)
    _, scores = predictor.predict(as_dictionary(events), return_scores=True)
    assert scores is not None
    for row in (0, 19, 20, 21, 59):
        alone = scores_of(predictor, one_of(events, row, 50))
        assert np.allclose(scores[row], alone, atol=TOLERANCE, rtol=0)


@pytest.mark.usefixtures("few_at_once")
def test_a_sequence_too_long_to_pass_at_once_is_scored_as_the_whole(predictor: AnomalyPredictor) -> None:
    events = random_events(2, 1500, gap=1.0)
    _, scores = predictor.predict(as_dictionary(events) | {"sequence_lengths": [1500, 1100]}, return_scores=True)
    assert scores is not None
    stream = predictor.stream()
    parts = [
        predictor.scores_of(stream.score(rows(one_of(events, 1, 1100), start, start + 500)).logits)
        for start in (0, 500, 1000)
    ]
    assert np.allclose(scores[1, :1100], np.concatenate(parts), atol=TOLERANCE, rtol=0)
    assert not scores[1, 1100:].any()
    assert np.allclose(scores[0, :1000], scores_of(predictor, one_of(events, 0, 1000)), atol=TOLERANCE, rtol=0)


def test_a_single_sequence_is_answered_in_the_published_form(predictor: AnomalyPredictor) -> None:
    events = random_events(1, 50)
    result = predictor.predict_single_sequence(as_dictionary(events), 30)
    scores = scores_of(predictor, events.map(lambda values: values[0, :30]))
    flagged = np.flatnonzero(scores >= 0.5)
    assert np.array_equal(result.pop("predictions"), scores >= 0.5)
    assert np.array_equal(result.pop("scores"), scores)
    assert result == {
        "num_anomalies": len(flagged),
        "anomaly_indices": flagged.tolist(),
        "anomaly_rate": pytest.approx(100 * len(flagged) / 30),
        "sequence_length": 30,
    }


def test_a_single_sequence_needs_no_batch_axis(predictor: AnomalyPredictor) -> None:
    events = random_events(50)
    without = predictor.predict_single_sequence(as_dictionary(events), 50)
    batch = as_dictionary(events.map(lambda values: values[None]))
    assert np.array_equal(without["scores"], predictor.predict_single_sequence(batch, 50)["scores"])
    assert predictor.predict_single_sequence(batch, 50, return_scores=False)["scores"] is None
    assert predictor.predict_single_sequence(batch, 0)["anomaly_rate"] == 0.0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("numerical", np.zeros((1, 5, 13)), r"numerical features have shape \[1, 5, 13\], not \[1, 5, 14\]"),
        ("binary", np.zeros((1, 4, 8)), "binary features have shape"),
        ("aggregates", np.full((1, 5, 9), np.nan), "aggregates features have values that are not finite"),
        ("timestamps", np.full((1, 5), np.inf), "timestamps have values that are not finite"),
        ("timestamps", np.zeros(5), "shape"),
        ("sequence_lengths", [6], "sequence_lengths must be 1 integers between 0 and 5"),
        ("sequence_lengths", [2.5], "sequence_lengths"),
        ("categorical", {}, "features are missing 'service'"),
        ("categorical", dict.fromkeys(schema.CATEGORICAL, np.full((1, 5), 20)), "outside their vocabulary"),
        ("categorical", dict.fromkeys(schema.CATEGORICAL, np.full((1, 5), -1)), "outside their vocabulary"),
        ("categorical", dict.fromkeys(schema.CATEGORICAL, np.zeros((1, 5))), "are codes"),
        ("categorical", dict.fromkeys(schema.CATEGORICAL, np.zeros((1, 4), int)), "shape of timestamps"),
    ],
)
def test_invalid_features_are_refused_with_the_cause(
    predictor: AnomalyPredictor, name: str, value: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        predictor.predict(as_dictionary(random_events(1, 5)) | {name: value})


def test_missing_features_are_named(predictor: AnomalyPredictor) -> None:
    with pytest.raises(ValueError, match="features are missing 'numerical'"):
        predictor.predict({"categorical": as_dictionary(random_events(1, 1))["categorical"]})


@pytest.mark.parametrize("length", [-1, 6])
def test_a_length_that_the_sequence_does_not_have_is_refused(predictor: AnomalyPredictor, length: int) -> None:
    with pytest.raises(ValueError, match=f"not one sequence of {length} events"):
        predictor.predict_single_sequence(as_dictionary(random_events(1, 5)), length)


def test_the_threshold_moves_what_is_flagged_and_not_the_scores(predictor: AnomalyPredictor) -> None:
    features = as_dictionary(random_events(1, 50))
    predictor.set_threshold(0.9)
    high, scores = predictor.predict(features, return_scores=True)
    predictor.set_threshold(0.1)
    low, same = predictor.predict(features, return_scores=True)
    assert high.sum() < low.sum()
    assert np.array_equal(scores, same)  # type: ignore[arg-type]


@pytest.mark.parametrize("threshold", [-0.01, 1.01, float("nan")])
def test_a_threshold_outside_0_to_1_is_refused(
    predictor: AnomalyPredictor, artifact_folder: Path, threshold: float
) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        predictor.set_threshold(threshold)
    with pytest.raises(ValueError, match="between 0 and 1"):
        AnomalyPredictor(artifact_folder, threshold)
    assert predictor.threshold == 0.5


@pytest.mark.parametrize("device", ["tpu9", "cuda:99", "xla"])
def test_a_device_that_is_not_there_is_one_clear_line(artifact_folder: Path, device: str) -> None:
    with pytest.raises(DeviceError, match=r"choose auto, .*cpu"):
        AnomalyPredictor(artifact_folder, device=device)


def test_the_setting_for_threads_is_taken_for_scoring_alone(artifact_folder: Path) -> None:
    with pytest.raises(ValueError, match="threads"):
        AnomalyPredictor(artifact_folder, threads=0)
    before = torch.get_num_threads()
    AnomalyPredictor(artifact_folder, device="cpu", threads=before + 1).predict(as_dictionary(random_events(9, 60)))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("most", "events", "taken"), [(4, 1, 1), (4, 600, 3), (4, 10**6, 4), (1, 10**6, 1)])
def test_few_events_use_few_threads(most: int, events: int, taken: int) -> None:
    with torch_threads(most, events):
        assert torch.get_num_threads() == taken


def test_info_says_what_is_running(predictor: AnomalyPredictor, artifact_folder: Path) -> None:
    info = predictor.info()
    assert info["parameters"] == 415_873
    assert info["device"] == "cpu"
    assert info["epochs"] == 0
    assert info["validation"] == {}
    assert info["artifacts"]["path"] == str(artifact_folder)
    assert len(info["artifacts"]["sha256"]["best_model.pth"]) == 64
    assert info["versions"]["torch"] == torch.__version__


def test_scores_do_not_depend_on_the_zero_of_the_clock(predictor: AnomalyPredictor) -> None:
    events = random_events(60, gap=8.0)
    events = events._replace(timestamps=np.round(events.timestamps))
    early = events._replace(timestamps=events.timestamps - 1.7e9)
    assert np.array_equal(scores_of(predictor, events), scores_of(predictor, early))


def test_extreme_values_are_clipped_and_scored(predictor: AnomalyPredictor) -> None:
    events = random_events(3)
    events.numerical[1] = 1e30
    bounded = events.map(np.copy)
    bounded.numerical[1] = 1e6
    bounded.numerical[:, 7] = events.numerical[:, 7] = 0.5
    assert np.array_equal(scores_of(predictor, events), scores_of(predictor, bounded))


@given(sizes=st.lists(st.integers(0, 90), min_size=1, max_size=6), gap=st.sampled_from([0.1, 15.0]))
@settings(max_examples=25, deadline=None)
def test_any_split_of_a_stream_gives_the_logits_of_the_whole(
    shared_predictor: AnomalyPredictor, sizes: list[int], gap: float
) -> None:
    predictor = shared_predictor
    events = random_events(sum(sizes), gap=gap)
    stream, start, logits = predictor.stream(), 0, []
    for size in sizes:
        logits.append(stream.score(rows(events, start, start + size)).logits)
        start += size
    assert np.allclose(np.concatenate(logits), logits_of(predictor, events), atol=TOLERANCE, rtol=TOLERANCE)


@pytest.mark.skipif("mkl" not in torch.__config__.show().lower(), reason="others may round a product by its size")
@pytest.mark.parametrize("size", [1, 2, 7, 31, 32, 33, 100])
def test_no_split_of_a_stream_changes_one_bit_of_a_logit(predictor: AnomalyPredictor, size: int) -> None:
    events = random_events(200, gap=3.0)
    stream = predictor.stream()
    logits = [stream.score(rows(events, start, start + size)).logits for start in range(0, 200, size)]
    assert np.array_equal(np.concatenate(logits), logits_of(predictor, events))


@pytest.mark.usefixtures("few_at_once")
def test_a_batch_larger_than_passes_at_once_is_scored_as_one_stream(predictor: AnomalyPredictor) -> None:
    events = random_events(2100, gap=1.0)
    stream = predictor.stream()
    parts = [stream.score(rows(events, start, start + 700), explain_from=3.0) for start in (0, 700, 1400)]
    whole = predictor.stream().score(events, explain_from=3.0)
    assert np.allclose(whole.logits, np.concatenate([part.logits for part in parts]), atol=TOLERANCE, rtol=TOLERANCE)
    explained = np.concatenate([part.explained + start for part, start in zip(parts, (0, 700, 1400), strict=True)])
    assert np.array_equal(whole.explained, explained)
    drops = np.concatenate([part.logit_drops for part in parts])
    assert np.allclose(whole.logit_drops, drops, atol=1e-4, rtol=0)


def test_a_stream_that_is_reset_has_no_past(predictor: AnomalyPredictor) -> None:
    events = random_events(40, gap=1.0)
    stream = predictor.stream()
    first = stream.score(events).logits
    assert not np.array_equal(stream.score(events).logits, first)
    stream.reset()
    assert np.array_equal(stream.score(events).logits, first)


def test_two_streams_are_independent(predictor: AnomalyPredictor) -> None:
    one, other = predictor.stream(), predictor.stream()
    other.score(random_events(40, seed=1))
    events = random_events(40)
    assert np.array_equal(one.score(events).logits, predictor.stream().score(events).logits)


def test_a_batch_that_cannot_be_leaves_the_stream_as_it_was(predictor: AnomalyPredictor) -> None:
    events = random_events(40, gap=1.0)
    stream = predictor.stream()
    stream.score(rows(events, 0, 20))
    broken = rows(events, 20, 40).map(np.copy)
    broken.aggregates[3, 2] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        stream.score(broken)
    after = stream.score(rows(events, 20, 40)).logits
    assert np.allclose(after, logits_of(predictor, events)[20:], atol=TOLERANCE, rtol=TOLERANCE)


def test_a_group_of_usual_inputs_has_no_logit_drop(predictor: AnomalyPredictor) -> None:
    events = rows(random_events(40), 0, 40)
    groups = np.zeros((2, len(schema.FEATURE_NAMES)), np.bool_)
    groups[0, 0] = groups[1, 1] = True
    usual = predictor.artifacts.reference
    events.numerical[:, :2] = usual[:2]
    result = predictor.stream(groups).score(events, explain_from=-1e9)
    assert result.logit_drops.shape == (40, 2)
    assert not result.logit_drops.any()


def test_only_what_scores_high_enough_is_explained(predictor: AnomalyPredictor) -> None:
    events = random_events(120)
    for unexplained in (predictor.stream().score(events), predictor.stream().score(events, explain_from=1e9)):
        assert unexplained.explained.shape == (0,)
        assert unexplained.logit_drops.shape == (0, CONTEXT + 1)
    result = predictor.stream().score(events, explain_from=1.0)
    assert np.array_equal(result.explained, np.flatnonzero(result.logits >= np.float32(1.0)))
    assert result.logit_drops.shape == (len(result.explained), CONTEXT + 1)


def test_logit_drops_equal_those_of_scoring_the_altered_sequence(predictor: AnomalyPredictor) -> None:
    events = random_events(90, gap=12.0, seed=3)
    usual = predictor.artifacts.reference
    stream = predictor.stream()
    stream.score(rows(events, 0, 60))
    result = stream.score(rows(events, 60, 90), explain_from=-1.0)
    assert len(result.explained) > 5
    before = logits_of(predictor, events)
    for row, drops in zip(result.explained[::3] + 60, result.logit_drops[::3], strict=True):
        for column in range(CONTEXT):
            altered = events.map(np.copy)
            place = column
            for values in (altered.numerical, altered.binary, altered.categorical, altered.aggregates):
                if 0 <= place < values.shape[-1]:
                    values[row, place] = usual[column]
                place -= values.shape[-1]
            expected = before[row] - logits_of(predictor, rows(altered, 0, row + 1))[row]
            assert drops[column] == pytest.approx(expected, abs=1e-4), schema.FEATURE_NAMES[column]
        alone = logits_of(predictor, rows(events, row, row + 1))[0]
        assert drops[CONTEXT] == pytest.approx(before[row] - alone, abs=1e-4)


def test_inputs_of_a_feature_group_are_altered_together(predictor: AnomalyPredictor) -> None:
    events = random_events(50, gap=12.0)
    groups = np.zeros((3, len(schema.FEATURE_NAMES)), np.bool_)
    groups[0, [4, 20, 24, 30]] = True
    groups[1] = True
    result = predictor.stream(groups).score(events, explain_from=-1e9)
    usual = predictor.artifacts.reference
    altered = events.map(np.copy)
    altered.numerical[-1, 4], altered.binary[-1, 6], altered.categorical[-1, 2] = usual[[4, 20, 24]]
    altered.aggregates[-1, 2] = usual[30]
    before = logits_of(predictor, events)[-1]
    assert result.logit_drops.shape == (50, 3)
    assert result.logit_drops[-1, 0] == pytest.approx(before - logits_of(predictor, altered)[-1], abs=1e-4)
    assert result.logit_drops[-1, 2] == pytest.approx(before - logits_of(predictor, rows(events, 49, 50))[0], abs=1e-4)


def test_an_input_with_its_usual_value_has_no_logit_drop(artifact_folder: Path) -> None:
    predictor = AnomalyPredictor(artifact_folder, device="cpu")
    events = random_events(30)
    events.binary[:] = 0.0
    drops = predictor.stream().score(events, explain_from=-1e9).logit_drops
    assert not drops[:, 14:22].any()
    assert drops[1:, CONTEXT].all()


def test_the_same_seed_builds_the_same_model(tmp_path: Path, artifact_folder: Path) -> None:
    again = AnomalyPredictor(build_artifact(tmp_path / "again"), device="cpu")
    other = AnomalyPredictor(build_artifact(tmp_path / "other", seed=1), device="cpu")
    first = AnomalyPredictor(artifact_folder, device="cpu")
    assert again.artifacts.manifest.model_sha256 == first.artifacts.manifest.model_sha256
    assert other.artifacts.manifest.model_sha256 != first.artifacts.manifest.model_sha256


def test_the_scores_of_a_stream_s_logits_are_those_of_predict(predictor: AnomalyPredictor) -> None:
    events = random_events(40, gap=1.0)
    found = predictor.scores_of(predictor.stream().score(events).logits)
    assert np.allclose(found, scores_of(predictor, events), atol=1e-4, rtol=0)
    assert ((found > 0.0) & (found < 1.0)).any()
