"""Presence, registrations and dialogs in XML."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from sipfast import ParseError
from sipfast.bodies import (
    Contact,
    Dialog,
    DialogInfo,
    Party,
    Presence,
    PresenceTuple,
    RegInfo,
    Registration,
)

PRESENCE = b"""<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:alice@example.com">
  <tuple id="desk">
    <status><basic> open </basic></status>
    <contact priority="0.8">sip:alice@desk.example.com</contact>
    <note xml:lang="en">At my desk</note>
    <note/>
    <timestamp>2024-03-01T09:30:00Z</timestamp>
  </tuple>
  <tuple id="cell"/>
  <note>Back at noon</note>
</presence>"""


def test_presence() -> None:
    presence = Presence.parse(PRESENCE)
    desk, cell = presence.tuples
    assert presence.entity == "pres:alice@example.com"
    assert presence.notes == ("Back at noon",)
    assert desk == PresenceTuple(
        id="desk",
        basic="open",
        contact="sip:alice@desk.example.com",
        priority=0.8,
        notes=("At my desk", ""),
        timestamp="2024-03-01T09:30:00Z",
    )
    assert cell == PresenceTuple("cell", None, None, None, (), None)
    assert presence.root.find("{urn:ietf:params:xml:ns:pidf}note") is not None


@pytest.mark.parametrize(
    ("text", "priority"),
    [("0", 0.0), ("1.000", 1.0), ("0.5", 0.5), ("1.1", None), ("nan", None), ("1e9", None)],
)
def test_priorities(text: str, priority: float | None) -> None:
    body = f"<presence><tuple><contact priority='{text}'>sip:a@b</contact></tuple></presence>"
    (found,) = Presence.parse(body.encode()).tuples
    assert found.priority == priority


REGISTRATIONS = b"""<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="3" state="full">
  <registration aor="sip:alice@example.com" id="as9" state="active">
    <contact id="76" state="active" event="registered" duration-registered="7322" expires="3600"
             q="0.8" callid="ok3@desk.example.com" cseq="12">
      <uri>sip:alice@desk.example.com</uri>
      <display-name>Alice</display-name>
    </contact>
    <contact id="77" state="terminated" event="expired" expires="soon">
      <uri>sip:alice@cell.example.com</uri>
    </contact>
  </registration>
  <registration aor="sip:bob@example.com" id="b2" state="init"/>
</reginfo>"""


def test_registrations() -> None:
    info = RegInfo.parse(REGISTRATIONS)
    alice, bob = info.registrations
    assert (info.version, info.state) == (3, "full")
    assert (alice.aor, alice.id, alice.state) == ("sip:alice@example.com", "as9", "active")
    assert alice.contacts[0] == Contact(
        uri="sip:alice@desk.example.com",
        display_name="Alice",
        id="76",
        state="active",
        event="registered",
        expires=3600,
        duration_registered=7322,
        q="0.8",
        call_id="ok3@desk.example.com",
        cseq=12,
    )
    assert (alice.contacts[1].state, alice.contacts[1].expires) == ("terminated", None)
    assert bob == Registration("sip:bob@example.com", "b2", "init", ())


DIALOGS = b"""<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="2" state="partial"
             entity="sip:alice@example.com">
  <dialog id="as7d900as8" call-id="a84b4c76e66710" local-tag="1928301774" remote-tag="456887766"
          direction="initiator">
    <state event="remote-bye" code="200">terminated</state>
    <duration>274</duration>
    <local>
      <identity display="Alice">sip:alice@example.com</identity>
      <target uri="sip:alice@desk.example.com"/>
    </local>
    <remote><identity>sip:bob@example.org</identity></remote>
  </dialog>
  <dialog id="zxcnm3"><state>trying</state><remote/></dialog>
</dialog-info>"""


def test_dialogs() -> None:
    info = DialogInfo.parse(DIALOGS)
    first, second = info.dialogs
    assert (info.entity, info.version, info.state) == ("sip:alice@example.com", 2, "partial")
    assert first == Dialog(
        id="as7d900as8",
        state="terminated",
        event="remote-bye",
        code=200,
        call_id="a84b4c76e66710",
        local_tag="1928301774",
        remote_tag="456887766",
        direction="initiator",
        duration=274,
        local=Party("sip:alice@example.com", "Alice", "sip:alice@desk.example.com"),
        remote=Party("sip:bob@example.org", None, None),
    )
    assert second[:2] == ("zxcnm3", "trying")
    assert (second.local, second.remote) == (None, Party(None, None, None))


READERS: list[tuple[Any, bytes]] = [
    (Presence, PRESENCE),
    (RegInfo, REGISTRATIONS),
    (DialogInfo, DIALOGS),
]


@pytest.mark.parametrize(("kind", "body"), READERS)
def test_values(kind: Any, body: bytes) -> None:
    value = kind.parse(body)
    assert value == kind.parse(memoryview(body), "utf-8")
    assert pickle.loads(pickle.dumps(value)) == value
    with pytest.raises(AttributeError):
        value.root = None
    # the namespace does not matter, and neither does its absence
    assert kind.parse(body.replace(b"urn:ietf:params", b"urn:other")) == value
    with pytest.raises(ParseError) as caught:
        kind.parse(body, limit=len(body) - 1)
    assert caught.value.code == "body-too-large"


@pytest.mark.parametrize("kind", [Presence, RegInfo, DialogInfo])
def test_another_document(kind: Any) -> None:
    parse: Callable[[bytes], object] = kind.parse
    with pytest.raises(ParseError) as caught:
        parse(b"<html/>")
    assert caught.value.code == "xml-root-unexpected"
    with pytest.raises(ParseError) as caught:
        parse(b"<html>")
    assert caught.value.code == "xml-malformed"
