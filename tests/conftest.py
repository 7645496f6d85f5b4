"""What holds for every test: none fails because a machine is slow. `make check` tries fewer examples of each law."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("tailsight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("tailsight"), max_examples=20)
settings.load_profile("tailsight")
