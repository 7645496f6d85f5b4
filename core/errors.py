"""Every error that tailsight explains to its user.

    TailsightError
    ├── UsageError       an option or argument that cannot be meant
    ├── ConfigError      a configuration file that cannot be read
    ├── SourceError      a log that cannot be read
    ├── ArtifactError    a model folder that is missing, altered, or of another schema
    ├── DeviceError      a device that is not there
    └── OutputError      a file that cannot be written

`str(error)` is one line that says what is wrong and what to do. The command line prints it and exits with 2.
"""

from __future__ import annotations


class TailsightError(Exception):
    """Base of all errors that are explained in one line."""


class UsageError(TailsightError):
    """An option or argument that cannot be meant."""


class ConfigError(TailsightError):
    """A configuration file that cannot be read."""


class SourceError(TailsightError):
    """A log that cannot be read."""


class ArtifactError(TailsightError):
    """A model folder that is missing, altered, or of another schema."""


class DeviceError(TailsightError):
    """A device that is not there."""


class OutputError(TailsightError):
    """A file that cannot be written."""
