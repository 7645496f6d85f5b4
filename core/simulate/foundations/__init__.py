"""What an OpenStack stands on: message broker, database, load balancer, hypervisor, switch and operating system."""

from __future__ import annotations

from typing import Final

from core.simulate.foundations import balancer, broker, database, linux, switch, timers, virtualization

_MODULES: Final = (broker, database, balancer, virtualization, switch, linux)

CATALOGUES: Final = tuple(module.CATALOGUE for module in _MODULES)
LIFECYCLES: Final = {name: script for module in (*_MODULES, timers) for name, script in module.LIFECYCLES.items()}
ECHOES: Final = virtualization.ECHOES
