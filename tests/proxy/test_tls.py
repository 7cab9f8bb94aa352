"""TLS without a socket: both sides, in pieces of every size, and its faults."""

from __future__ import annotations

import ssl

import pytest
from certificates import Contexts, contexts

from sipfast.proxy.tls import TLS

__all__ = ["contexts"]


def pair(contexts: Contexts, size: int = 1 << 20, name: str = "localhost") -> tuple[TLS, TLS]:
    client, server = TLS(contexts.client, name), TLS(contexts.server)
    while not (client.is_open and server.is_open):
        for one, other in ((client, server), (server, client)):
            data = one.data_to_send()
            for at in range(0, len(data), size):
                assert other.feed(data[at : at + size]) == b""
    return client, server


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_what_is_written_is_read(contexts: Contexts, size: int) -> None:
    client, server = pair(contexts, size)
    text = bytes(range(256)) * 300  # more than a record
    for one, other in ((client, server), (server, client)):
        one.write(b"one")
        one.write(text)
        data, clear = one.data_to_send(), b""
        assert text[:100] not in data
        assert one.data_to_send() == b""
        for at in range(0, len(data), size):
            clear += other.feed(data[at : at + size])
        assert clear == b"one" + text


def test_the_end(contexts: Contexts) -> None:
    client, server = pair(contexts)
    client.write(b"last")
    client.close()
    assert server.feed(client.data_to_send()) == b"last"
    assert server.is_ended
    assert not client.is_ended
    server.close()
    assert client.feed(server.data_to_send()) == b""
    assert client.is_ended


def test_the_end_before_the_handshake(contexts: Contexts) -> None:
    server = TLS(contexts.server)
    server.close()
    assert server.data_to_send() == b""


@pytest.mark.parametrize("name", ["bank.example", "127.0.0.2", "localhost.example"])
def test_a_name_that_is_not_proved(contexts: Contexts, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        pair(contexts, name=name)


def test_an_address_can_be_proved(contexts: Contexts) -> None:
    client, _ = pair(contexts, name="127.0.0.1")
    assert client.is_open


def test_what_is_no_handshake(contexts: Contexts) -> None:
    server = TLS(contexts.server)
    with pytest.raises(ssl.SSLError):
        server.feed(b"OPTIONS sip:example.com SIP/2.0\r\n\r\n")
    assert server.data_to_send()[:1] in (b"\x15", b"")  # an alert


def test_a_record_that_is_forged(contexts: Contexts) -> None:
    """What came before it is read."""
    client, server = pair(contexts)
    client.write(b"one")
    good = client.data_to_send()
    client.write(b"two")
    bad = bytearray(client.data_to_send())
    bad[-1] ^= 1
    assert server.feed(good + bad) == b"one"
    assert server.is_ended
    client, server = pair(contexts)
    client.write(b"two")
    bad = bytearray(client.data_to_send())
    bad[-1] ^= 1
    with pytest.raises(ssl.SSLError):
        server.feed(bytes(bad))
