"""The kinds of hard normals: unusual and not anomalous."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import registry
from core.simulate.normals import clients, foundations, operations, processes

_MODULES: Final = (processes, clients, operations, foundations)

HARD_NORMALS: Final = registry(module.NORMALS for module in _MODULES)
CATALOGUES: Final = tuple(module.CATALOGUE for module in _MODULES)
