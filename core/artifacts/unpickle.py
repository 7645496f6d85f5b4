"""Reads joblib files without trusting them.

A pickle names classes and calls them. Here every name but five is refused, and each of the five is replaced by a class
of this module that only holds attributes or builds a plain array: a file calls no code of scikit-learn or NumPy.
"""

from __future__ import annotations

import io
import math
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler

_MAX_ARRAY_BYTES: Final = 1 << 20
_PLAIN_TYPES: Final = re.compile(r"[fiu][1248]|b1|U[0-9]{1,3}")


class StoredEstimator:
    """The attributes of a scikit-learn estimator."""


class StoredEncoder(StoredEstimator):
    """The attributes of a `LabelEncoder`."""


class StoredScaler(StoredEstimator):
    """The attributes of a `StandardScaler`."""


class _StoredType:
    """A NumPy dtype of numbers or text alone: with an object dtype a file could forge addresses of objects."""

    def __init__(self, code: str, *_: object) -> None:
        if not isinstance(code, str) or not _PLAIN_TYPES.fullmatch(code):
            raise pickle.UnpicklingError("array of a type that is not allowed")
        self.dtype: np.dtype[Any] = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for order in ("<", ">"):
            if state[1] == order:
                self.dtype = self.dtype.newbyteorder(order)


class _ArrayClass:
    """Replaces `numpy.ndarray`, which an array wrapper names and nothing calls."""

    def __new__(cls) -> _ArrayClass:
        raise pickle.UnpicklingError("an array outside its wrapper")


class _StoredArray(NumpyArrayWrapper):  # type: ignore[misc]
    """An array of numbers or text, whose size is checked before memory is allocated."""

    dtype: object
    shape: object

    def read(self, unpickler: NumpyUnpickler, ensure_native_byte_order: bool) -> np.ndarray[Any, Any]:  # noqa: FBT001
        stored, shape = self.dtype, self.shape
        if not isinstance(stored, _StoredType) or self.subclass is not _ArrayClass:
            raise pickle.UnpicklingError("array of a type that is not allowed")
        if not isinstance(shape, tuple) or len(shape) > 2 or not all(type(size) is int and size >= 0 for size in shape):
            raise pickle.UnpicklingError("array without a shape")
        if math.prod(shape) * stored.dtype.itemsize > _MAX_ARRAY_BYTES:
            raise pickle.UnpicklingError("array too large")
        self.dtype = stored.dtype
        array: np.ndarray[Any, Any] = self.read_array(unpickler, ensure_native_byte_order)
        return array


_STAND_INS: Final[Mapping[tuple[str, str], type]] = {
    ("sklearn.preprocessing._label", "LabelEncoder"): StoredEncoder,
    ("sklearn.preprocessing._data", "StandardScaler"): StoredScaler,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _StoredArray,
    ("numpy", "ndarray"): _ArrayClass,
    ("numpy", "dtype"): _StoredType,
}


_OPERATIONS: Final = (
    "PROTO FRAME MARK STOP MEMOIZE BINGET LONG_BINGET NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 BINFLOAT "
    "SHORT_BINUNICODE BINUNICODE EMPTY_DICT SETITEM SETITEMS EMPTY_TUPLE TUPLE1 TUPLE2 TUPLE3 TUPLE "
    "STACK_GLOBAL NEWOBJ REDUCE BUILD"
)
"""The opcodes that joblib writes for estimators. Others can allocate any amount of memory with a few bytes."""


class _RestrictedUnpickler(NumpyUnpickler):  # type: ignore[misc]
    """joblib's unpickler, with stand-ins for the few names that are allowed."""

    dispatch: ClassVar[dict[int, Callable[..., None]]] = {
        code: NumpyUnpickler.dispatch[code] for code in (getattr(pickle, name)[0] for name in _OPERATIONS.split())
    }

    def find_class(self, module: str, name: str) -> type:
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {f'{module}.{name}'[:80]!r}") from None

    def load_build(self) -> None:
        if isinstance(self.stack[-2], type):
            raise pickle.UnpicklingError("it tries to alter a class")
        super().load_build()

    def load_setitem(self) -> None:
        _check_keys(self.stack[-2:-1])
        super().load_setitem()

    def load_setitems(self) -> None:
        _check_keys(self.stack[::2])
        super().load_setitems()

    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.SETITEM[0]] = load_setitem
    dispatch[pickle.SETITEMS[0]] = load_setitems


def _check_keys(keys: Iterable[object]) -> None:
    """Refuse keys that are not text: hashing deeply nested tuples takes unbounded time."""
    if not all(type(key) is str for key in keys):
        raise pickle.UnpicklingError("a dictionary with keys that are not text")


def load_joblib(content: bytes) -> object:
    """Read an uncompressed joblib file; raises `UnpicklingError` for anything wrong with it."""
    try:
        return _RestrictedUnpickler("", io.BytesIO(content), ensure_native_byte_order=True).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a broken pickle can raise anything
        raise pickle.UnpicklingError(f"it is damaged ({type(error).__name__})") from error
