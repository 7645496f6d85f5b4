"""What is usual: learned from healthy logs as sums, kept as hashes and numbers, compiled into quick look-ups."""

from core.baseline.chains import Chains, Link
from core.baseline.learner import Learner
from core.baseline.profile import Baseline, Moments, Profile, merged
from core.baseline.usual import Usual, UsualTemplate

__all__ = ["Baseline", "Chains", "Learner", "Link", "Moments", "Profile", "Usual", "UsualTemplate", "merged"]
