"""Messages by small parties of our own: many in one segment, cut anywhere, and sent twice."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import sipfast
from benchmarks.calling.elements import Element, example
from benchmarks.calling.processes import HOST, Processes

PATIENCE = 10.0
QUIET = 0.3
"""Seconds after which nothing more is expected; a transaction would send again after 0.5."""
REQUESTS = 40
STREAMS = [
    example("stateless", transport="tcp"),
    example("stateful", "--stateful", transport="tcp"),
    example("uvloop", "--loop", "uvloop", transport="tcp"),
]


def request(method: str, transport: str, here: str, number: int = 1) -> sipfast.Request:
    made = sipfast.Draft.request(
        method,
        "sip:bob@example.com",
        {
            "Via": f"SIP/2.0/{transport} {here};rport;branch={sipfast.new_branch()}",
            "Max-Forwards": "70",
            "From": f"<sip:alice@{here}>;tag={sipfast.new_tag()}",
            "To": "<sip:bob@example.com>",
            "Call-ID": sipfast.new_call_id(),
            "CSeq": f"{number} {method}",
            "Content-Type": "text/plain",
            "Contact": f"<sip:alice@{here};transport={transport}>",
        },
        b"a body, so that messages end where Content-Length says",
    ).message
    assert isinstance(made, sipfast.Request)
    return made


class Party:
    """One end of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._stream = sipfast.Stream()
        self._events = self._read()

    def _read(self) -> Iterator[sipfast.Request | sipfast.Response]:
        while data := self.connection.recv(65535):
            for event in self._stream.feed(data):
                assert isinstance(event, (sipfast.Request, sipfast.Response))
                yield event

    def receive(self, count: int) -> list[sipfast.Request | sipfast.Response]:
        """Return the next messages."""
        return [next(self._events) for _ in range(count)]

    def send(self, messages: list[bytes], size: int | None = None) -> None:
        """Send messages back to back, in one piece or in pieces of a size."""
        whole = b"".join(messages)
        for at in range(0, len(whole), size or len(whole)):
            self.connection.sendall(whole[at : at + (size or len(whole))])


@contextmanager
def connected(processes: Processes, element: Element) -> Iterator[tuple[Party, socket.socket]]:
    """A connection to the proxy, and the listening socket of its next hop."""
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(PATIENCE)
        port = element.start(processes, listener.getsockname()[1], None).port
        with socket.create_connection((HOST, port), PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield Party(connection), listener


@pytest.mark.parametrize("size", [None, 1000, 7], ids=["whole", "1000", "7"])
@pytest.mark.parametrize("element", STREAMS, ids=lambda element: element.name)
def test_messages_in_one_segment_and_in_pieces(
    processes: Processes, element: Element, size: int | None
) -> None:
    with connected(processes, element) as (caller, listener):
        here = "{}:{}".format(*caller.connection.getsockname())
        sent = [request("OPTIONS", "TCP", here, number) for number in range(1, REQUESTS + 1)]
        caller.send([bytes(each) for each in sent], size)
        accepted, _ = listener.accept()
        with accepted:
            accepted.settimeout(PATIENCE)
            callee = Party(accepted)
            arrived = callee.receive(REQUESTS)
            assert [each.call_id for each in arrived] == [each.call_id for each in sent]
            assert {each.max_forwards for each in arrived} == {69}
            assert {len(each.vias) for each in arrived} == {2}
            assert {bytes(each.body) for each in arrived} == {bytes(sent[0].body)}
            answers = [each.reply(200) for each in arrived if isinstance(each, sipfast.Request)]
            callee.send([bytes(each) for each in answers], size)
            came = caller.receive(REQUESTS)
    assert [each.call_id for each in came] == [each.call_id for each in sent]
    assert all(isinstance(each, sipfast.Response) for each in came)
    branches = [[via.branch for via in each.vias] for each in came]
    assert branches == [[via.branch for via in each.vias] for each in sent]


def test_a_stateless_proxy_sends_a_repeated_request_on_as_it_did_before(
    processes: Processes,
) -> None:
    with datagrams(processes, example("stateless")) as (caller, callee, here):
        invite = bytes(request("INVITE", "UDP", here))
        caller.send(invite)
        first = callee.recv(65535)
        caller.send(invite)
        assert callee.recv(65535) == first


def test_a_stateful_proxy_answers_a_repeated_request_itself(processes: Processes) -> None:
    element = example("stateful", "--stateful", "--grace", "0")
    with datagrams(processes, element) as (caller, callee, here):
        invite = bytes(request("INVITE", "UDP", here))
        caller.send(invite)
        data, proxy = callee.recvfrom(65535)
        arrived = sipfast.parse(data)
        assert isinstance(arrived, sipfast.Request)
        callee.sendto(bytes(arrived.reply(180, to_tag="b")), proxy)
        assert final_or_ringing(caller) == 180
        caller.send(invite)
        assert final_or_ringing(caller) == 180
        callee.settimeout(QUIET)
        with pytest.raises(TimeoutError):
            callee.recv(65535)


@contextmanager
def datagrams(
    processes: Processes, element: Element
) -> Iterator[tuple[socket.socket, socket.socket, str]]:
    """A socket that sends to the proxy, that of its next hop, and the address of the first."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as callee,
    ):
        callee.bind((HOST, 0))
        port = element.start(processes, callee.getsockname()[1], None).port
        caller.connect((HOST, port))
        for each in (caller, callee):
            each.settimeout(PATIENCE)
        yield caller, callee, "{}:{}".format(*caller.getsockname())


def final_or_ringing(caller: socket.socket) -> int:
    """Return the next status after 100, which a proxy need not send."""
    while True:
        response = sipfast.parse(caller.recv(65535))
        assert isinstance(response, sipfast.Response)
        if response.status != 100:
            return response.status
