"""The network alone: a sequence of 50 events, a stream, explanations, and what a GPU makes of it where there is one.

The other tool is PyTorch's own encoder of the same size, used as window models are: 50 events again for each one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from core.network.device import torch_threads
from core.network.inputs import EventFeatures
from core.predictor import AnomalyPredictor
from tests.bench.figures import Figure
from tests.helpers.artifact import build_artifact
from tests.helpers.features import as_dictionary, random_events

BATCH = 2_000
SIZES = (50, 1_000, 10_000, 100_000)
PEER = "nn.TransformerEncoder"


def figures(folder: Path) -> Iterator[Figure]:
    """Measure with random weights: the time that scoring takes does not depend on them."""
    artifacts = build_artifact(folder)
    load = _seconds(lambda: AnomalyPredictor(artifacts, device="cpu"), times=5)
    predictor = AnomalyPredictor(artifacts, device="cpu")
    sequence = as_dictionary(random_events(50))
    single = _seconds(lambda: predictor.predict_single_sequence(sequence, 50), times=200)
    live = _stream_seconds(predictor, 1, times=200)
    whole = _peer_seconds(1)
    yield Figure("network: load", load * 1e3, "ms")
    yield Figure("network: 50 events, one thread", single * 1e3, "ms", PEER, whole * 1e3)
    yield Figure("network: one event more, one thread", live * 1e3, "ms", PEER, whole * 1e3)
    for threads in (1, 2):
        predictor = AnomalyPredictor(artifacts, device="cpu", threads=threads)
        rate = BATCH / _stream_seconds(predictor, BATCH, times=10)
        windows = 40 / _peer_seconds(40, threads)
        yield Figure(f"network: stream, threads: {threads}", rate, "/s", f"{PEER}, windows", windows)
    yield Figure("network: explained events", 200 / _explained_seconds(artifacts), "/s")
    for device in ("cuda", "mps"):
        if getattr(torch, device).is_available():
            yield from on_device(artifacts, device)


def on_device(artifacts: Path, device: str, sizes: Sequence[int] = SIZES, times: int = 10) -> Iterator[Figure]:
    """Events a second on a device beside the CPU, in batches of these sizes, and how far the scores are apart."""
    theirs, ours = (AnomalyPredictor(artifacts, device=name) for name in ("cpu", device))
    for size in sizes:
        rate = size / _stream_seconds(ours, size, times=times)
        cpu = size / _stream_seconds(theirs, size, times=max(1, times // 5))
        yield Figure(f"network: stream on {device}, batches of {size:,}", rate, "/s", "on the CPU, one thread", cpu)
    events = random_events(max(sizes), gap=1.0)
    apart = np.abs(ours.stream().score(events).logits - theirs.stream().score(events).logits).max()
    yield Figure(f"network: logits on {device}, from those on the CPU", float(apart), "")


def _stream_seconds(predictor: AnomalyPredictor, size: int, *, times: int) -> float:
    events, stream = random_events(size, gap=1.0), predictor.stream()
    return _seconds(lambda: stream.score(events), times=times)


def _explained_seconds(artifacts: Path) -> float:
    """Seconds of explaining 200 events, every input of each."""
    stream = AnomalyPredictor(artifacts, device="cpu").stream()
    events: EventFeatures = random_events(200, gap=1.0)
    return _seconds(lambda: stream.score(events, explain_from=0.0), times=5)


def _peer_seconds(windows: int, threads: int = 1) -> float:
    """Seconds of PyTorch's encoder on windows of 50 events; its own layers only, nothing around them."""
    layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2).eval()
    events = torch.zeros(windows, 50, 128)
    with torch.inference_mode(), torch_threads(threads, windows * 50):
        return _seconds(lambda: encoder(events), times=20)


def _seconds(call: Callable[[], object], *, times: int) -> float:
    """Median seconds of a call, after one that is not counted."""
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])
