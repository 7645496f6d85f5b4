"""Which model scores and where, checked before the screen opens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import ArtifactError

if TYPE_CHECKING:
    from core.baseline import Baseline
    from core.decision.calibration import Calibration
    from core.export.document import Model
    from core.pipeline import BeginPipeline

NETWORK_PARAMETERS: Final = 415_873
"""Of `core.network.model`, which is not imported here: torch takes longer to load than the screen to paint."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model scores, and where; what the options say."""

    artifacts: Path | None
    device: str
    threads: int
    baseline: Path | Baseline | None
    """A baseline of this deployment, or the file that `tailsight learn` wrote of it."""
    zone: tzinfo | None = None
    """The time of log lines that name no zone; None for the host's."""
    planned: Mapping[str, float] = field(default_factory=dict)
    """Service -> second until which it may be silent."""

    def read(self) -> tuple[Model, Calibration]:
        """Verify the folder, and the device where one is named; raises `ArtifactError` or `DeviceError`."""
        from core.artifacts.manifest import CALIBRATION, read_verified
        from core.decision.calibration import Calibration
        from core.export.document import Model

        if isinstance(self.baseline, Path) and not self.baseline.is_file():
            raise ArtifactError(f"the baseline file {self.baseline} does not exist; `tailsight learn` writes one")
        if self.device not in {"auto", "cpu"}:
            from core.network.device import choose_device

            choose_device(self.device)
        manifest, contents = read_verified(self.artifacts)
        calibration = Calibration.from_plain(json.loads(contents[CALIBRATION]))
        return Model(manifest.model_sha256, NETWORK_PARAMETERS), calibration

    def load(self, *, explain_from: float | None = None, follow: bool = True) -> BeginPipeline:
        """Load the model; each call of what is returned begins a new stream; `follow` as for `load_pipeline`."""
        from core.pipeline import EXPLAIN_FROM, load_pipeline
        from tui.process.loading import freeze_loaded

        begin = load_pipeline(
            self.artifacts,
            device=self.device,
            threads=self.threads,
            explain_from=EXPLAIN_FROM if explain_from is None else explain_from,
            site=self.baseline,
            follow=follow,
            zone=self.zone,
            planned=self.planned,
        )
        freeze_loaded()
        return begin


def chosen_zone(name: str | None, config: Path | None = None) -> tzinfo | None:
    """Return the zone of `--timezone`, else that of the configuration; None for the host's.

    Raises `UsageError` for an unknown zone, `ConfigError` for an invalid configuration.
    """
    from core.parsing.zones import read_zone
    from tui.config import load_config

    if name is not None:
        return read_zone(name)
    # An empty setting is that of a file without one; an empty option is a variable of a script that is not set.
    setting = load_config(config).timezone
    return read_zone(setting) if setting else None


def chosen_planned(options: Iterable[str], zone: tzinfo | None, config: Path | None = None) -> dict[str, float]:
    """Return until when which service may be silent, by `--planned` and the configuration, the option first.

    Raises `UsageError` for what is no time, `ConfigError` for an invalid configuration.
    """
    from tui.commands.planned import read_planned
    from tui.config import load_config

    settings = load_config(config).planned
    return read_planned([*(f"{service}={until}" for service, until in settings.items()), *options], zone)


def own_baseline() -> Path:
    """Return the baseline file that `tailsight learn` writes by default."""
    import platformdirs

    return platformdirs.user_data_path("tailsight") / "baseline.json.gz"
