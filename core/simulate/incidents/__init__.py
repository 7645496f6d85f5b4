"""The kinds of incident, each a row of data: what the services log, what it does to requests, how it ends."""

from __future__ import annotations

from core.simulate.disturbance import registry
from core.simulate.incidents import compute, control, infrastructure, network, storage

_MODULES = (infrastructure, control, compute, network, storage)

INCIDENTS = registry(module.INCIDENTS for module in _MODULES)
CATALOGUES = tuple(module.CATALOGUE for module in _MODULES)
