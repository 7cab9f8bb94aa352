"""Columns for Arrow: batches of rows, and their export by the C data interface and PyCapsules.

`arrow.h` has the layout.  `arrow.py` is the twin of this file.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.pycapsule cimport (
    PyCapsule_Destructor,
    PyCapsule_GetPointer,
    PyCapsule_IsValid,
    PyCapsule_New,
)
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.errno cimport EINVAL, EIO, ENOMEM
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset, strcmp

import mmap

from . import conditions


cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL
    void PyErr_SetInterrupt() noexcept


cdef extern from "arrow.h" nogil:
    struct ArrowSchema:
        const char *format
        int64_t n_children
        ArrowSchema **children
        void (*release)(ArrowSchema *)
    struct ArrowArray:
        void (*release)(ArrowArray *)
    struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream *, ArrowSchema *)
        int (*get_next)(ArrowArrayStream *, ArrowArray *)
        const char *(*get_last_error)(ArrowArrayStream *)
        void (*release)(ArrowArrayStream *)
        void *private_data
    ctypedef struct sip_source:
        int64_t count
        Py_buffer view
        int mapped
    ctypedef struct sip_layout:
        uint32_t rows
    ctypedef struct sip_pool:
        sip_layout layout
    # The same structures as in the .pxd, whose users need not know what is in them.
    ctypedef struct batch_fields "sip_batch":
        int64_t count
        uint32_t rows
    ctypedef struct assembler_fields "sip_assembler":
        sip_pool *pool
        sip_batch *batch
        sip_source *source
        bint full
    bint sip_python_runs()
    void sip_refer(int64_t *count)
    void sip_drop_batch(sip_batch *batch)
    sip_assembler *sip_new_assembler(const uint8_t *types, uint32_t columns, int views, uint32_t rows)
    void sip_free_assembler(sip_assembler *own)
    void sip_change_source(sip_assembler *own, sip_source *source)
    void sip_passed(sip_assembler *own, const uint8_t *at)
    int sip_append(sip_assembler *own, const sip_slot *slots)
    void sip_cut(sip_assembler *own, uint32_t rows)
    int sip_finish(sip_assembler *own)
    int sip_export(sip_batch *batch, ArrowArray *out)
    int sip_export_schema(
        ArrowSchema *out, const char *types, const char **names, uint32_t columns, int views
    )


cdef extern from "where.h" nogil:
    int sip_where_test(const sip_where *where, const sip_slot *slots)


cdef enum:
    LONGEST_TEXT = 0x7FFFFFFF


# ---- schemas --------------------------------------------------------------------------------------


@cython.final
cdef class Schema:
    """The names and types of columns, and the form of their text, "view" or "utf8"."""

    def __cinit__(self, tuple fields not None, str text not None):
        cdef Py_ssize_t i
        if text not in ("view", "utf8"):
            raise ValueError(f"text must be 'view' or 'utf8', not {text!r}")
        self._types = bytes([type_ for _, type_ in fields])
        if not all([type_ < SIP_TYPES for type_ in self._types]):
            raise ValueError("unknown type of a column")
        self.fields = fields
        self.text = text
        self._views = text == "view"
        self._names = tuple([name.encode() for name, _ in fields])
        self._name_texts = <const char **>calloc(len(fields) + 1, sizeof(char *))
        if self._name_texts == NULL:
            raise MemoryError
        for i in range(len(fields)):
            self._name_texts[i] = PyBytes_AS_STRING(<bytes?>self._names[i])

    def __dealloc__(self):
        free(self._name_texts)

    def capsule(self):
        """The schema as a capsule "arrow_schema"."""
        cdef ArrowSchema *schema = <ArrowSchema *>calloc(1, sizeof(ArrowSchema))
        if schema == NULL or fill_schema(self, schema) < 0:
            free(schema)
            raise MemoryError
        return capsule_of(schema, "arrow_schema", free_schema)

    def __arrow_c_schema__(self):
        return self.capsule()


cdef int fill_schema(Schema schema, ArrowSchema *out) noexcept:
    cdef uint32_t columns = <uint32_t>PyBytes_GET_SIZE(schema._types)
    return sip_export_schema(
        out, PyBytes_AS_STRING(schema._types), schema._name_texts, columns, schema._views
    )


cdef ArrowSchema *requested(object capsule) except NULL:
    cdef ArrowSchema *schema
    if not PyCapsule_IsValid(capsule, "arrow_schema"):
        raise TypeError("a requested schema must be a capsule of an arrow_schema")
    schema = <ArrowSchema *>PyCapsule_GetPointer(capsule, "arrow_schema")
    if schema.release == NULL:  # it was moved out, and its children may be freed
        raise ValueError("the requested schema is released")
    return schema


def requested_text(capsule):
    """The form of text that a requested schema has, "view" or "utf8"; None if it has both or none."""
    cdef ArrowSchema *schema = requested(capsule)
    cdef bint views = False, utf8 = False
    cdef int64_t i
    for i in range(schema.n_children):
        views |= strcmp(schema.children[i].format, "vu") == 0
        utf8 |= strcmp(schema.children[i].format, "u") == 0
    return None if views == utf8 else "view" if views else "utf8"


# ---- batches --------------------------------------------------------------------------------------


@cython.final
cdef class Batch:
    """Rows in columns."""

    def __dealloc__(self):
        if self._own != NULL:
            sip_drop_batch(self._own)

    @property
    def num_rows(self):
        """The number of rows."""
        return rows_of(self)

    def __len__(self):
        return rows_of(self)

    def __arrow_c_schema__(self):
        return self.schema.capsule()

    def __arrow_c_array__(self, requested_schema=None):
        """The capsules of schema and array.  Of another form of text, they are as they are."""
        cdef ArrowArray *array
        rows_of(self)
        check_requested(self.schema, requested_schema)
        schema = self.schema.capsule()
        array = <ArrowArray *>calloc(1, sizeof(ArrowArray))
        if array == NULL or export_batch(self, array) < 0:
            free(array)
            raise MemoryError
        return schema, capsule_of(array, "arrow_array", free_array)


cdef uint32_t rows_of(Batch batch) except? 0:
    if batch._own == NULL:
        raise ValueError("a batch comes from an assembler")
    return (<batch_fields *>batch._own).rows


cdef int export_batch(Batch batch, ArrowArray *out) except? -1:
    rows_of(batch)
    return sip_export(batch._own, out)


cdef int check_requested(Schema schema, object capsule) except -1:
    if capsule is not None and requested(capsule).n_children != len(schema.fields):
        raise ValueError("the requested schema has another number of columns")
    return 0


# ---- the assembler --------------------------------------------------------------------------------


@cython.final
cdef class Assembler:
    """Collects rows, up to a number of them, for a batch."""

    def __cinit__(self, Schema schema not None, uint32_t rows):
        cdef uint32_t columns = <uint32_t>PyBytes_GET_SIZE(schema._types)
        cdef const uint8_t *types = <const uint8_t *>PyBytes_AS_STRING(schema._types)
        if rows < 1:
            raise ValueError("a batch has at least one row")
        self.schema = schema
        self._own = sip_new_assembler(types, columns, schema._views, rows)
        if self._own == NULL:
            raise MemoryError

    def __dealloc__(self):
        sip_free_assembler(self._own)

    @property
    def rows(self):
        """The most rows of a batch: what was asked for, or fewer if there are many columns."""
        return (<assembler_fields *>self._own).pool.layout.rows

    def __len__(self):
        cdef sip_batch *batch = (<assembler_fields *>self._own).batch
        return 0 if batch == NULL else (<batch_fields *>batch).rows

    cdef int _use(self) except -1:
        if self._is_busy:
            raise ValueError("in use")
        self._is_busy = True
        return 0

    cpdef int begin(self, object data, bint mapped) except -1:
        cdef sip_source *source = (<assembler_fields *>self._own).source
        self._use()
        try:
            if source != NULL and data is <object>source.view.obj and source.mapped == mapped:
                return 0
            source = <sip_source *>calloc(1, sizeof(sip_source))
            if source == NULL:
                raise MemoryError
            try:
                PyObject_GetBuffer(data, &source.view, PyBUF_SIMPLE)
            except BaseException:
                free(source)
                raise
            source.count = 1
            # Pages of a map that can be written may have bytes that the file has not, and other memory
            # has its bytes nowhere else.
            source.mapped = mapped and source.view.readonly and type(<object>source.view.obj) is mmap.mmap
            sip_change_source(self._own, source)
            return 0
        finally:
            self._is_busy = False

    cdef int append(self, const sip_slot *slots) noexcept nogil:
        return sip_append(self._own, slots)

    cdef void passed(self, const uint8_t *at) noexcept nogil:
        sip_passed(self._own, at)

    cdef int refuse(self, int outcome) except -1:
        if outcome == SIP_NO_MEMORY:
            raise MemoryError
        if outcome == SIP_OUT_OF_PLACE:
            raise ValueError("a value does not fit its column, or its text is not in the source")
        return 0

    def append_values(self, tuple values not None):
        """Add a row; True if the batch is full then, and is to be taken.

        Besides str, int, bool, and sequences of str, a slice is a text of the source, in place.
        """
        cdef Py_ssize_t count = PyBytes_GET_SIZE(self.schema._types), i, items = 0, at = 0
        cdef const char *types = PyBytes_AS_STRING(self.schema._types)
        cdef sip_slot *slots
        cdef sip_text *texts
        cdef int outcome
        if len(values) != count:
            raise ValueError(f"{count} columns, but {len(values)} values")
        values = tuple([tuple(one) if isinstance(one, list) else one for one in values])
        for one in values:
            if type(one) is tuple:
                items += len(<tuple>one)
        self._use()
        slots = <sip_slot *>calloc(count + 1, sizeof(sip_slot))
        texts = <sip_text *>calloc(items + 1, sizeof(sip_text))
        try:
            if slots == NULL or texts == NULL:
                raise MemoryError
            for i in range(count):
                at += fill_slot(self, types[i], values[i], &slots[i], texts + at)
            outcome = sip_append(self._own, slots)
        finally:
            self._is_busy = False
            free(slots)
            free(texts)
        self.refuse(outcome)
        if outcome == SIP_FULL:
            raise ValueError("the batch is full")
        return (<assembler_fields *>self._own).full != 0

    cpdef int cut(self, uint32_t rows) except -1:
        """Leave out the rows after so many."""
        self._use()
        sip_cut(self._own, rows)
        self._is_busy = False
        return 0

    cpdef Batch take(self):
        """The batch of the rows so far, or None if there are none."""
        cdef assembler_fields *own = <assembler_fields *>self._own
        cdef Batch batch = Batch.__new__(Batch)
        cdef sip_batch *taken
        cdef int outcome
        self._use()
        taken = own.batch
        if taken == NULL or (<batch_fields *>taken).rows == 0:
            self._is_busy = False
            return None
        batch.schema = self.schema
        with nogil:
            outcome = sip_finish(self._own)
        self._is_busy = False
        if outcome < 0:
            raise MemoryError
        batch._own = taken
        return batch


cdef Py_ssize_t fill_slot(Assembler own, int type, object value, sip_slot *slot, sip_text *texts) except -1:
    """The slot of a value, and how many texts it has."""
    cdef Py_ssize_t i, count = 0
    if value is None:
        slot.state = SIP_SLOT_NULL
    elif type == SIP_TEXT:
        slot.state = fill_text(own, value, texts)
        slot.text, slot.length = texts.text, texts.length
    elif type == SIP_TEXTS:
        count = len(<tuple?>value)
        slot.state = SIP_SLOT_IN_PLACE if count > 0 else SIP_SLOT_COPIED
        slot.text = <const uint8_t *>texts
        slot.length = count
        for i in range(count):
            if fill_text(own, value[i], texts + i) == SIP_SLOT_COPIED:
                slot.state = SIP_SLOT_COPIED
    else:
        slot.state = SIP_SLOT_NUMBER
        slot.number = value
    return count


cdef int fill_text(Assembler own, object value, sip_text *text) except -1:
    cdef Py_ssize_t length, start, stop
    cdef sip_source *source = (<assembler_fields *>own._own).source
    if isinstance(value, slice):
        start, stop = value.start, value.stop
        if source == NULL or not 0 <= start <= stop <= source.view.len or stop - start > LONGEST_TEXT:
            raise ValueError("its text is not in the source")
        text.text = <const uint8_t *>(<uintptr_t>source.view.buf + <uintptr_t>start)
        text.length = <uint32_t>(stop - start)
        return SIP_SLOT_IN_PLACE
    text.text = <const uint8_t *>PyUnicode_AsUTF8AndSize(value, &length)
    if length > LONGEST_TEXT:
        raise ValueError("a text is too long")
    text.length = <uint32_t>length
    return SIP_SLOT_COPIED


# ---- the stream -----------------------------------------------------------------------------------


cdef struct State:
    PyObject *schema
    const char *types  # of the schema
    const char **names
    uint32_t columns
    bint views
    PyObject *batches  # what is called for the iterator, then NULL
    PyObject *iterator
    char *error  # NULL, or the text of the one that ended the stream
    int code
    int users  # calls of `stream_next` that go on
    bint is_released  # during one of them, which frees the rest at its end


def stream(Schema schema not None, batches):
    """A capsule "arrow_array_stream" of the batches that the iterator has which `batches()` gives.

    It is called at the first batch.  An exception ends the stream: its text is the stream's error.
    """
    cdef ArrowArrayStream *made
    cdef State *state
    if not callable(batches):
        raise TypeError("batches must be callable")
    made = <ArrowArrayStream *>calloc(1, sizeof(ArrowArrayStream))
    state = <State *>calloc(1, sizeof(State))
    if made == NULL or state == NULL:
        free(made)
        free(state)
        raise MemoryError
    Py_INCREF(schema)
    Py_INCREF(batches)
    state.schema = <PyObject *>schema
    state.batches = <PyObject *>batches
    state.types = PyBytes_AS_STRING(schema._types)
    state.names = schema._name_texts
    state.columns = <uint32_t>PyBytes_GET_SIZE(schema._types)
    state.views = schema._views
    made.get_schema = stream_schema
    made.get_next = stream_next
    made.get_last_error = stream_error
    made.release = stream_release
    made.private_data = state
    return capsule_of(made, "arrow_array_stream", free_stream)


cdef int stream_schema(ArrowArrayStream *stream, ArrowSchema *out) noexcept nogil:
    cdef State *state = <State *>stream.private_data
    if sip_export_schema(out, state.types, state.names, state.columns, state.views) < 0:
        return ENOMEM
    return 0


cdef const char *stream_error(ArrowArrayStream *stream) noexcept nogil:
    return (<State *>stream.private_data).error


cdef int stream_next(ArrowArrayStream *stream, ArrowArray *out) noexcept nogil:
    cdef State *state = <State *>stream.private_data
    memset(out, 0, sizeof(ArrowArray))
    if state.code != 0:
        return state.code
    if not sip_python_runs():
        return EIO
    return next_of(state, out)


cdef int next_of(State *state, ArrowArray *out) noexcept with gil:
    """The next batch, whose making may release the stream."""
    cdef int code
    state.users += 1
    code = next_batch(state, out)
    state.users -= 1
    if state.is_released and state.users == 0:
        free_state(state)
    return code


cdef int next_batch(State *state, ArrowArray *out) noexcept:
    cdef Batch batch
    try:
        if state.batches != NULL:
            made = iter((<object>state.batches)())
            drop(&state.batches)
            Py_INCREF(made)
            state.iterator = <PyObject *>made
        if state.iterator == NULL:
            return 0
        for batch in <object>state.iterator:
            if batch is None or batch._own == NULL or not is_same(batch.schema, <Schema>state.schema):
                raise TypeError("a batch of another schema")
            if export_batch(batch, out) < 0:
                raise MemoryError
            return 0
        drop(&state.iterator)
        return 0
    except BaseException as error:
        drop(&state.batches)
        drop(&state.iterator)
        state.code = code_of(error)
        state.error = text_of(error)
        if isinstance(error, KeyboardInterrupt):
            PyErr_SetInterrupt()  # the consumer goes on to raise an error of its own
        return state.code


cdef bint is_same(Schema one, Schema other) except -1:
    # What was made of the fields: they may compare as they like.
    return one is other or (
        one._types == other._types and one._names == other._names and one._views == other._views
    )


cdef void drop(PyObject **place) noexcept:
    cdef PyObject *held = place[0]
    place[0] = NULL
    Py_XDECREF(held)


cdef int code_of(object error) noexcept:
    if isinstance(error, MemoryError):
        return ENOMEM
    return EINVAL if isinstance(error, (ValueError, TypeError)) else EIO


cdef char *text_of(object error) noexcept:
    cdef char *copy
    cdef bytes text
    try:
        text = (str(error) or type(error).__name__).encode("utf-8", "replace")
        copy = <char *>malloc(len(text) + 1)
        if copy != NULL:
            memcpy(copy, PyBytes_AS_STRING(text), len(text) + 1)
        return copy
    except BaseException:
        return NULL


cdef void stream_release(ArrowArrayStream *stream) noexcept nogil:
    cdef State *state = <State *>stream.private_data
    stream.release = NULL
    if sip_python_runs():
        release_objects(state)
    else:  # the objects stay
        free(state.error)
        free(state)


cdef void release_objects(State *state) noexcept with gil:
    if state.users != 0:
        state.is_released = True
    else:
        free_state(state)


cdef void free_state(State *state) noexcept:
    drop(&state.batches)
    drop(&state.iterator)
    drop(&state.schema)
    free(state.error)
    free(state)


# ---- conditions -----------------------------------------------------------------------------------


@cython.final
cdef class Where:
    """A condition, from its tree (`sipfast/columns/where.py`) and the names and types of the slots."""

    def __cinit__(self, tuple tree not None, tuple fields not None):
        cdef Py_ssize_t i = 0
        cdef uint32_t states = 0
        cdef sip_step *steps
        self._types = bytes([type_ for _, type_ in fields])
        program, depth = conditions.program(tree, fields)
        self._own.truths = <uint8_t *>self._memory(depth)
        self._own.count = len(program)
        steps = <sip_step *>self._memory(len(program) * sizeof(sip_step))
        self._own.steps = steps
        for step in program:
            steps[i].operation, steps[i].type, steps[i].slot = step.operation, step.type, step.slot
            steps[i].count, steps[i].size = step.number, step.size
            self._write(&steps[i], step.constants, step.states)
            states = max(states, steps[i].size)
            i += 1
        self._own.states = <uint64_t *>self._memory(states * sizeof(uint64_t))

    cdef int test(self, const sip_slot *slots) noexcept nogil:
        return sip_where_test(&self._own, slots)

    cdef void *_memory(self, size_t size) except NULL:
        memory = bytearray(size + 8)
        self._parts = (memory, self._parts)
        return <void *>(<uintptr_t>PyByteArray_AS_STRING(memory) + 7 & ~<uintptr_t>7)

    cdef int _write(self, sip_step *step, tuple constants, bytes states) except -1:
        cdef sip_constant *written = <sip_constant *>self._memory(len(constants) * sizeof(sip_constant))
        step.constants = written
        for constant in constants:
            if isinstance(constant, bytes):
                self._parts = (constant, self._parts)
                written.text = <const uint8_t *>PyBytes_AS_STRING(constant)
                written.length = <uint32_t>PyBytes_GET_SIZE(constant)
            else:
                written.number = constant
            written += 1
        self._parts = (states, self._parts)
        step.states = <const uint64_t *>PyBytes_AS_STRING(states)
        return 0

    def tested(self, Assembler own not None, tuple values not None):
        """What the condition is of values as `append_values` takes them; ... is a value to come."""
        cdef sip_slot *slots
        cdef sip_text *texts
        cdef Py_ssize_t count = PyBytes_GET_SIZE(self._types), i, items, at = 0
        if len(values) != count:
            raise ValueError(f"{count} slots, but {len(values)} values")
        items = sum([len(<tuple>one) for one in values if type(one) is tuple])
        own._use()
        slots = <sip_slot *>calloc(count + 1, sizeof(sip_slot))
        texts = <sip_text *>calloc(items + 1, sizeof(sip_text))
        try:
            if slots == NULL or texts == NULL:
                raise MemoryError
            for i in range(count):
                if values[i] is ...:
                    slots[i].state = SIP_SLOT_LATER
                else:
                    at += fill_slot(own, PyBytes_AS_STRING(self._types)[i], values[i], &slots[i], texts + at)
            return self.test(slots)
        finally:
            own._is_busy = False
            free(slots)
            free(texts)


# ---- capsules -------------------------------------------------------------------------------------


cdef object capsule_of(void *pointer, const char *name, PyCapsule_Destructor destructor):
    return PyCapsule_New(pointer, name, destructor)


cdef void free_schema(object capsule) noexcept:
    cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(capsule, "arrow_schema")
    if schema.release != NULL:  # NULL: it was moved out
        schema.release(schema)
    free(schema)


cdef void free_array(object capsule) noexcept:
    cdef ArrowArray *array = <ArrowArray *>PyCapsule_GetPointer(capsule, "arrow_array")
    if array.release != NULL:
        array.release(array)
    free(array)


cdef void free_stream(object capsule) noexcept:
    cdef ArrowArrayStream *stream
    stream = <ArrowArrayStream *>PyCapsule_GetPointer(capsule, "arrow_array_stream")
    if stream.release != NULL:
        stream.release(stream)
    free(stream)
