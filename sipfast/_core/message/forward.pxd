cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from .. cimport shapes
from ..wire cimport mac as macs
from ..wire cimport table as tables
from ..wire cimport text as chars
from ..wire.mac cimport Mac
from ..wire.splice cimport Splice
from ..wire.table cimport Table
from ..wire.text cimport Part, Room
from .hop cimport Hop
from .message cimport Forwarder, Request, Response
from .spans cimport held_bytes, line_at, mixed_line_end, spaced

cdef unsigned int _VIA, _ROUTE, _RECORD_ROUTE, _FROM, _TO, _CALL_ID, _CSEQ, _MAX_FORWARDS
cdef unsigned int _CONTENT_LENGTH, _PROXY_REQUIRE, _PROXY_AUTHORIZATION, NO_LENGTH
cdef uint32_t _LARGEST, _LONGEST_LINE, _MOST_FIELDS
cdef uint32_t _FAR, _HASH_SIZE, _COOKIE_SIZE
cdef int MOST_FORKS, _MOST_HOPS, _ABSENT, _FLAG, _VALUED
cdef int _BRANCH_OF, _RECEIVED_OF, _RPORT_OF, _MADDR_OF, _LOOP_OF, _CONN_OF, _OTHER
cdef int64_t MOST_CONNECTION
cdef list _spares
cdef bytes _LOOP
cdef str _COOKIE, _MADDR, _MAC, _LR, _TAG, _TRANSPORT
cdef dict sources


@cython.final
@cython.no_gc
cdef class Forwarding(Room):
    cdef Table _table
    cdef Hop _hop, _record_route, _below, _own, _leaving
    cdef bytes _source, _kept, _target
    cdef object _to
    cdef tuple _came_from
    cdef int64_t _port
    cdef const uint8_t *_text
    cdef const uint8_t *_sub
    cdef uint32_t _shift, _base
    cdef Splice _splice
    cdef Mac _mac
    cdef Room _found
    cdef int _scheme
    cdef Py_ssize_t _index
    cdef uint32_t _at, _end, _after, _field_end, _begin, _stop
    cdef int64_t _conn, _fork, _hops
    cdef uint32_t _from_at, _from_end, _to_at, _to_end, _call_at, _call_end, _number_at, _number_end
    cdef uint64_t _branch, _loop, _dialog
    cdef bint _is_old, _is_signed, _is_there, _stays
    cdef Py_ssize_t _through_index, _last_index, _last_via
    cdef uint32_t _through_end, _last_at, _before_last, _added, _added_at, _added_end

    @cython.locals(source=bytes, start=uint32_t, length=uint32_t)
    cdef _take(self, Table message, Hop hop)
    @cython.locals(text=bytes, plain=bytes, parts="Part *", fault=uint64_t)
    cdef bytes _aim(self, object target, Hop via, bint wants_hop)
    cdef int _stay(self, object record_route) except -1
    @cython.locals(table=Table, start=uint32_t, body=uint32_t, index=Py_ssize_t, at=Py_ssize_t)
    cdef _check_framing(self)
    @cython.locals(
        table=Table, text="const uint8_t *", body=uint32_t, count=uint32_t, index=uint32_t,
        is_folded=bint,
    )
    cdef bint _is_all_crlf(self) noexcept
    @cython.locals(end=uint32_t)
    cdef _identify(self)
    @cython.locals(fault=uint64_t)
    cdef _read_tag(self, unsigned int header_id, str name)
    @cython.locals(text="const uint8_t *", end=uint32_t, close=uint32_t, at=uint32_t)
    cdef bint _is_plain_tag(self) noexcept
    cdef _require(self, unsigned int header_id)
    cdef int _fail(self, str code, uint32_t at, str header) except -1
    cdef int _refuse(self, uint64_t fault, str header) except -1
    cdef void _within(self, uint32_t at, uint32_t end) noexcept
    cdef bint _open(self, unsigned int header_id, str name) except -1
    cdef void _enter(self) noexcept
    @cython.locals(at=uint32_t, stop=uint32_t, end=uint32_t, fault=uint64_t, index=Py_ssize_t)
    cdef bint _go_on(self, str name) except -1
    @cython.locals(text="const uint8_t *")
    cdef uint32_t _past_commas(self, uint32_t at, uint32_t stop) noexcept
    @cython.locals(found=int64_t, at=uint32_t, end=uint32_t)
    cdef int _parameter(self, str name) noexcept
    @cython.locals(at=uint32_t, end=uint32_t)
    cdef bint _is_at(self, Hop hop) noexcept
    @cython.locals(
        fault=uint64_t, found="Part *", at=uint32_t, end=uint32_t, stop=uint32_t, begin=uint32_t,
        equals=uint32_t, place=int,
    )
    cdef int _split_via(self) except -1
    @cython.locals(size=uint32_t)
    cdef int _place_of(self, uint32_t at, uint32_t stop) noexcept
    @cython.locals(found="Part *")
    cdef bint _has(self, int place) noexcept
    cdef _first_via(self)
    cdef _open_via(self)
    @cython.locals(hop=Hop, at=uint32_t, end=uint32_t, name=str)
    cdef bint _is_ours(self) noexcept
    cdef bint _has_old_branch(self) noexcept
    @cython.locals(mac=Mac, hop=Hop)
    cdef int _absorb_via(self) except -1
    @cython.locals(
        mac=Mac, parts="Part *", at=uint32_t, end=uint32_t, host=uint32_t, stop=uint32_t,
        is_usual=bint, port=uint32_t, last=uint32_t,
    )
    cdef _absorb_sent_by(self)
    cdef void _absorb_part(self, int part) noexcept
    @cython.locals(mac=Mac, at=uint32_t, end=uint32_t, stop=uint32_t, begin=uint32_t, last=uint32_t)
    cdef int _absorb_old(self) except -1
    @cython.locals(equals=uint32_t, place=int)
    cdef bint _is_added(self, uint32_t at, uint32_t stop) noexcept
    cdef uint64_t _finish_branch(self, int64_t rport) noexcept
    @cython.locals(index=Py_ssize_t, at=uint32_t, hops=int64_t)
    cdef _count_hops(self)
    @cython.locals(mac=Mac, hop=Hop)
    cdef int _hash_loop(self) except -1
    @cython.locals(index=Py_ssize_t, at=uint32_t)
    cdef int _hash_fields(self, unsigned int header_id) except -1
    @cython.locals(pair=tuple, host=object, port=object, came_from=tuple)
    cdef int _come_from(self, object source) except -1
    @cython.locals(wants_rport=bint, is_added=bint)
    cdef bint _note_source(self) except -1
    @cython.locals(is_added=bint)
    cdef _read_vias(self)
    @cython.locals(hop=Hop, text="const uint8_t *", at=uint32_t, end=uint32_t, size=uint32_t)
    cdef bint _may_be_ours(self) noexcept
    @cython.locals(at=uint32_t, end=uint32_t, host=bytes)
    cdef bint _is_from(self, bytes address) except -1
    @cython.locals(at=uint32_t, end=uint32_t, stop=uint32_t, kept=uint32_t)
    cdef _cut_added(self, bint is_followed)
    @cython.locals(hop=Hop)
    cdef int _refuse_loop(self) except -1
    @cython.locals(hop=Hop)
    cdef _check_extensions(self)
    cdef uint64_t _split_uri(self, uint32_t at, uint32_t end) noexcept
    cdef bint _is_sip(self) noexcept
    @cython.locals(fault=uint64_t, at=uint32_t, end=uint32_t)
    cdef _split_route(self)
    @cython.locals(own=Hop)
    cdef bint _is_own_uri(self) except -1
    cdef Hop _nearer(self, Hop own, Hop other)
    @cython.locals(name=str, is_secure=bint)
    cdef bint _is_by(self, Hop hop) except -1
    @cython.locals(signature=uint64_t)
    cdef bint _is_written_by(self, Hop hop, uint32_t tag_at, uint32_t tag_end) except -1
    cdef uint64_t _signature(self, Hop hop, uint32_t tag_at, uint32_t tag_end) except? 0
    @cython.locals(
        is_strict=bint, is_led=bint, fault=uint64_t, is_there=bint, at=uint32_t, end=uint32_t,
        first=Hop,
    )
    cdef int _find_route(self, bint trusted) except -1
    cdef bint _has_two(self) except -1
    @cython.locals(was_signed=bint)
    cdef bint _is_second(self, Hop first) except -1
    cdef bint _open_route(self, bint is_strict) except -1
    cdef bint _pop_route(self, bint is_strict) except -1
    @cython.locals(end=uint32_t)
    cdef bint _take_last_route(self, bint is_target) except -1
    @cython.locals(hop=Hop, uri=bytes, at=uint32_t, end=uint32_t, default=int64_t, port=int64_t, before=uint32_t)
    cdef _strip_maddr(self)
    cdef void _cut_through(self) noexcept
    @cython.locals(table=Table, index=Py_ssize_t, at=uint32_t, stop=uint32_t, after=uint32_t)
    cdef _write_routes(self, bint is_strict)
    cdef int _cut_line(self, Py_ssize_t index) except -1
    cdef int _end_line(self) except -1
    @cython.locals(table=Table, splice=Splice, hop=Hop, target=bytes, at=uint32_t)
    cdef bytes _write_request(self)
    cdef bint _is_crlf(self) noexcept
    @cython.locals(target=bytes, at=uint32_t)
    cdef bint _asks_for_sips(self) except -1
    @cython.locals(index=Py_ssize_t, at=Py_ssize_t)
    cdef int _write_record_routes(self, Hop hop) except -1
    @cython.locals(signature=uint64_t, made=bytes)
    cdef int _write_record_route(self, Hop hop) except -1
    @cython.locals(index=Py_ssize_t, at=uint32_t)
    cdef _write_hops(self)
    cdef int _write_length(self) except -1
    @cython.locals(blank=Py_ssize_t)
    cdef int _open_at_end(self) except -1
    cdef Py_ssize_t _line_at(self, Py_ssize_t index) except -1
    @cython.locals(hop=Hop)
    cdef uint64_t _hash_target(self) except? 0
    @cython.locals(
        at=uint32_t, end=uint32_t, begin=uint32_t, stop=uint32_t, fault=uint64_t, index=Py_ssize_t,
        line=Py_ssize_t,
    )
    cdef bytes _route_strictly(self, bytes target)
    @cython.locals(text="const uint8_t *", end=uint32_t, loop=uint32_t)
    cdef bint _is_as_written(self, uint32_t at) except -1
    @cython.locals(at=uint32_t, end=uint32_t, stop=uint32_t)
    cdef int64_t _read_own_via(self) except -1
    @cython.locals(
        own=uint32_t, at=uint32_t, end=uint32_t, below=uint32_t, below_end=uint32_t, rport=int64_t,
        signature=uint64_t,
    )
    cdef int _check_response(self) except -1
    @cython.locals(table=Table, index=Py_ssize_t, at=uint32_t, stop=uint32_t, after=uint32_t)
    cdef bytes _write_response(self)
    @cython.locals(end=uint32_t, fault=uint64_t)
    cdef object _next_of_request(self)
    cdef object _next_of_uri(self, uint32_t at, uint32_t end, str header)
    @cython.locals(at=uint32_t, end=uint32_t)
    cdef bint _is_usual(self) noexcept
    @cython.locals(
        at=uint32_t, end=uint32_t, host=str, transport=str, is_secure=bint, port=int64_t,
        is_reference=bint,
    )
    cdef object _next_of_usual(self)
    @cython.locals(dots=int, stop=uint32_t)
    cdef bint _is_ipv4(self, uint32_t at, uint32_t end) noexcept
    @cython.locals(hop=Hop, name=str)
    cdef str _transport(self, uint32_t at, uint32_t end)
    @cython.locals(at=uint32_t, end=uint32_t, transport=str, host=str, port=int64_t)
    cdef object _next_of_via(self, bint is_signed)
    cdef str _value(self)


@cython.no_gc  # final, Cython would not let it override
cdef class _Forwarder(Forwarder):
    @cython.locals(plan=Forwarding)
    cdef object request(
        self, Request request, object target, object via, object source, object record_route,
        object connection, object fork, bint trusted
    )
    @cython.locals(plan=Forwarding)
    cdef object response(self, Response response, object via)


@cython.locals(plan=Forwarding, forwarded=bytes)
cpdef object relay_request(
    Request request, object target, object via, object source, object record_route,
    object connection, object fork, bint trusted, bint stays=*
)
@cython.locals(plan=Forwarding, forwarded=bytes)
cpdef object relay_response(Response response, object via)
@cython.locals(plan=Forwarding, table=Table, index=Py_ssize_t, at=uint32_t, end=uint32_t)
cpdef bytes via_with_source(Table request, object source)
@cython.locals(text=bytes, plan=Forwarding)
cpdef object next_of_request(
    Table request, object target, object via, object record_route, bint trusted
)
@cython.locals(plan=Forwarding)
cpdef object next_of_response(Table response, object via)
@cython.locals(
    ways=int, conn=int64_t, text=bytes, plan=Forwarding,
)
cdef Forwarding _planned(
    Request request, object target, object via, object source, object record_route,
    object connection, object fork, bint trusted, bint wants_hop
)
@cython.locals(plan=Forwarding)
cdef Forwarding _checked_response(Response response, object via)
@cython.locals(plan=Forwarding)
cdef Forwarding _plan()
@cython.locals(spare=Forwarding)
cdef object _done(Forwarding plan, object result)
cdef int _check_hops(object via, object record_route) except -1
@cython.locals(made=Hop)
cdef int _check_hop(object hop, str name) except -1
@cython.locals(value=int64_t)
cdef int64_t _checked(object number, str name, int64_t most) except -1
@cython.locals(index=Py_ssize_t, at=uint32_t, end=uint32_t)
cdef bytes _flattened(Table table, bytes source)
cdef bytes _address_of(str host)
@cython.locals(kept="const uint8_t *", room=Room, end=uint32_t, at=uint32_t)
cdef bytes _stripped(bytes uri)
cdef str _bare(str host)
cdef str _usual_transport(bint is_secure, Hop leaving)


@cython.final
cdef class Relay:
    cdef Hop _hop
    cdef object _send, _otherwise, _connection
    cdef bytes _mark

    @cython.locals(made=tuple)
    cdef bint _relays(self, object message, object source) except -1
