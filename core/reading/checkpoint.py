"""How far every followed file had been processed, saved so that following can resume there after a crash."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import platformdirs

from core.reading.identity import Fingerprint, Position
from core.support.files import make_folder, write_file
from core.support.printable import escape

_SCHEMA: Final = "tailsight.checkpoint/1"


class Saved(NamedTuple):
    """One file of a source as it was when the checkpoint was written."""

    position: Position
    size: int
    """Bytes that were known to be in it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a follower had processed: by the absolute path of each source, its files, oldest first."""

    looked_ns: int
    """Wall time, in ns, before which all paths had been polled."""
    given: frozenset[str]
    """The absolute paths that were followed: a file of theirs that is not in `sources` is newer than this."""
    sources: Mapping[str, Sequence[Saved]]
    known: Sequence[Position] = ()
    """Files that were processed, or that are copies: they are not new."""


class CheckpointError(Exception):
    """A checkpoint that cannot be used; one line says why."""


def checkpoint_path(paths: Iterable[Path]) -> Path:
    """Return the file of the checkpoint of these paths: one for each set of paths, in the user's state folder."""
    names = "\n".join(sorted(str(path.absolute()) for path in paths))
    digest = sha256(names.encode("utf-8", "surrogateescape")).hexdigest()
    return platformdirs.user_state_path("tailsight") / f"{digest[:16]}.checkpoint"


def load_checkpoint(path: Path, *, is_ours: Callable[[str], bool]) -> Checkpoint:
    """Read a checkpoint; raises `CheckpointError` where there is none of this version and of these paths."""
    name = escape(str(path))
    try:
        document = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint {name} yet") from None
    except OSError as error:
        raise CheckpointError(f"the checkpoint {name} cannot be read ({error.strerror})") from None
    except orjson.JSONDecodeError:
        raise CheckpointError(f"the checkpoint {name} is damaged") from None
    if not isinstance(document, dict) or document.get("schema") != _SCHEMA:
        raise CheckpointError(f"{name} is not a checkpoint of this version")
    try:
        sources = {
            _path(key): [Saved(_position(entry), int(entry["size"])) for entry in entries]
            for key, entries in document["sources"].items()
        }
        checkpoint = Checkpoint(
            int(document["looked_ns"]),
            frozenset(map(_path, document["given"])),
            sources,
            [_position(entry) for entry in document["known"]],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CheckpointError(f"the checkpoint {name} is damaged") from None
    if not any(map(is_ours, checkpoint.given)):
        raise CheckpointError(f"the checkpoint {name} is of other logs")
    return checkpoint


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint as a whole: after a crash there is the old one or the new one. Raises `OutputError`."""
    document = {
        "schema": _SCHEMA,
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "looked_ns": checkpoint.looked_ns,
        "given": sorted(map(_key, checkpoint.given)),
        "sources": {
            _key(source): [_entry(saved.position) | {"size": saved.size} for saved in files]
            for source, files in checkpoint.sources.items()
        },
        "known": [_entry(position) for position in checkpoint.known],
    }
    make_folder(path.parent)
    write_file(path, orjson.dumps(document), private=True)


def _key(source: str) -> str:
    # A path need not be UTF-8, JSON must be.
    return os.fsencode(source).decode("latin-1")


def _path(key: str) -> str:
    return os.fsdecode(key.encode("latin-1"))


def _entry(position: Position) -> dict[str, Any]:
    return {
        "file": position.file,
        "head": [position.head.length, position.head.digest.hex(), position.head.start.hex()],
        "offset": position.offset,
        "number": position.number,
        "mark": [position.mark.length, position.mark.digest.hex()],
    }


def _position(entry: dict[str, Any]) -> Position:
    device, inode = entry["file"]
    head, mark = (
        Fingerprint(int(length), *map(bytes.fromhex, hashes)) for length, *hashes in (entry["head"], entry["mark"])
    )
    position = Position((int(device), int(inode)), head, int(entry["offset"]), int(entry["number"]), mark)
    if min(position.offset, position.number, head.length, mark.length) < 0 or mark.length > position.offset:
        raise ValueError("impossible position")
    return position
