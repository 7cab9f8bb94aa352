"""The datagrams of a UDP socket, many at a time, by `recvmmsg` and `sendmmsg` of Linux.

`datagrams.py` is its twin, which other systems use.  The calls do not block, so they keep the GIL:
whoever takes it from a loop for a moment may keep it for milliseconds.
"""

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_CheckExact,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject, PyObject_Hash
from cpython.ref cimport Py_CLEAR, Py_INCREF, Py_XDECREF
from cpython.unicode cimport PyUnicode_CheckExact
from libc.errno cimport EAGAIN, EINTR, ENOBUFS, errno
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memchr, memcmp, memcpy, memset

import socket as sockets

WINDOW = IN_BATCH


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept
    bint PyLong_CheckExact(object number) noexcept
    long PyLong_AsLongAndOverflow(object number, int *overflow) except? -1


cdef extern from * nogil:
    """
    #include <arpa/inet.h>
    #include <errno.h>
    #include <math.h>
    #include <netinet/in.h>
    #include <sys/epoll.h>
    #include <sys/socket.h>
    #include <time.h>

    static double sip_monotonic(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec + now.tv_nsec * 1e-9;
    }

    typedef union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } sip_address;
    """
    enum: AF_INET, AF_INET6, MSG_DONTWAIT
    ctypedef int socklen_t
    struct in6_addr:
        uint8_t s6_addr[16]
    struct in_addr:
        uint32_t s_addr
    struct sockaddr_in:
        uint16_t sin_family, sin_port
        in_addr sin_addr
    struct sockaddr_in6:
        uint16_t sin6_family, sin6_port
        in6_addr sin6_addr
        uint32_t sin6_scope_id
    ctypedef union sip_address:
        sockaddr_in four
        sockaddr_in6 six
    struct iovec:
        void *iov_base
        size_t iov_len
    struct msghdr:
        void *msg_name
        socklen_t msg_namelen
        iovec *msg_iov
        size_t msg_iovlen
        int msg_flags
    struct mmsghdr:
        msghdr msg_hdr
        unsigned int msg_len
    int recvmmsg(int fd, mmsghdr *messages, unsigned int count, int flags, void *timeout)
    int sendmmsg(int fd, mmsghdr *messages, unsigned int count, int flags)
    int inet_pton(int family, const char *text, void *address)
    const char *inet_ntop(int family, const void *address, char *text, socklen_t size)
    uint16_t htons(uint16_t port)
    struct epoll_event:
        uint32_t events
    int epoll_wait(int fd, epoll_event *events, int most, int milliseconds)
    double monotonic "sip_monotonic"()
    double ceil(double number)
    uint16_t ntohs(uint16_t port)


cdef enum:
    IN_BATCH = 64
    CACHED = 1024  # sources, and destinations; a power of two
    LARGEST = 65536  # no datagram is longer
    # Buffers a whole page apart would share a few lines of the processor's cache.
    STRIDE = LARGEST + 1088
    LONGEST = 64  # characters of an address, and more
    AGAIN = 8  # errors of earlier datagrams that one batch passes over


cdef struct Batch:
    mmsghdr[IN_BATCH] messages
    iovec[IN_BATCH] parts
    sip_address[IN_BATCH] addresses


cdef struct Destination:
    PyObject *host
    int port
    sip_address address


cdef inline bint is_same(const sip_address *one, const sip_address *other) noexcept:
    if one.four.sin_port != other.four.sin_port or one.four.sin_family != other.four.sin_family:
        return False
    if one.four.sin_family == AF_INET:
        return one.four.sin_addr.s_addr == other.four.sin_addr.s_addr
    return (
        memcmp(&one.six.sin6_addr, &other.six.sin6_addr, 16) == 0
        and one.six.sin6_scope_id == other.six.sin6_scope_id
    )


cdef inline size_t place_of(const sip_address *address) noexcept:
    """The slot of an address in a cache: whoever fills it costs others a miss, and no more."""
    cdef uint64_t high = address.four.sin_addr.s_addr, low = 0
    if address.four.sin_family == AF_INET6:
        memcpy(&high, &address.six.sin6_addr, 8)
        memcpy(&low, address.six.sin6_addr.s6_addr + 8, 8)
    high = (high ^ low * <uint64_t>3) + (<uint64_t>address.four.sin_port << 40)
    return (high * <uint64_t>0x9E3779B97F4A7C15) >> 54


cdef bint packed(int family, str host, int port, sip_address *address) except -1:
    """Write the address of a host and a port; False unless the host is an IP address."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(host)
    cdef const char *text
    cdef char[LONGEST] copy
    cdef const char *mark
    if not (0 < port < 65536 and size < LONGEST and PyUnicode_IS_ASCII(host)):
        return False
    text = <const char *>PyUnicode_DATA(host)
    if memchr(text, 0, size) != NULL:
        return False
    memset(address, 0, sizeof(sip_address))
    address.four.sin_family = family
    address.four.sin_port = htons(port)
    if family == AF_INET:
        return inet_pton(AF_INET, text, &address.four.sin_addr) == 1
    memcpy(copy, text, size + 1)
    mark = <const char *>memchr(text, c"%", size)
    if mark != NULL:  # the interface of a link-local address
        copy[mark - text] = 0
        address.six.sin6_scope_id = scope_of(host)
    return inet_pton(AF_INET6, copy, &address.six.sin6_addr) == 1


cdef uint32_t scope_of(str host) except? 0:
    name = host.partition("%")[2]
    if name.isdecimal():
        return int(name) & 0xFFFFFFFF
    try:
        return sockets.if_nametoindex(name)
    except OSError:
        return 0


@cython.final
cdef class Source:
    """Where a message came from, as the sequence of host and port that a socket returns."""

    cdef tuple _pair  # None before it is asked for
    cdef sip_address _from  # of no family for a connection
    cdef readonly object transport, connection, endpoint

    def __init__(self, str host not None, int port, transport="UDP", connection=None, endpoint=None):
        self._pair = host, port
        self.transport = transport
        self.connection = connection
        self.endpoint = endpoint
        self._from.four.sin_family = 0

    @property
    def address(self):
        """Host and port, as a tuple."""
        cdef char[LONGEST] text
        cdef sip_address *address = &self._from
        if self._pair is None:
            if address.four.sin_family == AF_INET:
                inet_ntop(AF_INET, &address.four.sin_addr, text, LONGEST)
            else:
                inet_ntop(AF_INET6, &address.six.sin6_addr, text, LONGEST)
            host = (<bytes>text).decode("ascii")
            if address.four.sin_family == AF_INET6 and address.six.sin6_scope_id:
                host = f"{host}%{address.six.sin6_scope_id}"
            self._pair = host, ntohs(address.four.sin_port)
        return self._pair

    @property
    def host(self):
        """The IP address; one of IPv6 has no brackets."""
        return self.address[0]

    @property
    def port(self):
        """The port."""
        return self.address[1]

    def __len__(self):
        return 2

    def __getitem__(self, Py_ssize_t index):
        index += 2 if index < 0 else 0
        if not 0 <= index < 2:
            raise IndexError("a source has a host and a port")
        return self.address[index]

    def __repr__(self):
        return f"Source{(*self.address, self.transport, self.connection)!r}"


@cython.final
cdef class Datagrams:
    """The datagrams of one UDP socket: received in batches, and sent in batches.

    `owner` becomes the endpoint of each source.  `wake` is called when something is queued that no
    batch will send.
    """

    cdef public object wake
    cdef object _parse, _handle, _later, _trouble
    cdef int _fd, _family
    cdef socklen_t _address_size
    cdef bint _is_busy
    cdef object _counters, _owner
    cdef list _sources
    cdef Destination *_destinations
    cdef Batch *_in
    cdef Batch *_out
    cdef char *_buffers
    cdef unsigned int _at, _count, _queued
    cdef PyObject *_data[IN_BATCH]

    def __cinit__(self, of, counters, owner):
        cdef int i
        self._fd = of.fileno()
        self._family = of.family
        self._counters, self._owner = counters, owner
        self._sources = [None] * CACHED
        self._destinations = <Destination *>calloc(CACHED, sizeof(Destination))
        self._in, self._out = <Batch *>calloc(1, sizeof(Batch)), <Batch *>calloc(1, sizeof(Batch))
        # Most of it is never touched, and so takes no memory.
        self._buffers = <char *>calloc(IN_BATCH, STRIDE)
        if not (self._destinations and self._in and self._out and self._buffers):
            raise MemoryError
        if self._family not in (AF_INET, AF_INET6):
            raise ValueError("the socket is of neither IPv4 nor IPv6")
        self._address_size = sizeof(sockaddr_in) if self._family == AF_INET else sizeof(sockaddr_in6)
        for batch in (0, 1):
            for i in range(IN_BATCH):
                one = self._out if batch else self._in
                one.messages[i].msg_hdr.msg_name = &one.addresses[i]
                one.messages[i].msg_hdr.msg_namelen = self._address_size
                one.messages[i].msg_hdr.msg_iov = &one.parts[i]
                one.messages[i].msg_hdr.msg_iovlen = 1
        for i in range(IN_BATCH):
            self._in.parts[i].iov_base = self._buffers + i * STRIDE
            self._in.parts[i].iov_len = LARGEST

    def __dealloc__(self):
        cdef int i
        for i in range(<int>self._queued):
            Py_XDECREF(self._data[i])
        if self._destinations:
            for i in range(CACHED):
                Py_XDECREF(self._destinations[i].host)
        free(self._destinations)
        free(self._in)
        free(self._out)
        free(self._buffers)

    @property
    def queued(self):
        """The datagrams that `flush` will send."""
        return self._queued

    def close(self):
        """Forget the socket and all that waits; the socket itself stays open."""
        self._fd = -1
        self._at = self._count = 0
        self._forget()
        self._sources = [None] * CACHED
        self._parse = self._handle = self._later = self._trouble = self.wake = None

    def handle_with(self, parse, handle, later, trouble):
        """Set what is called for each datagram.

        `parse` makes a message of it, and `handle` is called with that and its source.  What it
        returns, unless None, goes to `later`, with both.  An error goes to `trouble`, with the
        bytes if they could not be parsed, else with the message.
        """
        self._parse, self._handle, self._later, self._trouble = parse, handle, later, trouble

    cpdef int receive(self) except -1:
        """Receive a batch, handle it, and send what is queued; the size of the batch."""
        cdef unsigned int size
        if self._is_busy or self._handle is None:
            return 0
        self._is_busy = True
        # A handler that closes takes them off.
        parse, handle, later, trouble = self._parse, self._handle, self._later, self._trouble
        try:
            if self._at == self._count:
                self._fill()
            size = self._count - self._at
            while self._at < self._count:  # less after `close`
                self._at += 1
                if self._in.addresses[self._at - 1].four.sin_port == 0:
                    self._counters.refused += 1  # nobody there could be answered
                    continue
                message = PyBytes_FromStringAndSize(
                    self._buffers + (self._at - 1) * STRIDE,
                    self._in.messages[self._at - 1].msg_len,
                )
                source = self._source_of(&self._in.addresses[self._at - 1])
                try:
                    message = parse(message)
                    result = handle(message, source)
                    if result is not None:
                        later(result, message, source)
                except Exception as error:
                    trouble(error, message, source)
        finally:
            self._is_busy = False
        self.flush()
        return size

    def gather(self, loop, int others, double end, double moderation):
        """Receive batches as they come, each `moderation` seconds after the last one.

        A full batch is followed at once.  Ends when a batch was empty, when the epoll `others` has
        an event, at the monotonic time `end`, or when `loop.is_due`.  The size of the last batch.
        """
        cdef double now, wait
        cdef epoll_event event
        cdef int size, count
        while True:
            size = self.receive()
            if size == 0 or (size < IN_BATCH and moderation <= 0) or loop.is_due:
                return size
            now = monotonic()
            wait = 0 if size == IN_BATCH else moderation
            if wait > end - now:
                wait = end - now if end > now else 0
            with nogil:
                count = epoll_wait(others, &event, 1, <int>ceil(wait * 1000))
            if count < 0:
                PyErr_CheckSignals()
            if count != 0 or now + wait >= end:
                return size

    cdef int _fill(self) except -1:
        """Receive a batch."""
        cdef int count = -1, i, errors = 0
        # What is left of an earlier batch is as it was.
        for i in range(<int>self._count):
            self._in.messages[i].msg_hdr.msg_namelen = self._address_size
        self._at = self._count = 0
        while self._fd >= 0 and errors < AGAIN:
            count = recvmmsg(self._fd, self._in.messages, IN_BATCH, MSG_DONTWAIT, NULL)
            if count >= 0 or errno == EAGAIN:
                break
            errors += 1  # of a datagram that was sent before, or EINTR
        if count > 0:
            self._count = count
            self._counters.received += count
        return 0

    cdef Source _source_of(self, const sip_address *address):
        cdef size_t place = place_of(address)
        cdef Source source
        # The collector hands the list out, so anything may be in it.
        found = self._sources[place] if len(self._sources) == CACHED else None
        if type(found) is Source and is_same(&(<Source>found)._from, address):
            return <Source>found
        source = Source.__new__(Source)
        source._from = address[0]
        source.transport = "UDP"
        source.endpoint = self._owner
        if len(self._sources) == CACHED:
            self._sources[place] = source
        return source

    def answer(self, data, Source source not None):
        """Queue a datagram to where another came from; False if that was no datagram."""
        if source._from.four.sin_family != self._family:
            return self.send(data, *source.address)
        return self._put(data, &source._from)

    def send(self, data, host, port):
        """Queue a datagram; False if the host is no IP address of the socket's family."""
        cdef Destination *one
        cdef sip_address address
        cdef int overflow
        cdef long number
        if port is None:
            return False
        if not PyLong_CheckExact(port):
            raise TypeError(f"port must be int, not {type(port).__name__}")
        number = PyLong_AsLongAndOverflow(port, &overflow)
        if not 0 < number < 65536:  # -1 if it overflows
            return False
        if not PyUnicode_CheckExact(host):
            raise TypeError(f"host must be str, not {type(host).__name__}")
        one = &self._destinations[(<size_t>PyObject_Hash(host) + <size_t>number) & (CACHED - 1)]
        if one.host == NULL or one.port != number or <object>one.host != host:
            if not packed(self._family, host, <int>number, &address):
                return False
            Py_INCREF(host)
            Py_XDECREF(one.host)
            one.host, one.port, one.address = <PyObject *>host, <int>number, address
        return self._put(data, &one.address)

    cdef bint _put(self, data, const sip_address *address) except -1:
        cdef unsigned int at = self._queued
        if not PyBytes_CheckExact(data):
            raise TypeError(f"data must be bytes, not {type(data).__name__}")
        if self._fd < 0:
            return False
        Py_INCREF(data)
        self._data[at] = <PyObject *>data
        self._out.addresses[at] = address[0]
        self._out.parts[at].iov_base = PyBytes_AS_STRING(data)
        self._out.parts[at].iov_len = PyBytes_GET_SIZE(data)
        self._queued += 1
        if self._queued == IN_BATCH:
            self.flush()
        elif self._queued == 1 and not self._is_busy and self.wake is not None:
            self.wake()
        return True

    cpdef int flush(self) except -1:
        """Send what is queued."""
        cdef int sent
        cdef unsigned int at = 0, done = 0, dropped = 0, undelivered = 0
        if self._queued == 0 or self._fd < 0:
            return 0
        while at < self._queued:
            sent = sendmmsg(self._fd, self._out.messages + at, self._queued - at, MSG_DONTWAIT)
            if sent > 0:
                done += sent
                at += sent
            elif errno != EINTR:  # of this datagram: the others are sent all the same
                if errno == EAGAIN or errno == ENOBUFS:
                    dropped += 1
                else:
                    undelivered += 1
                at += 1
        self._forget()
        counters = self._counters
        if done:
            counters.sent += done
        if dropped:
            counters.dropped += dropped
        if undelivered:
            counters.undelivered += undelivered
        return 0

    cdef void _forget(self) noexcept:
        """Empty the queue."""
        cdef int i, count = self._queued
        self._queued = 0
        for i in range(count):
            Py_CLEAR(self._data[i])
