"""Keys of transactions, dialogs, merged and looped requests, and retransmissions."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import FIELDS, OPTIONS, VIA, attempt, sample
from seen import reading

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.keys import (
    DialogID,
    MergeKey,
    OldTransactionKey,
    RetransmissionKey,
    SidedDialogID,
    TransactionKey,
)
from sipfast.registry.header_names import HEADER_IDS

KEYS = ("transaction_key", "client_transaction_key", "retransmission_key", "dialog_id")
OF_REQUESTS = ("merge_key", "loop_key")

BRANCH = b"SIP/2.0/UDP Desk.example.com:5060;branch=z9hG4bKAbc"
OLD = b"SIP/2.0/UDP desk.example.com;branch=1"
PLAIN = b"<sip:b@c>"
TAGGED = b"<sip:b@c>;tag=9"


def request(engine: Engine, method: bytes, *more: bytes, **changed: bytes | None) -> Any:
    fields: dict[str, Any] = {"Via": BRANCH, "CSeq": b"7 " + method, "To": PLAIN, **changed}
    return engine.parse(sample(b"%b sip:b@c SIP/2.0" % method, *more, **fields))


def response(engine: Engine, status: bytes, method: bytes, *more: bytes, **changed: bytes) -> Any:
    fields: dict[str, Any] = {"Via": BRANCH, "CSeq": b"7 " + method, "To": TAGGED, **changed}
    return engine.parse(sample(b"SIP/2.0 %b x" % status, *more, **fields))


# ---- transactions (RFC 3261 17.1.3, 17.2.3) ------------------------------------------------------


def test_a_branch_names_the_transaction(engine: Engine) -> None:
    key = request(engine, b"INVITE").transaction_key
    assert key == TransactionKey("z9hg4bkabc", "desk.example.com:5060", "INVITE")
    assert type(key) is TransactionKey


def test_request_responses_and_ack_share_a_key(engine: Engine) -> None:
    invite = request(engine, b"INVITE")
    parties = [
        invite,
        request(engine, b"ACK", To=TAGGED),
        response(engine, b"180", b"INVITE"),
        response(engine, b"486", b"INVITE", Via=BRANCH + b";received=192.0.2.1;rport=5060"),
        request(engine, b"INVITE", Via=BRANCH.upper()),
        request(engine, b"INVITE", b"v: SIP/2.0/TCP other;branch=z9hG4bKother"),
    ]
    for name in ("transaction_key", "client_transaction_key"):
        assert {getattr(message, name) for message in parties} == {invite.transaction_key}


@pytest.mark.parametrize(
    ("method", "via"),
    [
        (b"CANCEL", BRANCH),
        (b"INVITE", BRANCH + b"d"),
        (b"INVITE", BRANCH.replace(b"5060", b"5061")),
        (b"INVITE", BRANCH.replace(b":5060", b"")),
        (b"INVITE", BRANCH.replace(b"Desk", b"door")),
    ],
)
def test_other_transactions_have_other_keys(engine: Engine, method: bytes, via: bytes) -> None:
    other = request(engine, method, Via=via)
    assert request(engine, b"INVITE").transaction_key != other.transaction_key


def test_without_the_cookie_the_fields_of_rfc_2543_count(engine: Engine) -> None:
    key = request(engine, b"BYE", Via=OLD, To=TAGGED).transaction_key
    tag, call_id = "a73kszlfl", FIELDS["Call-ID"].decode()
    assert key == OldTransactionKey("sip:b@c", "9", tag, call_id, 7, "BYE", OLD.decode().lower())


@pytest.mark.parametrize(
    "via", [b"SIP/2.0/UDP a", b"SIP/2.0/UDP a;branch=z9hG4bK", b"SIP/2.0/UDP a;branch=xz9hG4bKa"]
)
def test_branch_of_another_form_gives_an_old_key(engine: Engine, via: bytes) -> None:
    assert type(request(engine, b"INVITE", Via=via).transaction_key) is OldTransactionKey


def test_an_old_ack_has_the_key_of_its_invite(engine: Engine) -> None:
    """It has the tag of the response, which the INVITE had not."""
    invite = request(engine, b"INVITE", Via=OLD)
    assert request(engine, b"ACK", Via=OLD, To=TAGGED).transaction_key == invite.transaction_key
    assert request(engine, b"CANCEL", Via=OLD).transaction_key != invite.transaction_key


@pytest.mark.parametrize(
    "changed",
    [
        {"To": b"<sip:b@c>;tag=10"},
        {"From": b"<sip:a@b>;tag=10"},
        {"Call_ID": b"Kc9fh4lsa@desk.example.com"},
        {"CSeq": b"8 BYE"},
        {"Via": OLD + b"2"},
    ],
)
def test_each_field_of_an_old_key_counts(engine: Engine, changed: dict[str, bytes]) -> None:
    fields = {"Via": OLD, "To": TAGGED}
    old = request(engine, b"BYE", **fields)
    assert request(engine, b"BYE", **{**fields, **changed}).transaction_key != old.transaction_key
    again = request(engine, b"BYE", Via=OLD + b";received=192.0.2.1;rport=9", To=TAGGED)
    assert again.transaction_key == old.transaction_key


def test_a_client_finds_old_responses(engine: Engine) -> None:
    invite = request(engine, b"INVITE", Via=OLD)
    answer = response(engine, b"200", b"INVITE", Via=OLD + b";received=192.0.2.1")
    assert answer.client_transaction_key == invite.client_transaction_key
    assert answer.transaction_key != invite.transaction_key
    assert request(engine, b"BYE", Via=OLD).client_transaction_key != invite.client_transaction_key


# ---- retransmissions -----------------------------------------------------------------------------


def test_a_retransmission_has_the_same_key(engine: Engine) -> None:
    one, other = request(engine, b"INVITE"), request(engine, b"INVITE", b"X: y")
    key = RetransmissionKey(one.transaction_key, "INVITE", None, None)
    assert one.retransmission_key == other.retransmission_key == key


def test_other_messages_have_other_retransmission_keys(engine: Engine) -> None:
    messages = [
        request(engine, b"INVITE"),
        request(engine, b"ACK"),
        response(engine, b"180", b"INVITE"),
        response(engine, b"180", b"INVITE", To=b"<sip:b@c>;tag=10"),
        response(engine, b"180", b"INVITE", b"RSeq: 1"),
        response(engine, b"180", b"INVITE", b"RSeq: 2"),
        response(engine, b"200", b"INVITE"),
    ]
    assert len({message.retransmission_key for message in messages}) == len(messages)


# ---- dialogs (RFC 3261 12) -----------------------------------------------------------------------


def test_a_dialog_has_two_sides(engine: Engine) -> None:
    dialog = response(engine, b"200", b"INVITE", Call_ID=b"x").dialog_id
    assert dialog == DialogID("x", "a73kszlfl", "9")
    assert dialog.as_uac == SidedDialogID("x", "a73kszlfl", "9")
    assert dialog.as_uas == SidedDialogID("x", "9", "a73kszlfl")
    assert dialog.reversed == DialogID("x", "9", "a73kszlfl")
    assert dialog.reversed.as_uas == dialog.as_uac


def test_a_request_of_the_other_party_names_the_same_dialog(engine: Engine) -> None:
    invite = response(engine, b"200", b"INVITE").dialog_id
    bye = request(engine, b"BYE", From=TAGGED, To=FIELDS["From"]).dialog_id
    assert bye.as_uas == invite.as_uac
    assert bye != invite


def test_tags_may_be_absent(engine: Engine) -> None:
    dialog = request(engine, b"INVITE", From=b"<sip:a@b>").dialog_id
    assert (dialog.from_tag, dialog.to_tag) == (None, None)


# ---- merged and looped requests ------------------------------------------------------------------


def test_merged_requests_differ_in_their_branch(engine: Engine) -> None:
    one = request(engine, b"INVITE")
    other: Any = engine.parse(
        one.raw.replace(b"KAbc", b"KAbcd").replace(b"sip:b@c SIP", b"sip:d@c SIP")
    )
    call_id = FIELDS["Call-ID"].decode()
    assert one.merge_key == other.merge_key == MergeKey("a73kszlfl", call_id, 7, "INVITE")
    assert one.transaction_key != other.transaction_key
    assert request(engine, b"INVITE", CSeq=b"8 INVITE").merge_key != one.merge_key
    assert request(engine, b"INVITE", To=TAGGED).merge_key is None


def test_a_loop_is_what_comes_back_the_same(engine: Engine) -> None:
    one = request(engine, b"INVITE", b"Route: <sip:p;lr>")
    vias = b"SIP/2.0/UDP proxy;branch=z9hG4bKnew, " + BRANCH
    back = request(engine, b"INVITE", b"Route: <sip:p;lr>", Via=vias, Max_Forwards=b"60")
    assert one.loop_key == back.loop_key


def test_the_digits_of_a_loop_key_stay(engine: Engine) -> None:
    """They go out in branches and come back, perhaps to another process of another version."""
    assert request(engine, b"INVITE").loop_key == "611bc8fbb74357b26cec3b6cd7662172"


def test_a_spiral_is_no_loop(engine: Engine) -> None:
    one = request(engine, b"INVITE")
    others = [
        engine.parse(one.raw.replace(b"sip:b@c SIP", b"sip:d@c SIP")),
        request(engine, b"INVITE", CSeq=b"8 INVITE"),
        request(engine, b"INVITE", To=TAGGED),
        request(engine, b"INVITE", From=b"<sip:a@b>;tag=1"),
        request(engine, b"INVITE", Call_ID=b"1"),
        request(engine, b"INVITE", b"Route: <sip:p;lr>"),
        request(engine, b"INVITE", b"Proxy-Require: a"),
        request(engine, b"INVITE", b"Proxy-Authorization: Bearer a"),
    ]
    assert len({message.loop_key for message in (one, *others)}) == len(others) + 1


# ---- all keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KEYS + OF_REQUESTS)
def test_keys_are_the_same_on_both_engines_and_travel(
    native: Engine, pure: Engine, name: str
) -> None:
    for via in (BRANCH, OLD):
        mine = getattr(request(native, b"INVITE", Via=via), name)
        assert mine == getattr(request(pure, b"INVITE", Via=via), name)
        again = pickle.loads(pickle.dumps(mine))
        assert (again, type(again), hash(again)) == (mine, type(mine), hash(mine))


@pytest.mark.parametrize("name", OF_REQUESTS)
def test_a_response_has_no_keys_of_requests(engine: Engine, name: str) -> None:
    assert not hasattr(response(engine, b"200", b"INVITE"), name)


@pytest.mark.parametrize(
    ("name", "changed", "code", "header"),
    [
        ("transaction_key", {"Via": None}, "header-missing", "Via"),
        ("transaction_key", {"Via": b""}, "via-malformed", "Via"),
        ("transaction_key", {"Via": b"here"}, "via-malformed", "Via"),
        ("merge_key", {"CSeq": None}, "header-missing", "CSeq"),
        ("transaction_key", {"Via": OLD, "CSeq": b"x"}, "cseq-malformed", "CSeq"),
        ("client_transaction_key", {"Via": OLD, "Call_ID": None}, "header-missing", "Call-ID"),
        ("retransmission_key", {"Via": None}, "header-missing", "Via"),
        ("dialog_id", {"From": None}, "header-missing", "From"),
        ("dialog_id", {"To": b"<"}, "address-malformed", "To"),
        ("merge_key", {"CSeq": b"2147483648 OPTIONS"}, "cseq-too-large", "CSeq"),
        ("merge_key", {"CSeq": b"1 A/B"}, "cseq-malformed", "CSeq"),
        ("loop_key", {"Call_ID": None}, "header-missing", "Call-ID"),
    ],
)
def test_missing_or_malformed_field_raises_on_access(
    engine: Engine, name: str, changed: dict[str, bytes | None], code: str, header: str
) -> None:
    fields: dict[str, Any] = {"To": PLAIN, **changed}
    message = engine.parse(sample(OPTIONS, **fields))
    with pytest.raises(ParseError) as caught:
        getattr(message, name)
    assert (caught.value.code, caught.value.header) == (code, header)


def test_branch_key_ignores_a_malformed_cseq(engine: Engine) -> None:
    assert engine.parse(sample(CSeq=b"x")).transaction_key.method == "OPTIONS"


# ---- values that do not stand plainly in one place -----------------------------------------------

VIAS = (
    *(VIA, BRANCH, OLD, BRANCH + b";received=192.0.2.1;rport=5060"),
    b"SIP / 2.0 / TCP  [2001:DB8::1] : 05060 ; Branch = z9hG4bKAbc ; x",
    b'SIP/2.0/UDP A.example.com;x="a;branch=z9hG4bKno";branch="z9hG4bKq\\uoted"',
    b"SIP/2.0/UDP a;branch=z9hG4bK\xc3\x84\xff, SIP/2.0/UDP b;branch=z9hG4bKb",
    b"SIP/2.0/UDP a\r\n ;branch\r\n\t= z9hG4bKfolded",
    b"SIP/2.0/UDP a;branch;branch=z9hG4bKsecond",
    b'SIP/2.0/UDP a;branch=z9hG4bKa"b;c"',
    b", SIP/2.0/UDP a:5;branch=z9hG4bKa;branch=z9hG4bKb",
    b"SIP/2.0/UDP a;branch=z9hG4b\xe2\x84\xaaa",
)
ADDRESSES = (
    *(PLAIN, TAGGED, b"sip:b@c;Tag=9", b'"Bob \\" <a>;tag=1" <sip:b@c>;x="tag=2";tag="3\\4"'),
    *(
        b"<sip:b@c>;tag",
        b"<sip:b@c>;tag=",
        b'<sip:b@c>;tag=1"2;3"',
        b"<sip:b@c>;tag=\xc3\xa4\xff ;tag=2",
        b"<sip:b@c",
    ),
    b"<sip:b@c;tag=1>\r\n ; tag =\r\n 5",
)
SEQUENCES = (
    *(
        b"7 INVITE",
        b"0007  INVITE",
        b"7\r\n OPTIONS",
        b"7 Own-1",
        b"4294967296 BYE",
        b"7",
        b"7 A B",
    ),
    *(b"x INVITE", b"-1 INVITE", b"7 \xc3\xa4", b"99999999999999999999 ACK", b"\xd9\xa1 BYE"),
)


@st.composite
def odd(draw: st.DrawFn) -> bytes:
    start = draw(st.sampled_from([OPTIONS, b"ACK sip:\xc3\xa4@c SIP/2.0", b"SIP/2.0 200 OK"]))
    values = {"Via": VIAS, "To": ADDRESSES, "From": ADDRESSES, "CSeq": SEQUENCES}
    more = [
        b"Route: <sip:p;lr>",
        b"Route: <sip:q>,\r\n <sip:r>",
        b"Proxy-Require: \xffa",
        b"RSeq: 1",
    ]
    fields = {name: draw(st.sampled_from(texts)) for name, texts in values.items()}
    call_id = draw(st.sampled_from([b"1@a", b"1\r\n 2", b"\xff"]))
    return sample(start, *draw(st.lists(st.sampled_from(more))), Call_ID=call_id, **fields)


def by_values(message: Any, name: str) -> Any:
    """What the fields of a key are as values."""
    via, cseq, method = message.via, message.cseq, getattr(message, "method", None)
    if name == "loop_key":
        parts = [message.to.tag or "", message.from_.tag or "", message.call_id, message.uri_text]
        parts.append(str(cseq.number))
        for header in ("Route", "Proxy-Require", "Proxy-Authorization"):
            number = HEADER_IDS[header.lower()]
            parts += [f"{number}:{value}" for value in message.headers.getall(header, [])]
        text = "\n".join(parts).encode("utf-8", "surrogateescape")
        return hashlib.sha256(text).hexdigest()[:32]
    if name == "dialog_id":
        return message.call_id, message.from_.tag, message.to.tag
    branch = (via.branch or "").lower()
    if not (branch.startswith("z9hg4bk") and len(branch) > 7):
        return None
    method = cseq.method if method is None else method
    return branch, via.sent_by.lower(), "INVITE" if method == "ACK" else method


@given(odd(), st.sampled_from([bytes, bytearray]))
def test_a_key_is_made_of_what_its_values_are(
    native: Engine, pure: Engine, data: bytes, buffer: Any
) -> None:
    for engine in (native, pure):
        of_request = not data.startswith(b"SIP/")
        for name in ("transaction_key", "dialog_id", "loop_key")[: 2 + of_request]:
            read: Any = engine.parse(buffer(data))
            try:
                wanted = by_values(read, name)
            except ParseError:  # the next test compares the errors
                continue
            if wanted is not None:
                assert getattr(engine.parse(buffer(data)), name) == wanted
                assert getattr(read, name) == wanted  # from the values that it keeps


@given(odd())
def test_both_engines_agree_on_odd_values(native: Engine, pure: Engine, data: bytes) -> None:
    for name in KEYS + OF_REQUESTS:
        found = [
            key(engine, to(data), name) for engine in (native, pure) for to in (bytes, bytearray)
        ]
        assert found.count(found[0]) == len(found)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = sample(Via=draw(st.sampled_from([VIA, OLD])), To=PLAIN)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=2)) + data[at + draw(st.integers(0, 3)) :]
    return data


def key(engine: Engine, data: bytes | bytearray, name: str) -> Any:
    """The key, or its error."""
    message = attempt(engine, data)
    return None if isinstance(message, ParseError) else reading(getattr, message, name, None)


@given(mutated())
def test_both_engines_agree_on_any_message(native: Engine, pure: Engine, data: bytes) -> None:
    for name in KEYS + OF_REQUESTS:
        assert key(native, data, name) == key(pure, data, name)
