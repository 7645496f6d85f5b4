"""What the names that rotation gives to files say."""

from __future__ import annotations

import re
from typing import NamedTuple

_COMPRESSED = re.compile(r"\.(?:gz|xz|zst|bz2|lz4|Z|zip)$")
_DATE = r"(?:19|20)\d\d-?\d\d-?\d\d(?:[-_T.]?\d\d[-:.]?\d\d(?:[-:.]?\d\d)?)?"
_SUFFIX = re.compile(rf"^(?P<base>.+?)(?P<mark>(?:\.\d{{1,4}}|[-._]{_DATE}|[-._]1\d{{9}}|\.(?:old|orig|prev|save))+)$")
_INFIX = re.compile(rf"^(?P<stem>.+?)(?P<mark>[-._]{_DATE}(?:\.\d{{1,4}})?|\.\d{{1,3}})(?P<ext>\.(?:log|txt|out|err))$")


class Base(NamedTuple):
    """The log that a rotated file comes from."""

    name: str
    is_infix: bool
    """The mark stands before the extension (`nova-20261123.log`): rotated only if the log itself is there too."""
    is_compressed: bool


def base_of(name: str) -> Base | None:
    """Return what a file's name says it was rotated from; None for a name that rotation does not give."""
    bare = _COMPRESSED.sub("", name)
    compressed = bare != name
    if found := _SUFFIX.match(bare):
        return Base(found["base"], is_infix=False, is_compressed=compressed)
    if found := _INFIX.match(bare):
        return Base(found["stem"] + found["ext"], is_infix=True, is_compressed=compressed)
    return Base(bare, is_infix=False, is_compressed=True) if compressed else None
