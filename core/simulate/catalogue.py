"""Every message and route that there is, by key."""

from __future__ import annotations

from core.simulate import normals, periodic
from core.simulate.disturbance import merge
from core.simulate.incidents import CATALOGUES
from core.simulate.lifecycles import compute, network, services

CATALOGUE = merge(
    (
        compute.CATALOGUE,
        network.CATALOGUE,
        services.CATALOGUE,
        periodic.CATALOGUE,
        *CATALOGUES,
        normals.CATALOGUE,
    )
)
