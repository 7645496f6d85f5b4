"""Every error that tailsight reports to its user.

    TailsightError
    ├── UsageError       an invalid option or argument
    ├── ConfigError      a configuration file that cannot be read
    ├── SourceError      a log that cannot be read
    ├── ArtifactError    a model folder that is missing, altered, or of another schema
    ├── DeviceError      a device that is not available
    └── OutputError      a file that cannot be written

`str(error)` is one line: what is wrong, and what to do. The command line prints it and exits with 2.
"""

from __future__ import annotations


class TailsightError(Exception):
    """Base of all errors that are reported in one line."""


class UsageError(TailsightError):
    """An invalid option or argument."""


class ConfigError(TailsightError):
    """A configuration file that cannot be read."""


class SourceError(TailsightError):
    """A log that cannot be read."""


class ArtifactError(TailsightError):
    """A model folder that is missing, altered, or of another schema."""


class DeviceError(TailsightError):
    """A device that is not available."""


class OutputError(TailsightError):
    """A file that cannot be written."""
