"""The kinds of incidents, each a row of data: what services log, the effect on requests, the end."""

from __future__ import annotations

from core.simulate.disturbance import registry
from core.simulate.incidents import compute, control, infrastructure, network, processes, storage

_MODULES = (infrastructure, processes, control, compute, network, storage)

INCIDENTS = registry(module.INCIDENTS for module in _MODULES)
CATALOGUES = tuple(module.CATALOGUE for module in _MODULES)
