"""What holds for every test: none fails because a machine is slow."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("tailsight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tailsight")
