"""The types for type checkers: mypy checks this file, and its assertions must hold at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from samples import sample

import sipfast
from sipfast import (
    URI,
    Address,
    Contact,
    ParseError,
    Request,
    Response,
    SipURI,
    Via,
    _engine,
    auth,
    bodies,
    values,
)
from sipfast.bodies import Content
from sipfast.columns import Column, Scan
from sipfast.values import (
    ContentType,
    Event,
    Identity,
    MediaRange,
    Replaces,
    ResourcePriority,
    SessionExpires,
)

if TYPE_CHECKING:
    from typing_extensions import assert_type
else:

    def assert_type(value: Any, _: Any) -> Any:
        return value


def received(*fields: bytes, **changed: bytes) -> Request:
    message = sipfast.parse(sample(b"INVITE sip:bob@example.com SIP/2.0", *fields, **changed))
    assert isinstance(message, Request)
    return message


def test_an_address_has_a_uri() -> None:
    message = received(From=b"<sip:alice@example.com:5070>;tag=1", CSeq=b"1 INVITE")
    from_ = assert_type(message.from_, Address | None)
    assert from_ is not None
    uri = assert_type(from_.uri, URI)
    assert assert_type(uri.user, str | None) == "alice"
    assert assert_type(uri.host, str | None) == "example.com"
    assert assert_type(uri.port, int | None) == 5070
    assert isinstance(uri, SipURI)
    assert assert_type(uri.host, str) == "example.com"
    assert assert_type(from_.replace(tag="2"), Address).tag == "2"
    assert assert_type(message.uri, URI).user == "bob"


@pytest.mark.parametrize("text", ["tel:+15550123", "urn:service:sos", "https://example.com:1/a@b"])
def test_a_uri_of_another_scheme_has_no_user_host_or_port(text: str) -> None:
    uri = assert_type(URI.parse(text), URI)
    assert (uri.user, uri.host, uri.port) == (None, None, None)


def test_a_contact_may_have_no_uri() -> None:
    message = received(b"Contact: <sip:alice@192.0.2.1>;q=0.5")
    (contact,) = assert_type(message.contacts, tuple[Contact, ...])
    uri = assert_type(contact.uri, URI | None)
    assert uri is not None
    assert uri.host == "192.0.2.1"
    assert assert_type(contact.replace(tag="1"), Contact).tag == "1"
    assert assert_type(Contact.parse("*").uri, URI | None) is None


def test_values_of_a_message() -> None:
    message = received(b"Event: presence", b"Content-Type: application/sdp", body=b"v=0\r\n")
    assert assert_type(message.via, Via | None) is not None
    assert isinstance(assert_type(message.event, Event | None), Event)
    assert assert_type(message.allow, tuple[str, ...]) == ()
    assert assert_type(message.identity, tuple[Identity, ...]) == ()
    assert assert_type(message.max_forwards, int | None) == 70
    assert isinstance(assert_type(message.content, Content), sipfast.SDP)


def test_a_copy_is_of_the_class_that_it_was_made_of() -> None:
    text = ContentType.parse("text/plain")
    assert assert_type(text.replace(parameters=()), ContentType) == text
    accepted = MediaRange.parse("text/plain;q=0.5")
    assert assert_type(accepted.replace(q=None), MediaRange).q is None
    expires = SessionExpires.parse("90;refresher=uac")
    assert assert_type(expires.replace(interval=91), SessionExpires).refresher == "uac"
    replaces = Replaces.parse("1;to-tag=2;from-tag=3")
    assert assert_type(replaces.replace(early_only=True), Replaces).early_only
    priority = ResourcePriority.parse("wps.3")
    assert assert_type(priority.replace(priority="4"), ResourcePriority).priority == "4"


def test_a_scan_has_columns() -> None:
    scanned = assert_type(sipfast.scan("bench_data/calls.pcap", ["uri"]), Scan)
    assert assert_type(scanned.columns, tuple[str, ...]) == ("uri",)
    assert assert_type(scanned.schema, tuple[Column, ...])[0].type_name == "text"
    assert assert_type(scanned.rows, int) == 0


PUBLIC = {
    cls
    for module in (sipfast, values, auth, bodies)
    for cls in vars(module).values()
    if isinstance(cls, type) and cls.__module__.startswith("sipfast.")
}


def test_no_property_is_of_any_type() -> None:
    pure = _engine.load("pure")
    for cls in PUBLIC:
        module = cls.__module__
        if module.startswith("sipfast._native."):  # compiled, it has no annotations
            cls = getattr(pure.module(module.removeprefix("sipfast._native.")), cls.__name__)
        for name, value in vars(cls).items():
            if isinstance(value, property) and not name.startswith("_"):
                assert value.fget.__annotations__["return"] not in ("Any", "object"), (cls, name)


def test_mappings_are_typed() -> None:
    message = received(To=b"<sip:a>;tag=1;lr")
    headers, parameters = message.headers, SipURI.parse("sip:bob@example.com;lr").parameters
    assert takes_a_mapping(headers) == len(headers)
    assert_type(headers["To"], str)
    assert_type(headers.get("To"), str | None)
    assert_type(headers.get("To", 5), str | int)
    assert_type(headers.getone("To"), str)
    assert_type(headers.getone("To", None), str | None)
    assert_type(headers.getall("To"), list[str])
    assert_type(headers.getall("Via", ()), list[str] | tuple[()])
    assert_type([*headers.items()], list[tuple[str, str]])
    assert_type(parameters["lr"], str | None)
    assert_type(parameters.get("lr"), str | None)
    assert_type(parameters.getone("lr"), str | None)
    assert_type(parameters.getall("lr"), list[str | None])
    assert_type([*parameters.items()], list[tuple[str, str | None]])
    assert_type(bytes(message), bytes)


def test_drafts_are_typed_as_messages_are() -> None:
    message = received(body=b"x")
    draft = assert_type(message.edit(), sipfast.Draft)
    assert assert_type(draft.via, Via | None) is not None
    assert assert_type(draft.allow, tuple[str, ...]) == ()
    assert assert_type(draft.method, str) == "INVITE"
    assert assert_type(draft.uri, URI).user == "bob"
    draft.uri = "sip:al@example.com"
    draft["Max-Forwards"] = 69
    assert assert_type(draft.max_forwards, int | None) == 69
    assert assert_type(draft["Max-Forwards"], str) == "69"
    assert assert_type(draft.body, bytes) == b"x"
    assert_type(draft.message, Request | Response)
    with pytest.raises(TypeError, match="must be str, bytes, int or a value, not float"):
        draft["X"] = 1.5  # type: ignore[assignment]


def test_derived_messages_are_typed() -> None:
    request = received(b"Contact: <sip:a>", To=b"<sip:b>", CSeq=b"1 INVITE")
    response = assert_type(request.reply(200), Response)
    assert_type(request.ack(response), Request)
    assert_type(request.cancel(), Request)
    dialog = assert_type(sipfast.Dialog.uac(request, response), sipfast.Dialog)
    bye = assert_type(dialog.request("BYE"), Request)
    assert_type(dialog.receive_request(bye), int | None)
    assert_type(dialog.route_set, tuple[Address, ...])
    challenge = request.reply(401)
    assert assert_type(request.authorized(challenge, "a", "b"), Request | None) is None
    assert assert_type(sipfast.reply_to(ParseError("bare-cr", 0), b""), Response | None) is None
    assert_type(request.headers.span("Via").value, slice)


def takes_a_mapping(mapping: Mapping[str, str]) -> int:
    return len([*mapping.items()])


def test_the_parts_of_a_uri_are_typed() -> None:
    uri = assert_type(SipURI.parse("sip:bob@[2001:db8::1]:5060"), SipURI)
    assert assert_type(uri.host_address, str | None) == "2001:db8::1"
    assert str(assert_type(uri.replace(port=None, user="al"), SipURI)) == "sip:al@[2001:db8::1]"
    with pytest.raises(TypeError, match="port must be int, not str"):
        uri.replace(port="5060")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="colour"):
        uri.replace(colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="host must be str, not int"):
        SipURI(5)  # type: ignore[arg-type]
