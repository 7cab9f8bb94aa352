"""Which transaction a message belongs to, and what the user is told."""

from __future__ import annotations

from typing import Any

import pytest
from transacting import SOURCE, layer, one_in, request

import sipfast
from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.transactions import (
    AckReceived,
    CancelReceived,
    RequestReceived,
    ResponseReceived,
    ServerTransaction,
    Stray,
    TooManyTransactions,
    TransportFailed,
)


def received(event: Any) -> ServerTransaction:
    assert isinstance(event, RequestReceived)
    return event.transaction


@pytest.mark.parametrize("old", [False, True], ids=["RFC 3261", "RFC 2543"])
def test_a_call(engine: Engine, old: bool) -> None:
    caller, callee = layer(engine), layer(engine)
    invite = request(engine, old=old)
    sent = caller.send(invite, 0.0, path="callee", context="mine")
    [(data, path)] = caller.to_send()
    assert (data, path) == (invite.raw, "callee")
    transaction = received(callee.receive(engine.parse(data), 0.0, path=SOURCE))
    assert transaction.request == invite
    for status in (180, 200):
        assert transaction.respond(transaction.request.reply(status, to_tag="b"), 0.1)
        [(data, path)] = callee.to_send()
        assert path == SOURCE
        event = caller.receive(engine.parse(data), 0.2)
        assert isinstance(event, ResponseReceived)
        assert (event.response.status, event.transaction, sent.context) == (status, sent, "mine")
    again = caller.receive(engine.parse(data), 0.3)
    assert isinstance(again, ResponseReceived)  # each 2xx has to be acknowledged
    assert callee.receive(invite, 0.4) is None  # absorbed in Accepted (RFC 6026 7.1)
    assert callee.to_send() == []
    # the ACK of a 2xx is a transaction of its own, but without a branch it has the INVITE's key
    ack = request(engine, "ACK", 1 if old else 2, old=old, tag="b")
    assert callee.receive(ack, 0.5) == AckReceived(ack, transaction if old else None)
    assert (sent.state, transaction.state) == ("Accepted", "Accepted")


@pytest.mark.parametrize("old", [False, True], ids=["RFC 3261", "RFC 2543"])
def test_a_refused_call(engine: Engine, old: bool) -> None:
    caller, callee = layer(engine), layer(engine)
    invite = request(engine, old=old)
    sent = caller.send(invite, 0.0, path="callee")
    transaction = received(callee.receive(invite, 0.0, path=SOURCE))
    busy = invite.reply(486, to_tag="b")
    transaction.respond(busy.raw, 0.1)
    assert callee.to_send() == [(busy.raw, SOURCE)]
    caller.to_send()
    assert isinstance(caller.receive(busy, 0.2), ResponseReceived)
    [(ack, path)] = caller.to_send()
    assert (ack, path) == (invite.ack(busy).raw, "callee")
    assert caller.receive(busy, 0.3) is None
    assert caller.to_send() == [(ack, "callee")]
    assert callee.receive(engine.parse(ack), 0.4) is None
    assert callee.receive(engine.parse(ack), 0.5) is None
    assert (sent.state, transaction.state) == ("Completed", "Confirmed")
    assert callee.expire(1.0) == []
    assert callee.to_send() == []


@pytest.mark.parametrize("tag", ["", "t"], ids=["new", "within a dialog"])
@pytest.mark.parametrize("old", [False, True], ids=["RFC 3261", "RFC 2543"])
def test_a_cancelled_call(engine: Engine, old: bool, tag: str) -> None:
    callee = layer(engine)
    invite = request(engine, old=old, tag=tag)
    transaction = received(callee.receive(invite, 0.0, path=SOURCE))
    cancel = invite.cancel()
    assert callee.receive(cancel, 0.1, path=SOURCE) == CancelReceived(cancel, transaction)
    [(data, path)] = callee.to_send()
    answer: Any = engine.parse(data)
    assert (answer.status, answer.cseq.method, path) == (200, "CANCEL", SOURCE)
    assert answer.via.received == SOURCE[0]
    assert callee.receive(cancel, 0.2, path=SOURCE) is None
    assert callee.to_send() == [(data, SOURCE)]
    ended = invite.reply(487)
    assert ended.to.tag == answer.to.tag  # RFC 3261 9.2
    transaction.respond(ended, 0.3)
    assert callee.to_send() == [(ended.raw, SOURCE)]


def test_a_cancel_after_a_final_response_changes_nothing(engine: Engine) -> None:
    for state in ("Completed", "Confirmed", "Accepted"):
        one = one_in(engine, "INVITE server", state)
        assert one.layer.receive(one.request.cancel(), one.now) is None
        [(data, _)] = one.layer.to_send()
        assert data.startswith(b"SIP/2.0 200 ")
        assert one.transaction.state == state


def test_the_transaction_of_what_was_not_delivered(engine: Engine) -> None:
    caller = layer(engine)
    invite = request(engine)
    sent = caller.send(invite, 0.0)
    assert caller.sent(invite) is sent
    assert caller.sent(request(engine, number=2)) is None
    assert caller.sent(request(engine, "BYE")) is None
    assert isinstance(sent.transport_error(0.1), TransportFailed)
    assert caller.sent(invite) is None


def test_what_belongs_to_no_transaction_is_passed_on(engine: Engine) -> None:
    transactions = layer(engine)
    invite = request(engine)
    for message in (invite.cancel(), invite.reply(180), invite.reply(200), invite.reply(404)):
        assert transactions.receive(message, 0.0) == Stray(message)
    ack = request(engine, "ACK", tag="b")
    assert transactions.receive(ack, 0.0) == AckReceived(ack, None)
    assert len(transactions) == 0
    assert transactions.to_send() == []


def test_a_response_has_the_branch_and_the_method_of_its_request(engine: Engine) -> None:
    transactions = layer(engine)
    invite, bye = request(engine), request(engine, "BYE")
    transactions.send(invite, 0.0)
    one = bye.reply(200)  # the same branch, another method
    assert transactions.receive(one, 0.0) == Stray(one)
    other = request(engine, number=2).reply(200)
    assert transactions.receive(other, 0.0) == Stray(other)
    assert isinstance(transactions.receive(invite.reply(200), 0.0), ResponseReceived)


@pytest.mark.parametrize("status", [b"000", b"099", b"700", b"999"])
def test_statuses_out_of_range_change_nothing(engine: Engine, status: bytes) -> None:
    transactions = layer(engine)
    invite = request(engine)
    sent = transactions.send(invite, 0.0)
    try:
        response = engine.parse(invite.reply(200).raw.replace(b" 200 ", b" %b " % status, 1))
    except ParseError:
        return
    assert transactions.receive(response, 0.0) is None
    assert sent.state == "Calling"


def test_a_cancel_waits_for_a_provisional_response(engine: Engine) -> None:
    transactions = layer(engine)
    invite = request(engine)
    sent = transactions.send(invite, 0.0, path="there")
    transactions.to_send()
    sent.cancel(0.1)
    assert transactions.to_send() == []  # 9.1
    assert isinstance(transactions.receive(invite.reply(100), 0.2), ResponseReceived)
    [(data, path)] = transactions.to_send()
    assert (data, path) == (invite.cancel().raw, "there")
    sent.cancel(0.3)
    transactions.receive(invite.reply(180), 0.3)
    assert transactions.to_send() == []
    cancel: Any = engine.parse(data)
    assert transactions.receive(cancel.reply(200), 0.3) is None  # nobody asked
    event = transactions.receive(invite.reply(487), 0.4)
    assert isinstance(event, ResponseReceived)
    assert sent.state == "Completed"


def test_a_cancel_that_comes_too_late_is_not_sent(engine: Engine) -> None:
    transactions = layer(engine)
    invite = request(engine)
    sent = transactions.send(invite, 0.0)
    sent.cancel(0.1)
    transactions.to_send()
    assert isinstance(transactions.receive(invite.reply(200), 0.2), ResponseReceived)
    sent.cancel(0.3)
    assert transactions.to_send() == []
    assert sent.state == "Accepted"


def test_only_an_invite_is_cancelled(engine: Engine) -> None:
    sent = layer(engine).send(request(engine, "BYE"), 0.0)
    with pytest.raises(ValueError, match="only an INVITE is cancelled, not BYE"):
        sent.cancel(0.0)


def test_a_response_that_nobody_can_acknowledge(engine: Engine) -> None:
    transactions = layer(engine)
    invite = request(engine)
    sent = transactions.send(invite, 0.0)
    transactions.to_send()
    busy = engine.parse(invite.reply(486).raw.replace(b"\r\nTo:", b"\r\nX:"))
    assert isinstance(transactions.receive(busy, 0.1), ResponseReceived)
    assert transactions.receive(busy, 0.2) is None
    assert transactions.to_send() == []
    assert sent.state == "Completed"


def test_at_the_limit_requests_are_refused(engine: Engine) -> None:
    transactions = layer(engine, limit=2)
    invite, own = request(engine), request(engine, number=2)
    server = received(transactions.receive(invite, 0.0, path=SOURCE))
    client = transactions.send(own, 0.0)
    transactions.to_send()
    third = request(engine, "MESSAGE", 3)
    longer = engine.parse(
        third.raw.replace(b"Content-L", b"Subject: " + b"a" * 99 + b"\r\nContent-L")
    )
    assert transactions.receive(longer, 0.1, path=SOURCE) is None
    [(data, path)] = transactions.to_send()
    refusal: Any = engine.parse(data)
    assert (refusal.status, refusal.headers["Retry-After"], path) == (503, "2", SOURCE)
    assert len(data) <= len(longer.raw)
    assert transactions.receive(third, 0.1, path=SOURCE) is None
    assert transactions.to_send() == []  # the answer would be longer than the request
    assert transactions.receive(third, 0.1, path=SOURCE, reliable=True) is None
    assert len(transactions.to_send()) == 1
    assert transactions.refused == 3
    with pytest.raises(TooManyTransactions, match="2 transactions are open"):
        transactions.send(third, 0.1)
    # what exists can be ended
    transactions.receive(own.reply(180), 0.2)
    client.cancel(0.2)
    assert isinstance(transactions.receive(invite.cancel(), 0.2), CancelReceived)
    server.respond(invite.reply(487), 0.3)
    assert [data[:7] for data, _ in transactions.to_send()] == [
        *(b"CANCEL ", b"SIP/2.0", b"SIP/2.0"),
    ]
    transactions.send(request(engine, number=9).cancel(), 0.4)  # of an INVITE sent statelessly
    assert len(transactions) == 5


def test_a_cancel_that_the_user_has_sent_is_not_sent_again(engine: Engine) -> None:
    transactions = layer(engine)
    invite = request(engine)
    sent = transactions.send(invite, 0.0)
    transactions.receive(invite.reply(180), 0.1)
    own = transactions.send(invite.cancel(), 0.2)
    sent.cancel(0.2)
    assert [data[:6] for data, _ in transactions.to_send()] == [b"INVITE", b"CANCEL"]
    event = transactions.receive(invite.cancel().reply(200), 0.3)
    assert isinstance(event, ResponseReceived)
    assert event.transaction is own
    assert transactions.pending == 1


def test_a_refused_request_that_nobody_can_answer(engine: Engine) -> None:
    transactions = layer(engine, limit=1)
    transactions.send(request(engine), 0.0)
    transactions.to_send()
    raw = request(engine, "MESSAGE", 2).raw.replace(b"\r\nFrom:", b"\r\nX:")
    assert transactions.receive(engine.parse(raw), 0.0, reliable=True) is None
    assert transactions.to_send() == []


def test_a_message_without_a_key_is_refused(engine: Engine) -> None:
    transactions = layer(engine)
    raw = request(engine).raw
    for bad in (raw.replace(b"Via:", b"X:"), raw.replace(b"desk", b"de sk")):
        with pytest.raises(ParseError):
            transactions.receive(engine.parse(bad), 0.0)
        with pytest.raises(ParseError):
            transactions.send(bad, 0.0)
    assert len(transactions) == transactions.pending == 0
    assert transactions.to_send() == []


def test_what_cannot_be_sent(engine: Engine) -> None:
    transactions = layer(engine)
    transactions.send(request(engine), 0.0)
    with pytest.raises(ValueError, match="the branch of this INVITE"):
        transactions.send(request(engine), 0.0)
    with pytest.raises(ValueError, match="an ACK has no transaction"):
        transactions.send(request(engine, "ACK", 2), 0.0)
    with pytest.raises(ValueError, match="a response is sent by"):
        transactions.send(request(engine).reply(200).raw, 0.0)
    assert len(transactions) == 1
    assert len(transactions.to_send()) == 1


@pytest.mark.parametrize(
    "data", [b"", b"SIP/2.0", b"SIP/2.0 2", b"SIP/2.0 2x0 OK\r\n\r\n", b"BYE sip:200 SIP/2.0"]
)
def test_what_is_no_response(engine: Engine, data: bytes) -> None:
    one = one_in(engine, "INVITE server", "Proceeding")
    with pytest.raises(ValueError, match="a response begins with"):
        one.transaction.respond(data, one.now)
    assert one.layer.to_send() == []
    assert one.transaction.state == "Proceeding"


def test_a_draft_is_sent_and_answered_with(engine: Engine) -> None:
    edited = engine.module("message.draft").edited
    transactions = layer(engine)
    draft = edited(request(engine))
    draft["Subject"] = "later"
    transactions.send(draft, 0.0)
    [(data, _)] = transactions.to_send()
    assert b"Subject: later\r\n" in data
    server = received(transactions.receive(engine.parse(data), 0.0))
    answer = edited(request(engine).reply(200))
    answer["Server"] = "one"
    assert server.respond(answer, 0.0)
    [(data, _)] = transactions.to_send()
    assert b"Server: one\r\n" in data


class Lying:
    """A message or a path of the user's that fails."""

    def __bytes__(self) -> bytes:
        raise RuntimeError("no bytes")

    def __getitem__(self, index: int) -> str:
        raise RuntimeError("no items")


def test_what_the_user_gives_may_fail(engine: Engine) -> None:
    transactions = layer(engine)
    lying: Any = Lying()
    server = received(transactions.receive(request(engine), 0.0, path=lying))
    transactions.expire(0.2)
    [(data, path)] = transactions.to_send()
    assert path is lying
    assert data.startswith(b"SIP/2.0 100 ")
    with pytest.raises(RuntimeError):
        server.respond(lying, 0.3)
    with pytest.raises(RuntimeError):
        transactions.send(lying, 0.3)
    assert (len(transactions), transactions.pending, server.state) == (1, 1, "Proceeding")
    assert transactions.to_send() == []


def test_how_many_are_pending(engine: Engine) -> None:
    transactions = layer(engine)
    server = received(transactions.receive(request(engine), 0.0))
    client = transactions.send(request(engine, "BYE", 2), 0.0)
    assert (len(transactions), transactions.pending) == (2, 2)
    assert (server.is_pending, client.is_pending) == (True, True)
    server.respond(request(engine).reply(500), 0.0)
    assert (len(transactions), transactions.pending) == (2, 1)
    assert client.transport_error(0.0) == TransportFailed(client)
    assert (len(transactions), transactions.pending) == (1, 0)
    assert repr(transactions) == "<Transactions, 1 received, 0 sent>"
    assert repr(server) == "<ServerTransaction INVITE Completed>"
    assert repr(client) == "<ClientTransaction BYE Terminated>"


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_a_request_that_somebody_else_answers(engine: Engine, method: str) -> None:
    """It is as if it had not come: nothing is sent, and the next one is new."""
    transactions = layer(engine)
    server = received(transactions.receive(request(engine, method), 0.0))
    server.abandon(0.1)
    assert (server.is_terminated, len(transactions), transactions.pending) == (True, 0, 0)
    assert transactions.expire(100.0) == []
    again = received(transactions.receive(request(engine, method), 101.0))
    assert again is not server
    again.respond(request(engine, method).reply(500), 101.0)
    transactions.to_send()
    again.abandon(101.0)  # too late
    assert len(transactions) == 1
    transactions.receive(request(engine, method), 101.1)
    assert len(transactions.to_send()) == 1


def test_the_request_is_kept_until_the_final_response(engine: Engine) -> None:
    invite = request(engine)
    for machine in ("INVITE client", "INVITE server"):
        one = one_in(engine, machine, "Proceeding")
        assert one.transaction.request == invite
        one.does("2xx")
        assert one.transaction.request is None
        assert one.transaction.key == invite.transaction_key
        assert one.transaction.method == "INVITE"


def test_the_context_is_dropped_at_a_quiet_end(engine: Engine) -> None:
    for machine, state in (("client", "Completed"), ("server", "Completed")):
        one = one_in(engine, machine, state)
        one.transaction.context = one
        one.layer.expire(one.now + 40)
        assert one.transaction.context is None
    one = one_in(engine, "client", "Trying")
    one.transaction.context = one
    [event] = one.layer.expire(one.now + 40)
    assert event.transaction.context is one  # type: ignore[union-attr]


def test_the_layer_reads_with_the_engine_in_use() -> None:
    assert sipfast.transactions.Transactions()._parse is sipfast.parse
