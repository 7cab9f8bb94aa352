"""What is said of values, held against the grammar of the RFCs (`tests/grammar/`).

`python -m grammar` tries as many as there is time for.
"""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from grammar.abnf import FOLDER, Grammar
from grammar.automaton import Automaton
from grammar.drawing import Drawer
from grammar.edits import EDITS, edited
from grammar.fields import FIELDS, RULES, grammar, is_value, message, narrowed, start_of
from grammar.judging import (
    MILD,
    TROUBLESOME,
    Said,
    edited_value,
    is_silent,
    is_tolerated,
    said,
    value,
    wrong_of_value,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sipfast._engine import Engine
from sipfast.errors import FAULTS

VALUES = 60
EDITED = 60

# Texts within the grammar of a field, and beyond it, by hand.
WITHIN = {
    "Retry-After": ["120 (a;;b)", "5;duration=3", "1 (a (b (c)))", r"9 (\))"],
    "Replaces": ['a"b@c;to-tag=1;from-tag=2', "<>@(;early-only"],
    "In-Reply-To": ["a<b, c>d", "a@b,c@d"],
    "Refer-Sub": ["false;x=1", "TRUE"],
    "Geolocation-Routing": ["foo=bar", "yes", "no"],
    "Contact": ["<sip:a@h;method=`x;transport=%>", "*", '"a\\"" <sip:a@h?x=&y=>;q=0.5', "sip:a@h"],
    "P-Access-Network-Info": ["3GPP-GERAN;cgi-3gpp=634;network-provided"],
    "Authentication-Info": ['qop=auth, nc=00000001,rspauth=""', 'nextnonce="x"'],
    "From": ["<tel:+1;ext=5>;tag=a", "<urn:service:sos>;tag=a", "a b <x:y>;tag=1", "sip:%41@[::1]"],
    "Via": ["SIP / 2.0 / UDP h : 5 ;rport;received=::1;branch=1", "SIP/2.0/X [::1.2.3.4]:7"],
    "Subject": ["", "h\xc3\xa9", "a\r\n b"],
    "Supported": ["", "a , b"],
    "Call-ID": ['"<>@/', "a@b"],
    "Date": ["Sat, 13 Nov 2010 23:29:00 GMT"],
    "Server": ["a/1 (b) c", "(\\\x00)"],
    "Event": ["presence.winfo;id=1"],
    "Authorization": ['Digest username="a", qop=auth, nc=00000001', "Bearer x=y"],
    "Identity": ["a.b.c;info=<https://h/x>;ppt=shaken", "abc;info=<x:y>;ppt=shaken"],
}
BEYOND = {
    "Contact": [
        *("<sip:a@h;x=a=b>", "<sip:a@h;x=a@b>", "<sip:a@h;x=a,b>", "<sip:a@h;x=>", "<sip:a@h?x>"),
        *("<sip:a@h?>", "<sip:a@h?x=1&&y=2>", "<sip:a@h?=x>", "<sip:a@h?R=1@h;to-tag=2>"),
        *(
            "<sip:a[@h>",
            "<sip:a:b:c@h>",
            "<sip:a:b;c@h>",
            "<sip:a:b?c@h>",
            "<sip:h..x>",
            "<sip:-h>",
        ),
        *(
            "<sip:.h>",
            "<sip:1.2.3.999>",
            "<sip:1.2.3>",
            "<sip:[2001:::1]>",
            "<sip:a_b>",
            "<sip:h-.x>",
        ),
        *(
            "<sip:a@h>,",
            "<sip:a@h>;q=2",
            '<sip:a@h>;q="0.5"',
            '<sip:a@h>;expires="60"',
            "sip:a@h?x=y",
        ),
        *("<sip:a@h>;q", "<sip:a@h>;expires", "", ",", "<tel:+1;ext=>", "<sip:@h>", "<sip:a b@h>"),
        *("<sip:a@h;transport=>", "<sip:a@h;ttl=x>", "<sip:a@h;lr=>", "<sip:a%4@h>", "<tel:1>"),
    ],
    "Reason": [
        "User busy",
        "cause=16",
        '"SIP";cause=200',
        "",
        'Q.850;cause="16"',
        "Q.850;text=busy",
    ],
    "Security-Client": ['"tls"', "tls;q=2", "tls;d-ver=a"],
    "Answer-Mode": ["Auto Manual", ""],
    "User-to-User": ["a b;encoding=hex", ""],
    "Identity": [
        "a b c;info=<x:y>",
        "a.b.c",
        "abc;info=https://h/x",
        "abc;info=<x:y>;alg",
        'abc;info=<x:y>;ppt="shaken"',
    ],
    "Refer-Sub": ["maybe"],
    "Authorization": [
        *(
            'Digest qop="auth"',
            "Digest nc=1",
            "Digest realm=a",
            "Digest username=a",
            "Digest uri=a",
        ),
        *("Digest nonce=a", "Digest response=a", 'Digest realm="a",, nonce="b"', "Digest nonce"),
    ],
    "WWW-Authenticate": [
        "Digest stale=maybe",
        'Digest algorithm="MD5"',
        "Digest qop=auth",
        "Digest",
    ],
    "From": [
        '<sip:a@h>;tag="1"',
        "<sip:a@h>;tag",
        "<sip:a@h>;tag=",
        "a, b <sip:a@h>",
        "sip:a;x=y=z",
    ],
    "Via": ['SIP/2.0/UDP h;branch="1"', "SIP/2.0/UDP h;ttl=x", "SIP/2.0/UDP", "SIP/2.0/UDP h,"],
    "Replaces": ['a;to-tag="1"', "a;early-only=1", "a b", ""],
    "Allow": ["INVITE, , ACK", ","],
    "Event": ["presence.", ".winfo", "a;id"],
    "Privacy": ["id;;critical", ""],
    "Session-ID": ["A" * 32, "a" * 31],
    "Subject": ["a\x00b", "\xe9"],
    "User-Agent": ["a\x07", "(a", "a (\xe9)"],
    "Require": [""],
    "Path": ["", "sip:a@h"],
    "Date": ["Sat, 13 Nov 2010 23:29:00 gmt", "Sat, 13 Nov 2010 23:29:00 EST"],
}


@pytest.mark.parametrize("field", WITHIN)
def test_texts_within_the_grammar(field: str) -> None:
    assert [text for text in WITHIN[field] if not is_value(field, text)] == []


@pytest.mark.parametrize("field", BEYOND)
def test_texts_beyond_the_grammar(field: str) -> None:
    assert [text for text in BEYOND[field] if is_value(field, text)] == []


@pytest.mark.parametrize("field", BEYOND)
def test_texts_beyond_the_grammar_are_named(engine: Engine, field: str) -> None:
    assert [text for text in BEYOND[field] if is_silent(engine, field, text)] == []


def test_every_typed_field_has_its_rule() -> None:
    assert [field for field in FIELDS if field not in grammar().rules] == []


@pytest.mark.parametrize("field", RULES)
def test_values_of_the_grammar_have_no_error(native: Engine, pure: Engine, field: str) -> None:
    random = Random(field)
    for _ in range(VALUES):
        text = value(field, random)
        assert is_value(field, text), text
        assert wrong_of_value(native, field, text) == [], text
        assert said(pure, field, text) == said(native, field, text), text


@pytest.mark.parametrize("field", RULES)
def test_an_edit_that_leaves_the_grammar_is_named(native: Engine, pure: Engine, field: str) -> None:
    random = Random(field)
    tried = 0
    for _ in range(EDITED):
        text = edited_value(field, random)
        if text is not None:
            tried += 1
            faults = said(native, field, text)
            assert not is_silent(native, field, text), text
            assert faults_are_grave(faults) or is_tolerated(field, text), (text, faults)
            assert all(-len(field) - 2 <= each.offset <= len(text) for each in faults), text
            assert said(pure, field, text) == faults, text
    assert tried


@settings(max_examples=300, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), field=st.sampled_from(RULES))
def test_no_error_and_no_silence(native: Engine, seed: int, field: str) -> None:
    random = Random(seed)
    text = value(field, random)
    assert wrong_of_value(native, field, text) == []
    after = edited(random, text)
    assert is_value(field, after) or not is_silent(native, field, after)


def faults_are_grave(faults: list[Said]) -> bool:
    """Whether an error is among them, or a warning that may stand for one."""
    return any(each.severity == "error" or each.code in MILD for each in faults)


def test_what_is_tolerated_has_its_reason() -> None:
    text = (FOLDER / "tolerated.abnf").read_text(encoding="utf-8")
    for rule in re.finditer(r"^[A-Za-z].*", text, re.MULTILINE):
        before = text[: rule.start()].rsplit("\n\n", 1)[-1].splitlines()
        assert any(line.startswith("; ") and "RFC" in line for line in before), rule[0]
    assert [code for code in (*TROUBLESOME, *MILD) if FAULTS[code].severity != "warning"] == []


def test_what_is_tolerated_is_beyond_the_grammar() -> None:
    for field, text in (("From", "a<sip:a@h>;tag=1"), ("To", "<x:{}>")):
        assert is_tolerated(field, text)
        assert not is_value(field, text)
    assert not is_tolerated("From", "<sip:a b@h>")


# ---- The grammar's own engine --------------------------------------------------------------------


def own(text: str) -> tuple[Automaton, Drawer]:
    rules = Grammar('SWS = *%x20\nCOMMA = ","\n' + text)
    return Automaton(rules, "r"), Drawer(rules, "r")


PARAMETERS = """\
r = *( ";" p )
p = "tag" "=" w / generic-param
generic-param = w [ "=" w ]
w = 1*%x61-7A
"""


@pytest.mark.parametrize(
    ("rules", "within", "beyond"),
    [
        ('r = "ab" / %s"Cd"', ["ab", "AB", "Cd"], ["cd", "a", "abc", ""]),
        ("r = 2*3%x30-39", ["12", "123"], ["1", "1234", "1a"]),
        ('r = 1#"a"', ["a", "a,a,a"], ["", "a,", ",a", "a,,a"]),
        ('r = #"a"', ["", "a,a"], [","]),
        ('r = "a" [ "b" ] *( "c" / "d" )', ["a", "ab", "acdc"], ["b", "abb"]),
        ("r = %x41.42.43", ["ABC"], ["abc", "AB"]),
        ('r = "(" *( "x" / r ) ")"', ["()", "(x(x))", "(x(x(x)))"], ["(", "((x)"]),
        (
            'r = <w but "tag" "ta"> "="\nw = 1*%x61-7A',
            ["t=", "tagx=", "taa=", "q="],
            ["tag=", "ta="],
        ),
        (
            PARAMETERS,
            ["", ";tag=a", ";x;y=z", ";tags"],
            [";tag", ";tag=", ";x="],
        ),
    ],
)
def test_rules(rules: str, within: list[str], beyond: list[str]) -> None:
    automaton, drawer = own(rules)
    assert [text for text in within if not automaton.matches(text)] == []
    assert [text for text in beyond if automaton.matches(text)] == []
    random = Random(rules)
    drawn = {drawer(random) for _ in range(300)}
    assert len(drawn) > 1 or rules.startswith("r = %x")
    assert [text for text in drawn if not automaton.matches(text)] == []


@pytest.mark.parametrize("rules", ["r = x", "r = (", "r = <r but>", 'r = "a" ]', "r = 'a'"])
def test_rules_that_are_wrong(rules: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        own(rules)


def test_a_parameter_is_drawn_once() -> None:
    drawer = Drawer(narrowed(), "Contact")
    random = Random(1)
    for _ in range(300):
        for one in drawer(random).split(",<"):
            assert len(re.findall(r"(?i);expires\s*=", one)) <= 1


def test_an_edit_changes_the_text() -> None:
    random = Random(1)
    text = 'a;b="c d";e=f'
    for edit in EDITS:
        assert any(edit(random, text) != text for _ in range(20)), edit.__name__
    assert [edited(random, "") != "" for _ in range(5)] == [True] * 5


RIGHT = {
    "CSeq": "1 OPTIONS",
    "Call-ID": "a",
    "Contact": "<sip:a@b>",
    "Content-Length": "0",
    "Date": "Sat, 13 Nov 2010 23:29:00 GMT",
    "Event": "presence",
    "From": "<sip:a@b>;tag=1",
    "Request-URI": "sip:a",
    "Subscription-State": "active",
    "To": "<sip:a@b>;tag=1",
    "Via": "SIP/2.0/UDP a;branch=z9hG4bK1",
}


@pytest.mark.parametrize("field", RULES)
def test_the_message_around_a_value_is_right(engine: Engine, field: str) -> None:
    """All that is said of another value is said of this field."""
    text = RIGHT.get(field, "1")
    data = message(field, text)
    assert data[start_of(field) :].startswith(
        text.encode() + (b" SIP" if text == "sip:a" else b"\r\n")
    )
    made: Any = engine.parse(data)
    assert {defect.header for defect in made.defects} <= {field}
