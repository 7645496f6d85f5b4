"""Which model scores and where, checked before the screen opens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import ArtifactError

if TYPE_CHECKING:
    from core.decision.calibration import Calibration
    from core.export.document import Model
    from core.pipeline import BeginPipeline

NETWORK_PARAMETERS: Final = 415_873
"""Of `core.network.model`, which is not imported here: torch takes longer to load than the screen to paint."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Options of the command line that say which model scores, and where."""

    artifacts: Path | None
    device: str
    threads: int
    baseline: Path | None
    """What is usual on this deployment, as `tailsight learn` wrote it."""

    def read(self) -> tuple[Model, Calibration]:
        """Verify the folder, and the device where one is named; raises `ArtifactError` or `DeviceError`."""
        from core.artifacts.manifest import CALIBRATION, read_verified
        from core.decision.calibration import Calibration
        from core.export.document import Model

        if self.baseline is not None and not self.baseline.is_file():
            raise ArtifactError(f"there is no baseline file {self.baseline}; `tailsight learn` makes one")
        if self.device not in {"auto", "cpu"}:
            from core.network.device import choose_device

            choose_device(self.device)
        manifest, contents = read_verified(self.artifacts)
        calibration = Calibration.from_plain(json.loads(contents[CALIBRATION]))
        return Model(manifest.model_sha256, NETWORK_PARAMETERS), calibration

    def load(self, *, explain_from: float | None = None) -> BeginPipeline:
        """Load the model; each call of what is returned begins a new stream with it."""
        from core.pipeline import EXPLAIN_FROM, load_pipeline
        from tui.process.loading import freeze_loaded

        begin = load_pipeline(
            self.artifacts,
            device=self.device,
            threads=self.threads,
            explain_from=EXPLAIN_FROM if explain_from is None else explain_from,
            site=self.baseline,
        )
        freeze_loaded()
        return begin


def own_baseline() -> Path:
    """Where `tailsight learn` keeps what is usual, unless told otherwise."""
    import platformdirs

    return platformdirs.user_data_path("tailsight") / "baseline.json.gz"
