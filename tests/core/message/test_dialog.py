"""Dialogs of both parties: their requests byte by byte, and what they take over (RFC 3261 12)."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from sipfast import ParseError
from sipfast._engine import Engine

INVITE = b"\r\n".join(
    [
        b"INVITE sip:bob@biloxi.example.com SIP/2.0",
        b"Via: SIP/2.0/UDP pc33.atlanta.example.com;rport;branch=z9hG4bKnashds8",
        b"Max-Forwards: 70",
        b"To: Bob <sip:bob@biloxi.example.com>",
        b"From: Alice <sip:alice@atlanta.example.com>;tag=1928301774",
        b"Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        b"CSeq: 314159 INVITE",
        b"Contact: <sip:alice@pc33.atlanta.example.com>",
        b"Content-Length: 0",
        b"",
        b"",
    ]
)
ARRIVED = INVITE.replace(
    b"Max-Forwards: 70",
    b"Record-Route: <sip:p2.biloxi.example.com;lr>\r\n"
    b"Record-Route: <sip:p1.atlanta.example.com;lr>\r\nMax-Forwards: 68",
)
CONTACT = {"Contact": "<sip:bob@192.0.2.4>"}
LOCAL_VIA = "SIP/2.0/UDP 192.0.2.4:5062"


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random hex digits count 1, 2, 3 instead, and random numbers are 231."""
    drawn = iter(range(1, 100))
    monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(drawn):0{2 * size}x}")
    monkeypatch.setattr("secrets.randbelow", lambda _: 230)


def dialog_class(engine: Engine) -> Any:
    return engine.module("message.dialog").Dialog


def lines(message: Any) -> list[str]:
    text: str = message.raw.decode()
    return text.split("\r\n")


def parsed(engine: Engine, data: bytes) -> Any:
    return engine.parse(data)


class Call:
    """An INVITE as sent and as received, and responses to it."""

    def __init__(self, engine: Engine) -> None:
        self.sent = parsed(engine, INVITE)
        self.arrived = parsed(engine, ARRIVED)
        self.ringing = self.arrived.reply(180, headers=CONTACT)
        self.ok = self.arrived.reply(200, headers=CONTACT)
        cls = dialog_class(engine)
        self.uac = cls.uac(self.sent, self.ok)
        self.uas = cls.uas(self.arrived, self.ok, LOCAL_VIA)


@pytest.fixture
def call(engine: Engine) -> Call:
    return Call(engine)


def response(engine: Engine, request: Any, status: int, **fields: Any) -> Any:
    """A response of the other party, parsed again as from the wire."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return engine.parse(bytes(request.reply(status, headers=headers)))


def test_the_callee_hangs_up(call: Call) -> None:
    bye = call.uas.request("BYE")
    assert lines(bye) == [
        "BYE sip:alice@pc33.atlanta.example.com SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.4:5062;branch=z9hG4bK0000000000000002",
        "Max-Forwards: 70",
        "Route: <sip:p2.biloxi.example.com;lr>",
        "Route: <sip:p1.atlanta.example.com;lr>",
        "From: Bob <sip:bob@biloxi.example.com>;tag=00000001",
        "To: Alice <sip:alice@atlanta.example.com>;tag=1928301774",
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        "CSeq: 231 BYE",
        "Content-Length: 0",
        "",
        "",
    ]
    assert not bye.defects
    assert bye.dialog_id.as_uas == call.uac.id


def test_the_caller_puts_on_hold(call: Call) -> None:
    again = call.uac.request("INVITE", headers={"Content-Type": "application/sdp"}, body=b"v=0\r\n")
    assert lines(again) == [
        "INVITE sip:bob@192.0.2.4 SIP/2.0",
        "Via: SIP/2.0/UDP pc33.atlanta.example.com;rport;branch=z9hG4bK0000000000000002",
        "Max-Forwards: 70",
        "Route: <sip:p1.atlanta.example.com;lr>",
        "Route: <sip:p2.biloxi.example.com;lr>",
        "From: Alice <sip:alice@atlanta.example.com>;tag=1928301774",
        "To: Bob <sip:bob@biloxi.example.com>;tag=00000001",
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        "CSeq: 314160 INVITE",
        "Contact: <sip:alice@pc33.atlanta.example.com>",
        "Content-Type: application/sdp",
        "Content-Length: 5",
        "",
        "v=0",
        "",
    ]
    assert not again.defects
    ack = call.uac.ack(again)
    assert lines(ack)[:2] == [
        "ACK sip:bob@192.0.2.4 SIP/2.0",
        "Via: SIP/2.0/UDP pc33.atlanta.example.com;rport;branch=z9hG4bK0000000000000003",
    ]
    assert (ack.cseq.number, call.uac.local_cseq) == (314160, 314160)


def test_headers_may_replace_what_is_added(call: Call) -> None:
    made = call.uac.request("UPDATE", headers=iter([("m", "<sip:other>"), ("Max-Forwards", 5)]))
    assert (made.headers.getall("Contact"), made.max_forwards) == (["<sip:other>"], 5)
    assert call.uac.request("INFO").contact is None
    for name in ("Route", "From", "To", "Call-ID", "CSeq", "Via"):
        if name != "Route":
            with pytest.raises(ValueError, match=f"the message has a {name} already"):
                call.uac.request("BYE", headers={name: "x"})
    assert call.uac.local_cseq == 314161  # what failed took no number


def test_both_parties_have_one_dialog(call: Call) -> None:
    uac, uas = call.uac, call.uas
    assert (uac.state, uac.call_id, uas.state) == ("confirmed", call.sent.call_id, "confirmed")
    assert (uac.local, uac.remote) == (uas.remote, uas.local)
    assert uac.route_set == uas.route_set[::-1] == call.ok.record_routes[::-1]
    assert (uac.local_cseq, uac.remote_cseq) == (uas.remote_cseq, uas.local_cseq) == (314159, None)
    assert (str(uac.remote_target), str(uas.remote_target)) == (
        *("sip:bob@192.0.2.4", "sip:alice@pc33.atlanta.example.com"),
    )
    assert uac.id == call.ok.dialog_id.as_uac
    assert uas.id == call.ok.dialog_id.as_uas
    assert repr(uac).startswith("<Dialog 'a84b4c76e66710@")


@pytest.mark.parametrize(
    ("routes", "target", "uri", "route"),
    [
        (["<sip:p;lr>", "<sip:q>"], "<sip:b@1>", "sip:b@1", ["<sip:p;lr>", "<sip:q>"]),
        (["<sip:p>", "<sip:q;lr>"], "<sip:b@1;x>", "sip:p", ["<sip:q;lr>", "<sip:b@1;x>"]),
        (["<sip:p;method=INVITE?a=b>"], "<sip:b@1>", "sip:p", ["<sip:b@1>"]),
        ([], "<sip:b@1;method=BYE;x?Subject=a>", "sip:b@1;x", []),
        (["<sip:p;lr=on>"], "<tel:+1>", "tel:+1", ["<sip:p;lr=on>"]),
    ],
    ids=["loose", "strict", "strict, stripped", "direct, stripped", "tel"],
)
def test_routes(
    engine: Engine, call: Call, routes: list[str], target: str, uri: str, route: list[str]
) -> None:
    draft = call.ok.edit()
    draft.discard("Record-Route")
    for one in reversed(routes):
        draft.append("Record-Route", one)
    draft["Contact"] = target
    bye = dialog_class(engine).uac(call.sent, draft.message).request("BYE")
    assert (bye.uri_text, bye.headers.getall("Route", [])) == (uri, route)


def test_a_response_without_contact_leaves_the_target(engine: Engine, call: Call) -> None:
    ringing = call.arrived.reply(180)
    dialog = dialog_class(engine).uac(call.sent, ringing)
    assert str(dialog.remote_target) == "sip:bob@biloxi.example.com"


def test_what_makes_no_dialog(engine: Engine, call: Call) -> None:
    cls = dialog_class(engine)
    for status in (100, 302, 486, 603):
        with pytest.raises(ValueError, match="makes no dialog"):
            cls.uac(call.sent, call.arrived.reply(status))
        with pytest.raises(ValueError, match="makes no dialog"):
            cls.uas(call.arrived, call.arrived.reply(status), LOCAL_VIA)
    for method in (b"OPTIONS", b"REGISTER", b"MESSAGE"):
        other = parsed(engine, ARRIVED.replace(b"INVITE", method))
        with pytest.raises(ValueError, match=f"the method {method.decode()} makes no dialog"):
            cls.uac(other, other.reply(200))
    for old, new in ((b"=1928301774", b"=2"), (b"a84b", b"b"), (b"314159", b"1")):
        other = engine.parse(call.ok.raw.replace(old, new))
        with pytest.raises(ValueError, match="to another request"):
            cls.uac(call.sent, other)
    bare = [call.arrived.reply(status, to_tag=None) for status in (180, 200)]
    with pytest.raises(ParseError) as caught:
        cls.uac(call.sent, bare[0])
    assert caught.value.code == "tag-missing"
    with pytest.raises(ParseError) as caught:
        cls.uas(call.arrived, bare[1], LOCAL_VIA)
    assert caught.value.code == "tag-missing"
    again = call.uac.request("INVITE")
    with pytest.raises(ValueError, match="sent within a dialog"):
        cls.uas(again, again.reply(200), LOCAL_VIA)
    alone = call.arrived.edit()
    del alone["Contact"]
    with pytest.raises(ParseError) as caught:
        cls.uas(alone.message, call.ok, LOCAL_VIA)
    assert caught.value.code == "contact-missing"
    with pytest.raises(TypeError, match="dialogs are made by"):
        cls()
    with pytest.raises(ParseError):
        cls.uas(call.arrived, call.ok, "SIP/2.0/UDP")
    via = engine.module("values.via").Via(
        "h", 5070, branch="z9hG4bKold", parameters=[("rport", "")]
    )
    assert cls.uas(call.arrived, call.ok, via).via == "SIP/2.0/UDP h:5070;rport"


def test_ack_and_cancel_are_not_next(call: Call) -> None:
    for method in ("ACK", "CANCEL"):
        with pytest.raises(ValueError, match=r"see Dialog.ack and Request.cancel"):
            call.uac.request(method)
    with pytest.raises(ValueError, match="only the response to an INVITE"):
        call.uac.ack(call.uac.request("INFO"))


def test_the_numbers_end(call: Call) -> None:
    call.uac.local_cseq = 2**31 - 2
    assert call.uac.request("INFO").cseq.number == 2**31 - 1
    with pytest.raises(ValueError, match="used up"):
        call.uac.request("INFO")


def test_a_2xx_of_rfc_2543_has_no_tag(engine: Engine, call: Call) -> None:
    dialog = dialog_class(engine).uac(call.sent, call.arrived.reply(200, to_tag=None))
    assert dialog.request("BYE").headers["To"] == "Bob <sip:bob@biloxi.example.com>"


def test_a_dialog_is_pickled(call: Call) -> None:
    kept = pickle.loads(pickle.dumps(call.uac))
    assert (kept.id, kept.via, kept.state) == (call.uac.id, call.uac.via, call.uac.state)
    assert [str(route) for route in kept.route_set] == [str(one) for one in call.uac.route_set]
    assert kept.request("BYE").cseq.number == call.uac.request("BYE").cseq.number


# ---- what arrives --------------------------------------------------------------------------------


def test_requests_of_the_other_party(engine: Engine, call: Call) -> None:
    uac, uas = call.uac, call.uas
    again = uac.request("INVITE", headers={"Contact": "<sip:alice@new>"})
    assert uas.receive_request(again) is None
    assert (uas.remote_cseq, str(uas.remote_target)) == (314160, "sip:alice@new")
    assert uas.receive_request(uac.ack(again)) is None
    assert uas.receive_request(uac.request("INFO", headers={"Contact": "<sip:a@no>"})) is None
    assert (uas.remote_cseq, str(uas.remote_target)) == (314161, "sip:alice@new")
    assert uas.receive_request(again) == 500
    assert uas.receive_request(call.arrived) == 481
    assert (uas.remote_cseq, uas.state) == (314161, "confirmed")
    stray = engine.parse(again.raw.replace(b"=1928301774", b"=2"))
    assert uas.receive_request(stray) == 481
    assert uac.receive_request(uas.request("BYE")) is None
    assert (uac.remote_cseq, uac.state) == (231, "terminated")


def test_an_early_dialog_is_confirmed(engine: Engine, call: Call) -> None:
    cls = dialog_class(engine)
    early = cls.uac(call.sent, call.ringing)
    assert early.state == "early"
    early.receive_response(call.ringing)
    assert early.state == "early"
    ok = call.ok.edit()
    ok["Record-Route"] = "<sip:p3;lr>"
    ok["Contact"] = "<sip:bob@later>"
    early.receive_response(ok.message)
    assert early.state == "confirmed"
    assert [str(route) for route in early.route_set] == ["<sip:p3;lr>"]
    assert str(early.remote_target) == "sip:bob@later"
    mine = cls.uas(call.arrived, call.ringing, LOCAL_VIA)
    assert mine.state == "early"
    mine.confirm()
    assert mine.state == "confirmed"


def test_responses_of_the_other_party(engine: Engine, call: Call) -> None:
    uac = call.uac
    update = uac.request("UPDATE")
    uac.receive_response(response(engine, update, 200, Contact="<sip:bob@new>"))
    assert str(uac.remote_target) == "sip:bob@new"
    uac.receive_response(response(engine, uac.request("INFO"), 200, Contact="<sip:bob@no>"))
    uac.receive_response(response(engine, uac.request("INVITE"), 488, Contact="<sip:bob@no>"))
    assert (str(uac.remote_target), uac.state) == ("sip:bob@new", "confirmed")
    with pytest.raises(ValueError, match="another dialog"):
        uac.receive_response(call.arrived.reply(200, to_tag="other"))
    uac.receive_response(response(engine, uac.request("BYE"), 200))
    assert uac.state == "terminated"


@pytest.mark.parametrize("status", [408, 481])
def test_a_lost_dialog_ends(engine: Engine, call: Call, status: int) -> None:
    call.uac.receive_response(response(engine, call.uac.request("INFO"), status))
    assert call.uac.state == "terminated"


def test_a_failed_invite_ends_its_early_dialogs(engine: Engine, call: Call) -> None:
    early = dialog_class(engine).uac(call.sent, call.ringing)
    early.receive_response(call.arrived.reply(487, to_tag="of-a-proxy"))
    assert early.state == "terminated"


# ---- PRACK ---------------------------------------------------------------------------------------


def reliable(call: Call, number: int, status: int = 183) -> Any:
    return call.arrived.reply(status, headers={**CONTACT, "Require": "100rel", "RSeq": number})


def test_a_prack_names_its_response(engine: Engine, call: Call) -> None:
    dialog = dialog_class(engine).uac(call.sent, reliable(call, 813520))
    prack = dialog.prack(reliable(call, 813520))
    assert lines(prack) == [
        "PRACK sip:bob@192.0.2.4 SIP/2.0",
        "Via: SIP/2.0/UDP pc33.atlanta.example.com;rport;branch=z9hG4bK0000000000000002",
        "Max-Forwards: 70",
        "Route: <sip:p1.atlanta.example.com;lr>",
        "Route: <sip:p2.biloxi.example.com;lr>",
        "From: Alice <sip:alice@atlanta.example.com>;tag=1928301774",
        "To: Bob <sip:bob@biloxi.example.com>;tag=00000001",
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
        "CSeq: 314160 PRACK",
        "RAck: 813520 314159 INVITE",
        "Content-Length: 0",
        "",
        "",
    ]
    assert not prack.defects
    assert dialog.prack(reliable(call, 813520)) is None  # a retransmission
    assert dialog.prack(reliable(call, 813522)) is None  # ahead of its turn
    assert dialog.local_cseq == 314160
    following = dialog.prack(reliable(call, 813521, 180))
    assert (following.rack.response_number, following.cseq.number) == (813521, 314161)


def test_only_reliable_provisional_responses_have_a_prack(engine: Engine, call: Call) -> None:
    dialog = dialog_class(engine).uac(call.sent, call.ringing)
    no_rseq = call.arrived.reply(183, headers={"Require": "100rel"})
    no_require = call.arrived.reply(183, headers={"RSeq": 5})
    for odd in (call.ringing, no_rseq, no_require, reliable(call, 5, 200), reliable(call, 5, 100)):
        with pytest.raises(ValueError, match="only a reliable provisional response"):
            dialog.prack(odd)
    assert dialog.local_cseq == 314159


# ---- credentials ---------------------------------------------------------------------------------


def test_a_challenged_request_counts_on(engine: Engine, call: Call) -> None:
    bye = call.uac.request("BYE")
    call.uac.request("INFO")
    challenge = response(engine, bye, 401, WWW_Authenticate='Digest realm="a", nonce="n"')
    again = call.uac.authorized(bye, challenge, "alice", "secret")
    assert (again.cseq.number, call.uac.local_cseq, again.method) == (314162, 314162, "BYE")
    assert again.authorization[0].check("secret", method="BYE")
    assert call.uac.authorized(again, challenge, "alice", "secret") is None
    assert call.uac.local_cseq == 314162
