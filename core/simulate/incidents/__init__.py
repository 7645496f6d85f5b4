"""The kinds of incidents, each a row of data: what services log, the effect on requests, the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.simulate.disturbance import registry
from core.simulate.incidents import (
    balancer,
    broker,
    compute,
    control,
    galera,
    hosts,
    infrastructure,
    network,
    processes,
    silences,
    storage,
)
from core.simulate.incidents.signs import SIGNS

_MODULES: Final = (
    infrastructure,
    processes,
    control,
    compute,
    network,
    storage,
    broker,
    galera,
    balancer,
    hosts,
    silences,
)

INCIDENTS: Final = {
    name: replace(incident, repeats=(*incident.repeats, *SIGNS.get(name, ())))
    for name, incident in registry(module.INCIDENTS for module in _MODULES).items()
}
CATALOGUES: Final = tuple(module.CATALOGUE for module in _MODULES)
