"""Reading joblib files without trusting them.

A pickle names classes and calls them. Here every name but five is refused, and each of the five stands for a class of
this module that only holds attributes or builds a plain array: not even scikit-learn or NumPy code is called by a file.
"""

from __future__ import annotations

import io
import math
import pickle
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler

_MOST_ARRAY_BYTES: Final = 1 << 20
_PLAIN_TYPES: Final = re.compile(r"[fiu][1248]|b1|U[0-9]{1,3}")


class StoredEstimator:
    """The attributes of a scikit-learn estimator."""


class StoredEncoder(StoredEstimator):
    """The attributes of a `LabelEncoder`."""


class StoredScaler(StoredEstimator):
    """The attributes of a `StandardScaler`."""


class _StoredType:
    """A NumPy dtype that can only be of numbers or text: a forged one could make addresses of objects out of bytes."""

    def __init__(self, code: str, *_: object) -> None:
        if not isinstance(code, str) or not _PLAIN_TYPES.fullmatch(code):
            raise pickle.UnpicklingError("array of a type that is not allowed")
        self.dtype: np.dtype[Any] = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in {"<", ">"}:
            self.dtype = self.dtype.newbyteorder(state[1])


class _ArrayClass:
    """Stands for `numpy.ndarray`, which an array wrapper names and nothing calls."""

    def __new__(cls) -> _ArrayClass:
        raise pickle.UnpicklingError("an array outside its wrapper")


class _StoredArray(NumpyArrayWrapper):  # type: ignore[misc]
    """An array of numbers or text, of a size that is checked before memory is taken."""

    dtype: object
    shape: object

    def read(self, unpickler: NumpyUnpickler, ensure_native_byte_order: bool) -> np.ndarray[Any, Any]:  # noqa: FBT001
        stored, shape = self.dtype, self.shape
        if not isinstance(stored, _StoredType) or self.subclass is not _ArrayClass or self.order not in {"C", "F"}:
            raise pickle.UnpicklingError("array of a type that is not allowed")
        if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
            raise pickle.UnpicklingError("array without a shape")
        if math.prod(shape) * stored.dtype.itemsize > _MOST_ARRAY_BYTES:
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


class _RestrictedUnpickler(NumpyUnpickler):  # type: ignore[misc]
    """joblib's unpickler, with stand-ins for the few names that are allowed."""

    dispatch: dict[int, Callable[..., None]] = NumpyUnpickler.dispatch.copy()

    def find_class(self, module: str, name: str) -> type:
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {f'{module}.{name}'[:80]!r}") from None

    def load_build(self) -> None:
        if isinstance(self.stack[-2], type):
            raise pickle.UnpicklingError("it tries to alter a class")
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build


def loads(content: bytes) -> object:
    """Read an uncompressed joblib file; whatever is wrong with it is an `UnpicklingError`."""
    try:
        return _RestrictedUnpickler("", io.BytesIO(content), ensure_native_byte_order=True).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a broken pickle can raise anything
        raise pickle.UnpicklingError(f"it is damaged ({type(error).__name__})") from error
