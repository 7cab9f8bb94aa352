"""The structures of Arrow's C data and C stream interfaces, to use streams as a consumer in C does.

A call through a pointer here is made without the GIL.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any


class ArrowSchema(ctypes.Structure):
    """A type, its name and its children."""


class ArrowArray(ctypes.Structure):
    """Values."""


class ArrowArrayStream(ctypes.Structure):
    """Arrays of one schema, one after the other."""


Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]
ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]
ArrowArrayStream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]

_pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def release(structure: ArrowSchema | ArrowArray | ArrowArrayStream) -> None:
    """Release it, as its owner does, without the GIL."""
    assert structure.release, "it is released already"
    Release(structure.release)(ctypes.addressof(structure))
    assert not structure.release


def moved(structure: Any) -> Any:
    """The content of a structure, moved to a place of its own."""
    copy = type(structure)()
    ctypes.memmove(ctypes.addressof(copy), ctypes.addressof(structure), ctypes.sizeof(copy))
    structure.release = None
    return copy


def moved_from(capsule: object, name: bytes) -> Any:
    """What a capsule has."""
    kinds = {
        b"arrow_schema": ArrowSchema,
        b"arrow_array": ArrowArray,
        b"arrow_array_stream": ArrowArrayStream,
    }
    return moved(kinds[name].from_address(_pointer_of(capsule, name)))


class Stream:
    """A stream in the hands of a consumer."""

    def __init__(self, capsule: object) -> None:
        self.structure = moved_from(capsule, b"arrow_array_stream")
        self._address = ctypes.addressof(self.structure)

    def schema(self) -> ArrowSchema:
        """Its schema, which the caller releases."""
        schema = ArrowSchema()
        assert self.structure.get_schema(self._address, ctypes.addressof(schema)) == 0
        return schema

    def next(self) -> tuple[int, ArrowArray]:
        """The outcome, and the next array, which the caller releases."""
        array = ArrowArray()
        return self.structure.get_next(self._address, ctypes.addressof(array)), array

    def error(self) -> str | None:
        """The text of the last error."""
        text = self.structure.get_last_error(self._address)
        return None if text is None else text.decode()

    def release(self) -> None:
        """Release it."""
        release(self.structure)


def children_of(structure: ArrowArray | ArrowSchema) -> Iterator[Any]:
    """The children of an array or a schema, in place."""
    for i in range(structure.n_children):
        yield structure.children[i].contents


def texts_of(array: ArrowArray) -> list[str | None]:
    """The texts of an array of string views."""
    validity, views = array.buffers[0], array.buffers[1]
    found: list[str | None] = []
    for row in range(array.length):
        if validity and not ctypes.string_at(validity + row // 8, 1)[0] >> row % 8 & 1:
            found.append(None)
            continue
        view = ctypes.string_at(views + 16 * row, 16)
        length, buffer, offset = (int.from_bytes(view[at : at + 4], "little") for at in (0, 8, 12))
        if length <= 12:
            text = view[4 : 4 + length]
        else:
            text = ctypes.string_at(array.buffers[2 + buffer] + offset, length)
        found.append(text.decode())
    return found
