"""The kinds of hard normals: unusual and not anomalous."""

from __future__ import annotations

from core.simulate.disturbance import registry
from core.simulate.normals import clients, foundations, operations, processes

_MODULES = (processes, clients, operations, foundations)

HARD_NORMALS = registry(module.NORMALS for module in _MODULES)
CATALOGUES = tuple(module.CATALOGUE for module in _MODULES)
