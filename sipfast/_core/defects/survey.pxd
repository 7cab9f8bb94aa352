cimport cython

from ..wire cimport tokenizer
from ..wire.table cimport Table
from .marks cimport *
from .rules cimport Rules, rules_of_request, rules_of_response

cdef unsigned int NO_LENGTH

cdef const unsigned char *_CLASSES
cdef const unsigned char *_MORE_CLASSES
cdef const unsigned char *_SIP_2_0
cdef const unsigned char *_HOP
cdef const unsigned char *_ICID_VALUE
cdef const unsigned char *_KINDS
cdef const unsigned char *_IS_JOINED
cdef const unsigned char *_ONCE
cdef const unsigned char *_BITS
cdef const unsigned char *_WAYS_IN
# What these point into.
cdef bytes _CLASSES_KEPT, _MORE_CLASSES_KEPT, _SIP_2_0_KEPT, _HOP_KEPT, _ICID_VALUE_KEPT
cdef bytes _KINDS_KEPT, _IS_JOINED_KEPT, _ONCE_KEPT, _BITS_KEPT
cdef bytes _WAYS_IN_KEPT

cdef int MOST_PARAMETERS

cdef unsigned long long _WORD_MASK
cdef unsigned long long _TTL, _MADDR, _METHOD, _TRANSPORT, _USER_NAME, _EXT, _ISUB, _PHONE_CONTEXT
cdef unsigned long long _DIGEST, _TCP, _TLS, _UAC, _UAS, _TRUE, _FALSE, _100REL, _FACTOR

cdef int _NOWHERE
cdef unsigned long long CONTENT_TYPE, RSEQ, DATED, JOIN_AND_REPLACES


cdef enum:
    MOST_PARAMETERS_ = 16
    _SLOTS_ = 256

cdef unsigned char _ANY_WAY
cdef int _SLOTS
cdef unsigned long long[_SLOTS_] _KEYS
cdef unsigned char[_SLOTS_] _WAYS_OF
cdef unsigned char[_SLOTS_] _CHECK_OF
cdef long[_SLOTS_] _LEAST_OF
cdef long[_SLOTS_] _MOST_OF
cdef int[_SLOTS_] _MET_OF


@cython.final
@cython.no_gc
@cython.freelist(8)
cdef class Survey:
    cdef const unsigned char *_text
    cdef bytes _text_kept
    cdef readonly set odd
    cdef Py_ssize_t _size, _user_at, _method_at, _method_end
    cdef unsigned long long _seen, _packed
    cdef unsigned long long[MOST_PARAMETERS_] _names
    cdef int _named, _met, _kind, _contacts, _vias, _contact_scheme, _route_scheme, _scheme
    cdef readonly bint is_usual, is_plain_text
    cdef bint _joined_is_odd, _has_branch, _has_from_tag, _has_to_tag
    cdef bint _is_over_stream, _wants_100rel

    cdef _begin(self, Table table)
    @cython.locals(text="const unsigned char *", begin=Py_ssize_t, packed="unsigned long long", place=int)
    cdef Py_ssize_t _past_name(self, Py_ssize_t at, Py_ssize_t end, unsigned char kind) noexcept nogil
    @cython.locals(
        text="const unsigned char *", begin=Py_ssize_t, slot=int, ways="unsigned char",
        check="unsigned char", value=Py_ssize_t, stop=Py_ssize_t,
    )
    cdef Py_ssize_t _past_parameter(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", check="unsigned char", length=Py_ssize_t, number=long)
    cdef bint _is_meant(self, int slot, Py_ssize_t at, Py_ssize_t end, bint quoted) noexcept nogil
    cdef Py_ssize_t _past_parameters(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *")
    cdef Py_ssize_t _past_further_parameters(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *")
    cdef Py_ssize_t _past_list(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(
        text="const unsigned char *", first="unsigned char", second="unsigned char",
        third="unsigned char", stop=Py_ssize_t,
    )
    cdef Py_ssize_t _past_uri(self, Py_ssize_t at, Py_ssize_t end, bint bare) noexcept nogil
    @cython.locals(
        text="const unsigned char *", begin=Py_ssize_t, is_tel=bint, is_token=bint,
        packed="unsigned long long", value=Py_ssize_t,
    )
    cdef Py_ssize_t _past_uri_parameter(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", stop=Py_ssize_t)
    cdef Py_ssize_t _past_address(self, Py_ssize_t at, Py_ssize_t end, bint in_brackets) noexcept nogil
    @cython.locals(
        text="const unsigned char *", begin=Py_ssize_t, stop=Py_ssize_t,
        transport="unsigned long long",
    )
    cdef Py_ssize_t _past_via(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(stop=Py_ssize_t)
    cdef Py_ssize_t _past_item(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", stop=Py_ssize_t)
    cdef Py_ssize_t _past_media(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", stop=Py_ssize_t)
    cdef Py_ssize_t _past_interval(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", stop=Py_ssize_t, needed=int)
    cdef Py_ssize_t _past_scheme(self, Py_ssize_t at, Py_ssize_t end, bint is_answer) noexcept nogil
    @cython.locals(text="const unsigned char *", stop=Py_ssize_t)
    cdef Py_ssize_t _past_call_id(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", begin=Py_ssize_t, stop=Py_ssize_t)
    cdef Py_ssize_t _past_cseq(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(
        text="const unsigned char *", begin=Py_ssize_t, stop=Py_ssize_t, method_at=Py_ssize_t,
        method_end=Py_ssize_t,
    )
    cdef Py_ssize_t _past_rack(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", begin=Py_ssize_t)
    cdef Py_ssize_t _past_value(self, int kind, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(value=Py_ssize_t)
    cdef Py_ssize_t _past_vector(self, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(text="const unsigned char *", is_list=bint)
    cdef bint _is_plain(self, int kind, Py_ssize_t at, Py_ssize_t end) noexcept nogil
    @cython.locals(
        bit="unsigned long long", index=Py_ssize_t, header_id="unsigned int", kind=int,
        at=Py_ssize_t, length=Py_ssize_t,
    )
    cdef _look_at_fields(self, Table table)
    @cython.locals(
        text="const unsigned char *", start=Py_ssize_t, version=Py_ssize_t, target=Py_ssize_t,
        target_end=Py_ssize_t,
    )
    cdef bint _is_usual_line(self, Table table, Rules rules) noexcept
    @cython.locals(seen="unsigned long long", body=Py_ssize_t, status="unsigned int")
    cdef bint _judge(self, Table table, Rules rules) noexcept
    @cython.locals(text="const unsigned char *", length=Py_ssize_t, start=Py_ssize_t, same=Py_ssize_t)
    cdef bint _is_same_method(self, Table table) noexcept


@cython.locals(survey=Survey, rules=Rules, needed="unsigned long long")
cpdef Survey survey_of(Table table)

cdef Py_ssize_t _past(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, unsigned char kind
) noexcept nogil
cdef Py_ssize_t _past_more(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, unsigned char kind
) noexcept nogil
cdef Py_ssize_t _past_space(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_event_type(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_privacy(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_language(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef Py_ssize_t _past_quoted(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef Py_ssize_t _past_escaped(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, unsigned char kind
) noexcept nogil
@cython.locals(label=Py_ssize_t, stop=Py_ssize_t)
cdef Py_ssize_t _past_host(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(dots=int, begin=Py_ssize_t)
cdef Py_ssize_t _past_ipv4(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef Py_ssize_t _past_reference(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end
) noexcept nogil
@cython.locals(groups=Py_ssize_t, stop=Py_ssize_t, is_short=bint, may_end=bint)
cdef Py_ssize_t _past_groups(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end
) noexcept nogil
@cython.locals(begin=Py_ssize_t, length=Py_ssize_t)
cdef Py_ssize_t _past_place(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef Py_ssize_t _past_zeros(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef bint _is_number(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, Py_ssize_t most
) noexcept nogil
@cython.locals(number=long)
cdef long _number(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(length=Py_ssize_t)
cdef bint _is_preference(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(begin=Py_ssize_t, count=int, stop=Py_ssize_t)
cdef bint _is_address(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(slot=int)
cdef int _slot_of(unsigned long long packed) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef bint _is_words(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(packed="unsigned long long")
cdef unsigned long long _pack(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(same=Py_ssize_t)
cdef bint _begins(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, const unsigned char *word, Py_ssize_t length
) noexcept nogil
