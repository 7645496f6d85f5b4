"""What holds for every test: none fails because a machine is slow. `make check` tries fewer examples of each law."""

from __future__ import annotations

import inspect
import os
import time

import pytest
from hypothesis import HealthCheck, settings

HANG_SECONDS = 600
"""A test that drives the app waits for what the screen shows; after so long it does not come."""

# Stamps without a zone are in the host's time: the same in every place that runs the tests.
os.environ["TZ"] = "UTC"
time.tzset()

settings.register_profile("tailsight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("tailsight"), max_examples=10)
settings.load_profile("tailsight")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stop a test of the app that waits for ever."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.timeout(HANG_SECONDS))
