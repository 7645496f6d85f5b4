from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import artifacts, schema
from core.artifacts import manifest as m
from core.artifacts.manifest import FileEntry, Manifest
from core.errors import ArtifactError
from tests.helpers.artifact import build_artifact

FILES = [*m.SIZE_LIMITS, m.MANIFEST]


def sign(folder: Path, *, version: int = schema.SCHEMA_VERSION, files: dict[str, FileEntry] | None = None) -> None:
    """Write a manifest that describes the files as they are now, as an attacker could."""
    contents = {name: (folder / name).read_bytes() for name in m.SIZE_LIMITS}
    manifest = Manifest(version, m.build_manifest(contents, {}).files if files is None else files, {})
    (folder / m.MANIFEST).write_bytes(manifest.render())


def test_a_folder_as_it_was_written_is_accepted(folder: Path) -> None:
    manifest = artifacts.verify(folder)
    assert manifest.schema_version == schema.SCHEMA_VERSION
    assert manifest.files.keys() == set(m.SIZE_LIMITS)
    assert manifest.versions["torch"]
    assert manifest.model_sha256 == manifest.files["best_model.pth"].sha256


def test_verifying_needs_neither_torch_nor_scikit_learn(folder: Path) -> None:
    code = (
        "import sys, pathlib; from core import artifacts; artifacts.verify(pathlib.Path(sys.argv[1]));"
        "sys.exit(bool({'torch', 'sklearn', 'joblib'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=f"refused: {name} is missing"):
        artifacts.verify(folder)


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_one_flipped_bit_anywhere_is_refused(built: Path, name: str, data: st.DataObject) -> None:
    content = (built / name).read_bytes()
    place, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    altered = bytearray(content)
    altered[place] ^= 1 << bit
    try:
        (built / name).write_bytes(altered)
        with pytest.raises(ArtifactError, match="are refused"):
            artifacts.verify(built)
    finally:
        (built / name).write_bytes(content)


@pytest.mark.parametrize("name", FILES)
def test_bytes_count_all_over_a_file(built: Path, name: str) -> None:
    content = (built / name).read_bytes()
    places = [*range(0, len(content), 1 + len(content) // 50), len(content) - 1]
    try:
        for place in places:
            (built / name).write_bytes(content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :])
            with pytest.raises(ArtifactError):
                artifacts.verify(built)
    finally:
        (built / name).write_bytes(content)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c[: len(c) // 2], lambda _: b"", lambda c: c + b"\n"])
def test_a_file_that_is_cut_or_longer_is_refused(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    with pytest.raises(ArtifactError, match="are refused"):
        artifacts.verify(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_larger_than_it_can_be_is_not_read(folder: Path, name: str) -> None:
    os.truncate(folder / name, 1 << 40)
    with pytest.raises(ArtifactError, match=f"{name} is larger than"):
        artifacts.verify(folder)


@pytest.mark.parametrize("name", FILES)
def test_anything_but_a_regular_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ArtifactError, match=f"{name} is not a file"):
        artifacts.verify(folder)


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no artifact folder at .*; name one with --artifacts or make one"):
        artifacts.verify(tmp_path / "none")


def test_a_folder_that_cannot_be_read_is_one_clear_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", deny)
    with pytest.raises(ArtifactError, match=r"the folder cannot be read \(Permission denied\)"):
        artifacts.verify(folder)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read \(Permission denied\)"):
        artifacts.verify(folder)


def test_another_feature_schema_is_one_clear_line(folder: Path) -> None:
    own = schema.SCHEMA_VERSION
    sign(folder, version=own + 1)
    with pytest.raises(
        ArtifactError, match=f"they are of feature schema {own + 1}, this version of tailsight has {own}"
    ):
        artifacts.verify(folder)


def test_another_format_is_one_clear_line(folder: Path) -> None:
    body = json.loads((folder / m.MANIFEST).read_bytes()) | {"format": "tailsight.artifacts/99"}
    (folder / m.MANIFEST).write_text(json.dumps(body))
    with pytest.raises(ArtifactError, match=r"their format is 'tailsight\.artifacts/99', this"):
        artifacts.verify(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 60_000, b'{"format": 3}'])
def test_an_invalid_manifest_is_refused_in_one_line(folder: Path, content: bytes) -> None:
    (folder / m.MANIFEST).write_bytes(content)
    with pytest.raises(ArtifactError) as caught:
        artifacts.verify(folder)
    assert "\n" not in str(caught.value)


def test_a_manifest_that_lists_other_files_is_refused(folder: Path) -> None:
    entry = FileEntry(0, "")
    for files in ({}, dict.fromkeys(m.SIZE_LIMITS, entry) | {"../../etc/passwd": entry}):
        sign(folder, files=files)
        with pytest.raises(ArtifactError, match="does not list exactly the files"):
            artifacts.verify(folder)


def test_files_that_are_not_listed_are_left_alone(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    artifacts.verify(folder)


def test_a_folder_without_manifest_is_what_an_interrupted_save_leaves(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    replace = Path.replace

    def fail_at_scalers(self: Path, target: Path) -> Path:
        if target.name == m.SCALERS:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_at_scalers)
    with pytest.raises(KeyboardInterrupt):
        build_artifact(folder, seed=1)
    assert sorted(path.name for path in folder.iterdir()) == sorted(m.SIZE_LIMITS)
    with pytest.raises(ArtifactError, match=r"manifest\.json is missing"):
        artifacts.verify(folder)
    monkeypatch.undo()
    shutil.copytree(build_artifact(tmp_path / "again", seed=1), folder, dirs_exist_ok=True)
    artifacts.verify(folder)
