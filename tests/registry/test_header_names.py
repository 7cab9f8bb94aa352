"""The table of header fields against the RFCs and the IANA registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sipfast.registry import header_names
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES, HeaderName, header_name

# The header fields registered with IANA for SIP.
REGISTERED = """
Accept Accept-Contact Accept-Encoding Accept-Language Accept-Resource-Priority Additional-Identity
Alert-Info AlertMsg-Error Allow Allow-Events Answer-Mode Attestation-Info Authentication-Info
Authorization Call-ID Call-Info Cellular-Network-Info Contact Content-Disposition Content-Encoding
Content-ID Content-Language Content-Length Content-Type CSeq Date DC-Info Encryption Error-Info
Event Expires Feature-Caps Flow-Timer From Geolocation Geolocation-Error Geolocation-Routing Hide
History-Info Identity Identity-Info Info-Package In-Reply-To Join Max-Breadth Max-Forwards
MIME-Version Min-Expires Min-SE Organization Origination-Id P-Access-Network-Info P-Answer-State
P-Asserted-Identity P-Asserted-Service P-Associated-URI P-Called-Party-ID P-Charge-Info
P-Charging-Function-Addresses P-Charging-Vector P-DCS-Trace-Party-ID P-DCS-OSPS P-DCS-Billing-Info
P-DCS-LAES P-DCS-Redirect P-Early-Media P-Media-Authorization P-Preferred-Identity
P-Preferred-Service P-Private-Network-Indication P-Profile-Key P-Refused-URI-List P-Served-User
P-User-Database P-Visited-Network-ID Path Permission-Missing Policy-Contact Policy-ID Priority
Priority-Share Priority-Verstat Priv-Answer-Mode Privacy Proxy-Authenticate Proxy-Authorization
Proxy-Require RAck Reason Reason-Phrase Record-Route Recv-Info Refer-Events-At Refer-Sub Refer-To
Referred-By Reject-Contact Relayed-Charge Replaces Reply-To Request-Disposition Require
Resource-Priority Resource-Share Response-Key Response-Source Restoration-Info Retry-After Route
RSeq Security-Client Security-Server Security-Verify Server Service-Interact-Info Service-Route
Session-Expires Session-ID SIP-ETag SIP-If-Match Subject Subscription-State Supported
Suppress-If-Match Target-Dialog Timestamp To Trigger-Consent Unsupported User-Agent User-to-User
Via Warning WWW-Authenticate
"""

# The sections of RFC 3261 20, in their order.
RFC_3261_20 = """
Accept Accept-Encoding Accept-Language Alert-Info Allow Authentication-Info Authorization Call-ID
Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type
CSeq Date Error-Info Expires From In-Reply-To Max-Forwards Min-Expires MIME-Version Organization
Priority Proxy-Authenticate Proxy-Authorization Proxy-Require Record-Route Reply-To Require
Retry-After Route Server Subject Supported Timestamp To Unsupported User-Agent Via Warning
WWW-Authenticate
"""

UNREGISTERED = ["Diversion", "Remote-Party-ID"]

COMPACT = {
    "a": "Accept-Contact",  # RFC 3841
    "b": "Referred-By",  # RFC 3892
    "c": "Content-Type",  # RFC 3261
    "d": "Request-Disposition",  # RFC 3841
    "e": "Content-Encoding",  # RFC 3261
    "f": "From",  # RFC 3261
    "i": "Call-ID",  # RFC 3261
    "j": "Reject-Contact",  # RFC 3841
    "k": "Supported",  # RFC 3261
    "l": "Content-Length",  # RFC 3261
    "m": "Contact",  # RFC 3261
    "n": "Identity-Info",  # RFC 4474
    "o": "Event",  # RFC 6665
    "r": "Refer-To",  # RFC 3515
    "s": "Subject",  # RFC 3261
    "t": "To",  # RFC 3261
    "u": "Allow-Events",  # RFC 6665
    "v": "Via",  # RFC 3261
    "x": "Session-Expires",  # RFC 4028
    "y": "Identity",  # RFC 8224
}

# From the grammar of each field: a comma list, which may repeat (RFC 3261 7.3.1) ...
LISTS = """
Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events
Authentication-Info Call-Info Contact Content-Encoding Content-Language Diversion Error-Info
Geolocation History-Info In-Reply-To
P-Access-Network-Info P-Asserted-Identity P-Associated-URI P-Charging-Function-Addresses
P-Early-Media P-Visited-Network-ID Path
Proxy-Require Reason Record-Route Recv-Info Reject-Contact Request-Disposition Require
Resource-Priority Route Security-Server Service-Route Supported Unsupported User-to-User Via Warning
"""

# ... one value only ...
SINGLE = """
Call-ID Content-Disposition Content-Length Content-Type CSeq Date Event Expires
From Join Max-Breadth Max-Forwards MIME-Version Min-Expires Min-SE Organization
P-Called-Party-ID P-Charging-Vector P-Served-User Priority Privacy RAck Refer-To Referred-By
Replaces Reply-To Retry-After RSeq Server Session-Expires Session-ID SIP-ETag SIP-If-Match Subject
Subscription-State Target-Dialog Timestamp To User-Agent
"""

# The fields without a value are those of these grammars: RFC 3261 25.1, 4412 3.2, 5009 9, 6086 8.1,
# 7315 5.1.
MAY_BE_EMPTY = [
    *("Accept", "Accept-Encoding", "Accept-Language", "Accept-Resource-Priority", "Allow"),
    *("Organization", "P-Associated-URI", "P-Early-Media", "Recv-Info", "Subject", "Supported"),
]

# ... or fields that repeat without being lists (RFC 3261 7.3.1, RFC 8224 4).
SEPARATE = [
    "Authorization",
    "Identity",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "WWW-Authenticate",
]

CJK = re.compile(r"[\u4e00-\u9fff]")


def row_of(name: str) -> HeaderName:
    row = header_name(name)
    assert row is not None
    return row


def test_holds_the_registered_names_and_two_more() -> None:
    assert sorted(row.name for row in HEADER_NAMES) == sorted(REGISTERED.split() + UNREGISTERED)


def test_names_are_short_ascii_tokens() -> None:
    assert [
        row.name for row in HEADER_NAMES if not re.fullmatch(r"[A-Za-z-]{2,32}", row.name)
    ] == []


def test_ids_fit_in_a_byte_with_one_to_spare() -> None:
    assert len(HEADER_NAMES) <= 254


def test_no_two_names_are_the_same_field() -> None:
    keys = [row.name.lower() for row in HEADER_NAMES]
    keys += [row.compact for row in HEADER_NAMES if row.compact]
    assert len(keys) == len(set(keys))


def test_compact_forms_are_the_registered_ones() -> None:
    assert {row.compact: row.name for row in HEADER_NAMES if row.compact} == COMPACT


@pytest.mark.parametrize("name", LISTS.split())
def test_comma_lists_repeat(name: str) -> None:
    assert (row_of(name).comma_list, row_of(name).repeats) == (True, True)


@pytest.mark.parametrize("name", SINGLE.split())
def test_single_values_do_not_repeat(name: str) -> None:
    assert (row_of(name).comma_list, row_of(name).repeats) == (False, False)


def test_only_these_repeat_without_being_lists() -> None:
    separate = [row.name for row in HEADER_NAMES if row.repeats and not row.comma_list]
    assert sorted(separate) == SEPARATE


def test_fields_that_may_be_empty() -> None:
    assert sorted(row.name for row in HEADER_NAMES if row.may_be_empty) == MAY_BE_EMPTY


def test_every_list_may_repeat() -> None:
    assert [row.name for row in HEADER_NAMES if row.comma_list and not row.repeats] == []


def test_each_section_of_rfc_3261_20_has_its_field() -> None:
    found = {row.rfc: row.name for row in HEADER_NAMES if row.rfc.startswith("RFC 3261")}
    names = RFC_3261_20.split()
    assert found == {f"RFC 3261 20.{number}": name for number, name in enumerate(names, start=1)}


def test_every_row_says_where_it_is_defined() -> None:
    source = re.compile(
        r"RFC [2-9]\d{3}( \d+(\.\d+)*)?|3GPP TS 24\.229( 7\.2\.\d+)?|draft-ietf-sip-privacy-04"
    )
    assert [row.name for row in HEADER_NAMES if not source.fullmatch(row.rfc)] == []


@pytest.mark.parametrize("row", HEADER_NAMES, ids=lambda row: row.name)
def test_every_row_is_explained_in_both_languages(row: HeaderName) -> None:
    assert re.fullmatch(r"[A-Z][ -~]{20,}\.", row.en)
    assert "  " not in row.en
    assert len(CJK.findall(row.zh)) >= 5
    assert row.zh.endswith("。")
    assert not re.search(r"[\u4e00-\u9fff][,.;:()]", row.zh), "ASCII punctuation after Chinese"


def test_no_text_was_used_twice() -> None:
    assert len({row.en for row in HEADER_NAMES}) == len(HEADER_NAMES)
    assert len({row.zh for row in HEADER_NAMES}) == len(HEADER_NAMES)


def test_an_id_is_the_position_plus_one() -> None:
    for position, row in enumerate(HEADER_NAMES):
        assert HEADER_IDS[row.name.lower()] == position + 1
        assert not row.compact or HEADER_IDS[row.compact] == position + 1
    assert len(HEADER_IDS) == len(HEADER_NAMES) + len(COMPACT)


def test_the_fields_of_nearly_every_message_come_first() -> None:
    first = {row.name for row in HEADER_NAMES[:8]}
    assert first >= {"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"}


@pytest.mark.parametrize("name", ["Via", "via", "VIA", "vIa", "v", "V"])
def test_case_and_compact_form_make_no_difference(name: str) -> None:
    assert row_of(name) is HEADER_NAMES[HEADER_IDS["via"] - 1]
    assert row_of(name).name == "Via"


@pytest.mark.parametrize(
    "name",
    ["", " ", "X-Custom", "Vi", "Viaa", " Via", "Via ", "Via:", "z", "h", "C%6Fntact", "\0"],
)
def test_other_names_are_unknown(name: str) -> None:
    assert header_name(name) is None


def test_only_ascii_letters_have_case() -> None:
    kelvin = "\u212a"
    assert kelvin.lower() == "k"
    assert header_name(kelvin) is None
    assert header_name("RAc" + kelvin) is None
    assert header_name("\uff36ia") is None


def test_the_table_stands_alone() -> None:
    source = Path(header_names.__file__).read_text(encoding="utf-8")
    imports = re.findall(r"^\s*(?:from|import)\s+(\S+)", source, re.MULTILINE)
    assert imports == ["__future__", "typing"]
