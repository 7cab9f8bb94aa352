"""MANSCDP of GB/T 28181."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import DeviceId, Manscdp
from sipfast.bodies.manscdp import _TYPES

CATALOG = """<?xml version="1.0" encoding="GB2312"?>
<Response>
  <CmdType>Catalog</CmdType>
  <SN>1130</SN>
  <DeviceID>34020000001180000001</DeviceID>
  <SumNum>2</SumNum>
  <DeviceList Num="2">
    <Item>
      <DeviceID>34020000001320000012</DeviceID>
      <Name>北门 㐀</Name>
      <ParentID>34020000001180000001</ParentID>
      <Info><PTZType>1</PTZType><Deep><Deeper/></Deep></Info>
    </Item>
    <Item><DeviceID>34020000001340000003</DeviceID><Name/></Item>
  </DeviceList>
</Response>
"""


def test_a_catalogue() -> None:
    catalog = Manscdp.parse(CATALOG.encode("gb18030"))
    assert (catalog.kind, catalog.command, catalog.sn) == ("Response", "Catalog", 1130)
    assert catalog.device_id == "34020000001180000001"
    assert catalog.device is not None
    assert catalog.device.type_name == "NVR"
    assert catalog.fields["SumNum"] == "2"
    first, second = catalog.items
    assert first == {
        "DeviceID": "34020000001320000012",
        "Name": "北门 㐀",
        "ParentID": "34020000001180000001",
        "Info": {"PTZType": "1"},
    }
    assert second == {"DeviceID": "34020000001340000003", "Name": ""}
    assert catalog.root.findtext("DeviceList/Item/Info/PTZType") == "1"
    assert pickle.loads(pickle.dumps(catalog)) == catalog


def test_a_keepalive() -> None:
    body = (
        b"<?xml version='1.0'?><Notify><CmdType>Keepalive</CmdType><SN>x</SN>"
        b"<DeviceID>3402</DeviceID><Status>OK</Status></Notify>"
    )
    notify = Manscdp.parse(body)
    assert (notify.kind, notify.command, notify.sn) == ("Notify", "Keepalive", None)
    assert (notify.device_id, notify.device, notify.items) == ("3402", None, ())
    assert notify.fields["Status"] == "OK"


@pytest.mark.parametrize("digits", ["12345678901", "9" * 20])
def test_a_long_sequence_number(digits: str) -> None:
    assert Manscdp.parse(f"<Query><SN>{digits}</SN></Query>".encode()).sn == int(digits)
    assert Manscdp.parse(f"<Query><SN>{digits * 2}</SN></Query>".encode()).sn is None


def test_a_wrong_declaration_gives_way_to_the_charset_of_the_caller() -> None:
    body = "<?xml version='1.0' encoding='UTF-8'?><Query><A>北门</A></Query>".encode("gb18030")
    with pytest.raises(ParseError) as caught:
        Manscdp.parse(body)
    assert (caught.value.code, caught.value.offset) == ("xml-malformed", body.index(b"\xb1"))
    assert Manscdp.parse(body, "gb18030").fields == {"A": "北门"}


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_without_a_declared_charset(charset: str) -> None:
    body = "<Control><Name>北门</Name></Control>".encode(charset)
    control = Manscdp.parse(body)
    assert control.fields["Name"] == "北门"
    assert (control.command, control.device_id, control.device) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<Other/>", "xml-root-unexpected"),
        (b"<Query>", "xml-malformed"),
        (b"<!DOCTYPE a><Query/>", "xml-with-dtd"),
    ],
)
def test_absent_values(body: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        Manscdp.parse(body)
    assert caught.value.code == code


# ---- identifiers --------------------------------------------------------------------------------


def test_an_identifier() -> None:
    device = DeviceId.parse("34020000001320000012")
    assert device == DeviceId("34020000", "00", 132, "0", "000012")
    assert (device.type_name, device.parent) == ("network camera", "3402")
    assert str(device) == "34020000001320000012"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (111, "DVR"),
        (119, "main device"),
        (141, "peripheral device"),
        (200, "signalling server"),
        (216, "virtual organization"),
        (299, "platform device"),
        (300, "central user"),
        (400, "terminal user"),
        (500, "external platform"),
        (600, "other"),
        (0, "other"),
    ],
)
def test_types(code: int, name: str) -> None:
    device = DeviceId.parse(f"3402000000{code:03}0000001")
    assert device is not None
    assert device.type_name == name


def test_types_lie_in_the_ranges() -> None:
    assert all(111 <= code < 300 for code in _TYPES)
    assert len(set(_TYPES.values())) == len(_TYPES)


@pytest.mark.parametrize(
    ("area", "parent"),
    [
        ("34000000", "34"),
        ("34020000", "3402"),
        ("34020300", "340203"),
        ("34020301", "34020301"),
        ("34000001", "34000001"),
        ("00000000", "00"),
    ],
)
def test_parents(area: str, parent: str) -> None:
    device = DeviceId.parse(f"{area}001320000001")
    assert device is not None
    assert device.parent == parent


@pytest.mark.parametrize(
    "text", ["", "3402", "3402000000132000001", "340200000013200000012", "3402000000132000000x"]
)
def test_malformed_identifiers(text: str) -> None:
    assert DeviceId.parse(text) is None
    assert DeviceId.parse("٣" * 20) is None


@given(st.text("0123456789", min_size=20, max_size=20))
def test_round_trip(text: str) -> None:
    assert str(DeviceId.parse(text)) == text
