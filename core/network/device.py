"""Where the network computes, and with how many threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

from core.errors import DeviceError

_EVENTS_PER_THREAD: Final = 256


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of that name; `auto` is MPS, else CUDA, else the CPU. Raises `DeviceError`."""
    mps, cuda = torch.backends.mps.is_available(), torch.cuda.is_available()
    available = [*(["mps"] if mps else []), *(["cuda"] if cuda else []), "cpu"]
    if name == "auto":
        return torch.device(available[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceError(f"{name!r} is not a device; choose auto, {', '.join(available)}") from None
    if device.type not in available or (device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()):
        raise DeviceError(f"device {name!r} is not available; choose auto, {', '.join(available)}")
    return device


@contextmanager
def torch_threads(count: int, events: int) -> Iterator[None]:
    """Let PyTorch use up to this many threads for this many events, and restore its setting afterwards.

    A few events take one: threads that wait for each other cost more than they save, and much more on a busy host.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(min(count, 1 + events // _EVENTS_PER_THREAD))
    try:
        yield
    finally:
        torch.set_num_threads(before)
