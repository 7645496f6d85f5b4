"""What is usual: learned from healthy logs as counts, kept as hashes and numbers, compiled into quick lookups."""

from core.baseline.builder import BaselineBuilder
from core.baseline.chains import Chains, Link
from core.baseline.compiled import CompiledBaseline, LogNormal, TemplateStats
from core.baseline.stats import Baseline, DeploymentStats, Moments, merged

__all__ = [
    "Baseline",
    "BaselineBuilder",
    "Chains",
    "CompiledBaseline",
    "DeploymentStats",
    "Link",
    "LogNormal",
    "Moments",
    "TemplateStats",
    "merged",
]
