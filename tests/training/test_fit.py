"""Fitting: events with and without a loss, and an interrupted fit that continues to the same result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.training.dataset import BaselineView, Example
from core.training.fit import Arrays, FitOptions, chunks, fit_network, logits
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

OPTIONS = FitOptions(
    epochs=2, dropout=0.0, level_dropout=0.0, service_dropout=0.0, feature_dropout=0.0, quiet_share=1.0
)


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    batch: FeatureBatch = FeatureExtractor(healthy_compiled()).extract(
        *parsed(cloud_lines(3, 300.0, "port_binding_failed"))
    )
    targets = (batch.binary[:, 4] > 0).astype(np.int8)
    assert targets.any()
    example = Example("cloud", "simulated", BaselineView.KNOWN, batch, targets)
    return Arrays.of([example], np.zeros(14, np.float32), np.ones(14, np.float32))


def silent(_what: str, _done: int, _of: int) -> None:
    pass


def test_chunks_cover_every_event_once_and_see_the_past_of_their_first() -> None:
    bounds = [(0, 250), (250, 260)]
    rows = chunks(bounds)
    learned = np.concatenate([np.arange(start, end) for _, start, end in rows])
    assert learned.tolist() == list(range(260))
    assert all(start - first <= 49 for first, start, _ in rows)
    assert all(first >= begin for first, start, _ in rows for begin, end in bounds if begin <= start < end)


def test_the_loss_falls(arrays: Arrays) -> None:
    _, curve = fit_network(arrays, arrays, replace(OPTIONS, epochs=25), progress=silent)
    assert curve.loss[-1] < 0.5 * curve.loss[0]


def test_nothing_is_learned_from_inputs_that_are_never_shown(arrays: Arrays) -> None:
    options = replace(OPTIONS, epochs=25, feature_dropout=1.0)
    model, _ = fit_network(arrays, arrays, options, progress=silent)
    wrong = arrays.targets == 1
    found = torch.from_numpy(logits(model, arrays))
    assert found[wrong].mean() < found[~wrong].mean() + 1.0, "nothing sets the anomalous events apart"


def test_equal_seeds_fit_equal_networks(arrays: Arrays) -> None:
    one, other = (fit_network(arrays, arrays, OPTIONS, progress=silent)[0] for _ in range(2))
    np.testing.assert_array_equal(logits(one, arrays), logits(other, arrays))


def test_an_interrupted_fit_continues_where_it_was(arrays: Arrays, tmp_path: Path) -> None:
    class CutError(Exception):
        pass

    def cut(what: str, _done: int, _of: int) -> None:
        if what.startswith("epoch 2"):
            raise CutError

    whole, _ = fit_network(arrays, arrays, OPTIONS, progress=silent)
    with pytest.raises(CutError):
        fit_network(arrays, arrays, OPTIONS, progress=cut, checkpoint=tmp_path / "fit.pt")
    resumed, curve = fit_network(arrays, arrays, OPTIONS, progress=silent, checkpoint=tmp_path / "fit.pt")
    assert len(curve.loss) == 2
    np.testing.assert_allclose(logits(resumed, arrays), logits(whole, arrays), atol=1e-5)


def test_events_without_a_target_have_no_loss(arrays: Arrays) -> None:
    hidden = torch.where(arrays.targets == 1, torch.tensor(-1, dtype=torch.int8), arrays.targets)
    model, curve = fit_network(replace(arrays, targets=hidden), arrays, replace(OPTIONS, epochs=25), progress=silent)
    assert curve.loss[-1] < 0.2 * curve.loss[0]
    assert (logits(model, arrays) < 0).all(), "without a positive nothing can be called one"
