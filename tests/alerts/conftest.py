from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.webhook import Webhook, served_webhook


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with served_webhook() as hook:
        yield hook
