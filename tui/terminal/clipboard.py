"""Copying through the terminal (OSC 52), which also reaches the operator's own machine over SSH."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

MAX_BYTES: Final = 74_000
"""What common terminals take in one OSC 52."""


def osc52(text: str, environ: Mapping[str, str]) -> str:
    r"""Write the control that puts text into the clipboard, wrapped so that tmux and screen pass it on.

    tmux must allow it (`set -g allow-passthrough on`) or have `set-clipboard on`; it gets both forms.
    """
    payload = b64encode(text.encode("utf-8", "replace")[:MAX_BYTES]).decode("ascii")
    plain = f"\x1b]52;c;{payload}\x07"
    if environ.get("TMUX"):
        return plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        # screen cuts a control string at 768 bytes.
        pieces = [plain[start : start + 700] for start in range(0, len(plain), 700)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return plain
