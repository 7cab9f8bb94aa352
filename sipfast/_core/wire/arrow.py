"""Columns for Arrow: batches of rows, and their export by PyCapsules.

The twin of `arrow.pyx`. It exports through pyarrow: what releases an array must be C. A callback of
ctypes would lose the exception that is on its way when a consumer drops an array, and the
interpreter with it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

from sipfast._install import how_to_get

TEXT, BOOL, UINT16, UINT32, INT64, TIME, TEXTS = range(7)
BITS = {UINT16: 16, UINT32: 32}
COPIES = 64 * 1024 * 1024
"""So many bytes of text end a batch."""
SLAB = 64 * 1024 * 1024
VIEW = 16
"""Bytes of a value at the most: a batch of many columns has fewer rows."""


class Schema:
    """The names and types of columns, and the form of their text, "view" or "utf8"."""

    def __init__(self, fields: tuple[tuple[str, int], ...], text: str) -> None:
        if text not in ("view", "utf8"):
            raise ValueError(f"text must be 'view' or 'utf8', not {text!r}")
        if not all(TEXT <= type_ <= TEXTS for _, type_ in fields):
            raise ValueError("unknown type of a column")
        self.fields = fields
        self.text = text

    def capsule(self) -> object:
        """The schema as a capsule "arrow_schema"."""
        return _arrow_schema(self).__arrow_c_schema__()

    def __arrow_c_schema__(self) -> object:
        return self.capsule()


class Batch:
    """Rows in columns."""

    def __init__(self, schema: Schema, rows: list[tuple[Any, ...]]) -> None:
        self.schema = schema
        self._rows = rows

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __arrow_c_schema__(self) -> object:
        return self.schema.capsule()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The capsules of schema and array. Of another form of text, they are as they are."""
        columns = len(self.schema.fields)
        if requested_schema is not None and len(_formats(requested_schema)) != columns:
            raise ValueError("the requested schema has another number of columns")
        made: tuple[object, object] = _arrow_batch(self).__arrow_c_array__()
        return made


class Assembler:
    """Collects rows, up to a number of them, for a batch."""

    def __init__(self, schema: Schema, rows: int) -> None:
        if rows < 1:
            raise ValueError("a batch has at least one row")
        self.schema = schema
        self.rows = min(rows, max(64, SLAB // (VIEW * max(len(schema.fields), 1))))
        self._source = memoryview(b"")
        self._rows: list[tuple[Any, ...]] = []
        self._copied = 0
        self._full = False

    def __len__(self) -> int:
        return len(self._rows)

    def begin(self, data: Any, mapped: bool) -> None:
        """The source of the rows that follow; `mapped` if it is a file that is mapped."""
        self._source = memoryview(data).cast("B")

    def append_values(self, values: tuple[Any, ...]) -> bool:
        """Add a row; True if the batch is full then, and is to be taken.

        Besides str, int, bool, and sequences of str, a slice is a text of the source, in place.
        """
        fields = self.schema.fields
        if len(values) != len(fields):
            raise ValueError(f"{len(fields)} columns, but {len(values)} values")
        if self._full:
            raise ValueError("the batch is full")
        types = [type_ for _, type_ in fields]
        row = tuple([self._value(*pair) for pair in zip(types, values, strict=True)])
        self._copied += sum(map(_size, row))
        self._rows.append(row)
        self._full = len(self._rows) == self.rows or self._copied > COPIES
        return self._full

    def _value(self, type_: int, value: Any) -> Any:
        if value is None:
            return None
        if type_ == TEXT:
            return self._text(value)
        if type_ == TEXTS:
            return [self._text(one) for one in value]
        if type_ == BOOL:
            return bool(value)
        if not (0 <= value < 1 << BITS[type_] if type_ in BITS else -1 << 63 <= value < 1 << 63):
            raise ValueError("a value does not fit its column")
        return value

    def _text(self, value: str | slice) -> str:
        if isinstance(value, slice):
            start, stop = value.start, value.stop
            if not 0 <= start <= stop <= len(self._source):
                raise ValueError("a text is not in the source")
            return _mended(bytes(self._source[start:stop]).decode("utf-8", "surrogateescape"))
        value.encode()
        return value

    def cut(self, rows: int) -> None:
        """Leave out the rows after so many."""
        if rows < len(self._rows):
            del self._rows[rows:]
            self._full = False

    def take(self) -> Batch | None:
        """The batch of the rows so far, or None if there are none."""
        rows, self._rows = self._rows, []
        self._copied, self._full = 0, False
        return Batch(self.schema, rows) if rows else None


def stream(schema: Schema, batches: Callable[[], Iterator[Batch]]) -> object:
    """A capsule "arrow_array_stream" of the batches that the iterator has which `batches()` gives.

    It is called at the first batch. An exception ends the stream: its text is the stream's error.
    """
    if not callable(batches):
        raise TypeError("batches must be callable")

    def arrays() -> Iterator[Any]:
        for batch in batches():
            if (batch.schema.fields, batch.schema.text) != (schema.fields, schema.text):
                raise TypeError("a batch of another schema")
            yield _arrow_batch(batch)

    reader = _pyarrow().RecordBatchReader.from_batches(_arrow_schema(schema), arrays())
    capsule: object = reader.__arrow_c_stream__()
    return capsule


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return sum([VIEW + len(one) for one in value]) if isinstance(value, list) else 0


# ---- through pyarrow -----------------------------------------------------------------------------


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"the pure engine exports columns through pyarrow: {how_to_get('arrow')}"
        ) from None
    return pyarrow


def _arrow_schema(schema: Schema) -> Any:
    arrow = _pyarrow()
    text = arrow.string_view() if schema.text == "view" else arrow.string()
    types = {
        TEXT: text,
        BOOL: arrow.bool_(),
        UINT16: arrow.uint16(),
        UINT32: arrow.uint32(),
        INT64: arrow.int64(),
        TIME: arrow.timestamp("ns", "UTC"),
        TEXTS: arrow.list_(text),
    }
    return arrow.schema([(name, types[type_]) for name, type_ in schema.fields])


def _arrow_batch(batch: Batch) -> Any:
    arrow = _pyarrow()
    schema = _arrow_schema(batch.schema)
    columns = zip(*batch._rows, strict=True) if batch.schema.fields else ()
    arrays = [
        arrow.array(column, type_) for column, type_ in zip(columns, schema.types, strict=True)
    ]
    if not arrays:
        return arrow.RecordBatch.from_struct_array(arrow.array([{}] * len(batch), arrow.struct([])))
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _mended(text: str) -> str:
    """With a question mark for each byte that is not UTF-8."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode()


# ---- requested schemas ---------------------------------------------------------------------------


class _Schema(ctypes.Structure):
    """A schema of the C data interface, without its private data."""


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
]


def _formats(capsule: object) -> list[bytes | None]:
    """The formats of the columns of a schema, which stays with its owner."""
    address_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    try:
        address = address_of(capsule, b"arrow_schema")
    except ValueError:
        raise TypeError("a requested schema must be a capsule of an arrow_schema") from None
    schema = _Schema.from_address(address)
    if not schema.release:  # it was moved out, and its children may be freed
        raise ValueError("the requested schema is released")
    return [schema.children[i].contents.format for i in range(schema.n_children)]


def requested_text(capsule: object) -> str | None:
    """The form of text that a requested schema has, "view" or "utf8"; else None."""
    formats = _formats(capsule)
    views, utf8 = b"vu" in formats, b"u" in formats
    return None if views == utf8 else "view" if views else "utf8"
