"""All messages and routes, by key."""

from __future__ import annotations

from typing import Final

from core.simulate import foundations, incidents, normals, periodic
from core.simulate.disturbance import merge
from core.simulate.lifecycles import compute_messages, network, services

CATALOGUE: Final = merge(
    (
        compute_messages.CATALOGUE,
        network.CATALOGUE,
        services.CATALOGUE,
        periodic.CATALOGUE,
        *incidents.CATALOGUES,
        *normals.CATALOGUES,
        *foundations.CATALOGUES,
    )
)
