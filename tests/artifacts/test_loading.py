from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, StandardScaler

from core import schema
from core.artifacts import manifest as m
from core.artifacts import unpickle, verify
from core.artifacts.loading import load_artifacts
from core.artifacts.saving import ArtifactContents, fit_scalers, save_artifacts
from core.errors import ArtifactError, OutputError
from core.network.model import ModelConfig, Transformer
from tests.helpers.artifact import build_artifact

MARK = "TAILSIGHT_TEST_CODE_HAS_RUN"


class Runs:
    """Pickles to a call that leaves a mark in the environment."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return exec, (f"import os; os.environ[{MARK!r}] = '1'",)


class System:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("exit 1",)


class Calls:
    """Pickles to any call."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


@pytest.fixture(autouse=True)
def _nothing_runs(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv(MARK, raising=False)
    yield
    assert MARK not in os.environ


def replace(folder: Path, name: str, content: bytes) -> None:
    """Put other content in place and sign it, as whoever makes a folder can."""
    (folder / name).write_bytes(content)
    contents = {name: (folder / name).read_bytes() for name in m.SIZE_LIMITS}
    (folder / m.MANIFEST).write_bytes(m.build_manifest(contents, {}).render())


def dumped(value: object) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream)
    return stream.getvalue()


def saved(value: object) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def refusal(folder: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        load_artifacts(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def scalers() -> dict[str, StandardScaler]:
    return fit_scalers(np.random.default_rng(0).normal(size=(20, 14)))


def encoders() -> dict[str, LabelEncoder]:
    found = {}
    for name, words in schema.CATEGORICAL.items():
        found[name] = LabelEncoder()
        found[name].classes_ = np.array(words)
    return found


def test_saved_artifacts_load_unchanged(tmp_path: Path) -> None:
    numerical = np.random.default_rng(0).normal(3.0, 2.0, size=(50, 14))
    contents = ArtifactContents(
        model=Transformer(),
        scalers=fit_scalers(numerical),
        reference=np.arange(37) % 5 / 4,
        baseline=b"anything",
        calibration={"threshold": 0.75, "points": [1, 2]},
        metrics={"epochs": 3},
        card="# Card\n",
    )
    saved_manifest = save_artifacts(tmp_path / "new" / "folder", contents)
    loaded = load_artifacts(tmp_path / "new" / "folder")
    assert loaded.manifest == saved_manifest
    assert loaded.threshold == 0.75
    assert loaded.calibration == contents.calibration
    assert loaded.metrics == contents.metrics
    assert loaded.baseline == b"anything"
    assert np.allclose(loaded.reference, contents.reference)
    place = schema.NUMERICAL_NAMES.index(schema.UNSCALED)
    assert (loaded.means[place], loaded.scales[place]) == (0.0, 1.0)
    others = np.arange(14) != place
    assert np.allclose(loaded.means[others], numerical.mean(axis=0)[others])
    assert np.allclose(loaded.scales[others], numerical.std(axis=0)[others])
    for name, weight in contents.model.state_dict().items():
        assert torch.equal(weight, loaded.model.state_dict()[name])
    assert not loaded.model.training


def test_the_files_are_what_their_names_say(folder: Path) -> None:
    read = joblib.load(folder / m.ENCODERS)
    assert {name: tuple(encoder.classes_) for name, encoder in read.items()} == schema.CATEGORICAL
    read = joblib.load(folder / m.SCALERS)
    assert read.keys() == set(schema.SCALED_NAMES)
    assert len(read) == 13
    assert all(isinstance(scaler, StandardScaler) for scaler in read.values())
    assert read["burst"].transform([[read["burst"].mean_[0]]]) == [[0.0]]
    assert torch.load(folder / m.MODEL, weights_only=True).keys() == Transformer().state_dict().keys()


def test_a_folder_is_written_over_in_place(folder: Path) -> None:
    before = verify(folder)
    build_artifact(folder, seed=1)
    assert verify(folder).model_sha256 != before.model_sha256
    assert sorted(path.name for path in folder.iterdir()) == sorted([*m.SIZE_LIMITS, m.MANIFEST])


def test_loading_does_not_import_scikit_learn(folder: Path) -> None:
    code = (
        "import sys, pathlib; from core.artifacts.loading import load_artifacts;"
        "load_artifacts(pathlib.Path(sys.argv[1]));"
        "sys.exit('sklearn' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True)


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write .*: it is not a folder; choose another name"):
        build_artifact(tmp_path / "file")


def test_contents_that_loading_would_refuse_are_not_written(tmp_path: Path) -> None:
    contents = ArtifactContents(Transformer(), {}, np.zeros(37), b"", {"threshold": 0.5}, {}, "")
    with pytest.raises(ValueError, match="scalers are needed for exactly"):
        save_artifacts(tmp_path / "no", contents)
    assert not (tmp_path / "no").exists()


def test_the_poison_of_these_tests_is_poison(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(dumped({"service": np.array([Runs()], dtype=object)}))
    joblib.load(tmp_path / "file")
    assert os.environ.pop(MARK) == "1"


@pytest.mark.parametrize("name", [m.ENCODERS, m.SCALERS])
@pytest.mark.parametrize(
    "poison",
    [
        Runs(),
        System(),
        [Runs()],
        {"service": Runs()},
        np.array([Runs(), None], dtype=object),
        np.array([{"deep": np.array([Runs()], dtype=object)}], dtype=object),
        Calls(np.load, "/etc/passwd"),
        Calls(np.dtype, "O"),
        Calls(np.ndarray, (1 << 40,)),
        Calls(getattr, LabelEncoder, "fit"),
        Calls(joblib.load, "/etc/passwd"),
        MinMaxScaler(),
        np.zeros(3, dtype=[("a", "O")]),
        np.zeros(3).view(np.matrix),
        np.float64(1.0),
        {"service": LabelEncoder},
    ],
    ids=lambda poison: type(poison).__name__,
)
def test_a_poisoned_joblib_file_is_refused_and_nothing_runs(folder: Path, name: str, poison: object) -> None:
    replace(folder, name, dumped(poison))
    assert f"{name} " in refusal(folder)


@pytest.mark.parametrize("attribute", ["classes_", "__class__", "__dict__", "fit"])
def test_a_poisoned_attribute_of_an_estimator_is_refused(folder: Path, attribute: str) -> None:
    poisoned = encoders()
    vars(poisoned["level"])[attribute] = Runs()
    replace(folder, m.ENCODERS, dumped(poisoned))
    assert "builtins.exec" in refusal(folder)


@pytest.mark.parametrize(
    "code",
    [
        b"cos\nsystem\n(S'exit 1'\ntR.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x06exit 1\x85R.",
        b"\x80\x04\x8c\x05numpy\x8c\x0fndarray.tofile\x93.",
        b"\x80\x04\x8c\x13joblib.numpy_pickle\x8c\x12NumpyArrayWrapper\x93N}\x8c\x04readN\x86\x86b.",
        b"\x80\x04\x8c\x13joblib.numpy_pickle\x8c\x12NumpyArrayWrapper\x93)\x81}b.",
        b"\x80\x02\x82\x01.",
        b"Pname\n.",
        b"\x80\x04" + b"]" * 100_000 + b".",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x80\x04B\xff\xff\xff\xff.",
        b"",
        b".",
        b"\x1f\x8b\x08\x00",
        b"x\x9c" + bytes(100),
        b"\x80\x05\x96" + (1 << 34).to_bytes(8, "little") + b".",  # a bytearray of 16 GiB
        b"\x80\x04})\x94" + b"".join(b"h%ch%c\x86\x94" % (i, i) for i in range(100)) + b"Ns.",  # 2**100 leaves to hash
    ],
    ids=range(16),
)
def test_pickles_written_by_hand_are_refused_and_nothing_runs(folder: Path, code: bytes) -> None:
    replace(folder, m.SCALERS, code)
    assert m.SCALERS in refusal(folder)


def test_a_forged_dtype_makes_no_object_out_of_bytes() -> None:
    """An object dtype whose flags claim that it holds none would let an array be filled with addresses."""
    honest = np.zeros(4)
    stream = dumped(honest)
    forged = stream.replace(b"\x8c\x02f8", b"\x8c\x02O8").replace(b"K\x03\x8c\x01<NNN", b"K\x03\x8c\x01|NNN")
    assert forged != stream
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        unpickle.load_joblib(forged)


def test_an_array_that_claims_to_be_huge_takes_no_memory() -> None:
    stream = dumped(np.zeros((200, 100)))
    huge = stream.replace(b"K\xc8Kd\x86", b"J\xff\xff\xff\x7fKd\x86")
    assert huge != stream
    with pytest.raises(pickle.UnpicklingError, match="too large"):
        unpickle.load_joblib(huge)


def loads_or_is_refused_in_one_line(content: bytes) -> bool:
    try:
        unpickle.load_joblib(content)
    except pickle.UnpicklingError as error:
        return "\n" not in str(error)
    return True


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_bytes_do_anything_but_load_or_be_refused(tail: bytes) -> None:
    whole = dumped({"a": scalers()["burst"]})
    for content in (tail, whole[: len(tail)] + tail, tail + whole):
        assert loads_or_is_refused_in_one_line(content)


@given(st.integers(0, 2000), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_an_altered_joblib_file_loads_or_is_refused(place: int, change: int) -> None:
    content = bytearray(dumped(encoders()))
    content[place % len(content)] ^= change
    assert loads_or_is_refused_in_one_line(bytes(content))


def without(estimators: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in estimators.items() if key != name}


def altered(estimators: dict[str, Any], name: str, **attributes: object) -> dict[str, Any]:
    vars(estimators[name]).update(attributes)
    return estimators


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        (m.ENCODERS, without(encoders(), "level"), "other vocabularies"),
        (m.ENCODERS, altered(encoders(), "level", classes_=np.array(["unknown", "INFO"])), "other vocabularies"),
        (m.ENCODERS, altered(encoders(), "level", classes_=None), "other vocabularies"),
        (m.ENCODERS, altered(encoders(), "level", classes_=np.frombuffer(b"\xff" * 64, "<U2")), "other vocabularies"),
        (m.ENCODERS, altered(encoders(), "level", classes_=np.arange(8)), "other vocabularies"),
        (m.ENCODERS, encoders() | {"host": LabelEncoder()}, "other vocabularies"),
        (m.ENCODERS, scalers(), "something else"),
        (m.ENCODERS, {"level": 1}, "something else"),
        (m.ENCODERS, [1], "not safe to read"),
        (m.SCALERS, without(scalers(), "burst"), "other features"),
        (m.SCALERS, scalers() | {schema.UNSCALED: scalers()["burst"]}, "other features"),
        (m.SCALERS, altered(scalers(), "burst", mean_=np.zeros(2)), "no mean and scale for burst"),
        (m.SCALERS, altered(scalers(), "burst", scale_=np.array(["1"])), "no mean and scale for burst"),
        (m.SCALERS, altered(scalers(), "burst", scale_=np.zeros(1)), "cannot be"),
        (m.SCALERS, altered(scalers(), "burst", mean_=np.array([np.nan])), "cannot be"),
        (m.SCALERS, altered(scalers(), "burst", scale_=np.array([1e300])), "cannot be"),
    ],
)
def test_estimators_that_do_not_fit_are_refused(folder: Path, name: str, value: object, why: str) -> None:
    for estimator in value.values() if isinstance(value, dict) else ():
        if hasattr(estimator, "n_samples_seen_"):
            estimator.n_samples_seen_ = 20
    replace(folder, name, dumped(value))
    assert why in refusal(folder)


def weights(**changes: Any) -> dict[str, Any]:
    return dict(Transformer().state_dict()) | changes


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (saved(Runs()), "not a model"),
        (saved(weights(extra=Runs())), "not a model"),
        (saved(Transformer()), "not a model"),
        (saved(dict(Transformer(ModelConfig(layers=3)).state_dict())), "not a model"),
        (saved(dict(Transformer(ModelConfig(feed_forward=256)).state_dict())), "not a model"),
        (saved(weights(**{"logit.bias": torch.zeros(2)})), "not a model"),
        (saved(weights(**{"logit.bias": torch.tensor([torch.nan])})), "not numbers"),
        (saved([1, 2]), "not a model"),
        (saved({1: 2}), "not a model"),
        (dumped(Runs()), "not a model"),
        (pickle.dumps(Runs()), "not a model"),
        (b"", "not a model"),
        (b"PK\x05\x06" + bytes(18), "not a model"),
    ],
    ids=range(13),
)
def test_weights_that_do_not_fit_are_refused_and_nothing_runs(folder: Path, content: bytes, why: str) -> None:
    replace(folder, m.MODEL, content)
    assert f"{m.MODEL} " in (line := refusal(folder))
    assert why in line


@given(place=st.integers(-4000, 3000), change=st.integers(1, 255))
@settings(max_examples=10, deadline=None)
def test_an_altered_model_that_is_signed_loads_or_is_refused_in_one_line(built: Path, place: int, change: int) -> None:
    originals = {name: (built / name).read_bytes() for name in (m.MODEL, m.MANIFEST)}
    content = bytearray(originals[m.MODEL])
    content[place] ^= change
    try:
        replace(built, m.MODEL, bytes(content))
        load_artifacts(built)
    except ArtifactError as error:
        refused = str(error)
        assert "\n" not in refused
    finally:
        for name, original in originals.items():
            (built / name).write_bytes(original)


def test_a_model_that_unpacks_to_much_more_is_not_unpacked(folder: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(17 << 20))
    replace(folder, m.MODEL, stream.getvalue())
    assert "unpacks to more than a model needs" in refusal(folder)


@pytest.mark.parametrize("name", [m.FEATURES, m.CALIBRATION, m.METRICS])
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 60_000])
def test_what_is_not_a_json_object_is_refused(folder: Path, name: str, content: bytes) -> None:
    replace(folder, name, content)
    assert f"{name} is not" in refusal(folder)


@pytest.mark.parametrize("threshold", [None, -0.1, 1.1, "0.5", True, float("nan")])
def test_a_calibration_without_a_threshold_is_refused(folder: Path, threshold: object) -> None:
    replace(folder, m.CALIBRATION, json.dumps({"threshold": threshold}).encode())
    assert "no threshold between 0 and 1" in refusal(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": schema.SCHEMA_VERSION + 1},
        {"window_seconds": 60},
        {"numerical": ["stream_gap"]},
        {"categorical": {}},
        {"reference": {}},
        {"reference": dict.fromkeys(schema.FEATURE_NAMES, "high")},
        {"reference": dict.fromkeys(schema.FEATURE_NAMES, (1,))},
        {"reference": dict.fromkeys(schema.FEATURE_NAMES, float("nan"))},
        {"reference": dict.fromkeys(schema.FEATURE_NAMES, 1e300)},
        {"reference": dict.fromkeys(schema.FEATURE_NAMES, 10**400)},
        {"reference": 3},
        {"more": 1},
    ],
    ids=range(12),
)
def test_features_of_another_type_are_refused(folder: Path, change: dict[str, Any]) -> None:
    config = json.loads((folder / m.FEATURES).read_bytes())
    replace(folder, m.FEATURES, json.dumps(config | change).encode())
    assert m.FEATURES in refusal(folder)


def test_the_shipped_folder_is_used_unless_another_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.support.resources._CORE", folder.parent / "core")
    assert load_artifacts().path == folder
    assert verify() == verify(folder)
