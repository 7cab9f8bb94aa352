"""Numbers, tokens and lists of tokens, read as int, str, or a tuple of str."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import OPTIONS, sample
from values import HOSTILE, TOKEN, agree, parsed

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.registry.methods import METHODS

LISTS = {
    "Allow": "allow",
    "Supported": "supported",
    "Require": "require",
    "Proxy-Require": "proxy_require",
    "Unsupported": "unsupported",
    "Allow-Events": "allow_events",
    "Content-Encoding": "content_encoding",
    "Content-Language": "content_language",
    "In-Reply-To": "in_reply_to",
}
NUMBERS = {"Max-Forwards": 2**31, "Content-Length": 2**31}
LARGE_NUMBERS = {"Expires": 2**32, "Min-Expires": 2**32, "RSeq": 2**32}


@pytest.mark.parametrize(("name", "attribute"), LISTS.items())
def test_a_list(engine: Engine, name: str, attribute: str) -> None:
    field = name.encode()
    data = sample(OPTIONS, field + b": a ,\tB-2,,", b"Subject: x", field + b":", field + b": c")
    message = engine.parse(data)
    assert getattr(message, attribute) == ("a", "B-2", "c")
    assert getattr(message, attribute) is getattr(message, attribute)
    assert getattr(parsed(engine), attribute) == ()
    assert engine.parse_header(name, " a,b ") == ("a", "b")
    assert engine.parse_header(name, "") == ()
    assert engine.format_header(("a", "b")) == "a, b"


@pytest.mark.parametrize("name", [name for name in LISTS if name != "In-Reply-To"])
@pytest.mark.parametrize(
    ("text", "offset"), [("a b", 1), ("a, b;q=1", 4), ("a, /b", 3), ('"a"', 0), ("a, é", 3)]
)
def test_a_list_of_other_things(engine: Engine, name: str, text: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header(name, text)
    error = caught.value
    assert (error.code, error.offset, error.header) == ("token-malformed", offset, name)
    data = sample(OPTIONS, f"{name}: {text}".encode())
    with pytest.raises(ParseError) as caught:
        getattr(engine.parse(data), LISTS[name])
    assert caught.value.offset == data.index(f"{name}: ".encode()) + len(name) + 2 + offset


def test_every_method_and_any_other_is_a_token(engine: Engine) -> None:
    methods = (*METHODS, *(method.lower() for method in METHODS), *(m[:-1] for m in METHODS))
    assert engine.parse_header("Allow", ",".join(methods)) == methods


def test_a_known_token_is_one_str(native: Engine) -> None:
    first, second = native.parse_header("Supported", "100rel, 100rel")
    assert first is second
    (method,) = native.parse_header("Allow", "OPTIONS")
    assert method is parsed(native).method


def test_call_ids_are_words(engine: Engine) -> None:
    torture = r"intmeth.word%ZK-!.*_+'@word`~)(><:\/][?}{"
    assert engine.parse_header("In-Reply-To", f"70710@saturn.example.com, {torture}") == (
        "70710@saturn.example.com",
        torture,
    )
    for text, offset in (("a@b@c", 3), ("x, @b", 3), ("a@", 1), ("a b", 1), ("a, b;c", 4)):
        with pytest.raises(ParseError) as caught:
            engine.parse_header("In-Reply-To", text)
        assert (caught.value.code, caught.value.offset) == ("call-id-malformed", offset)


@pytest.mark.parametrize(("name", "above"), (NUMBERS | LARGE_NUMBERS).items())
def test_a_number(engine: Engine, name: str, above: int) -> None:
    assert engine.parse_header(name, " 0070 ") == 70
    assert engine.parse_header(name, f"{above - 1}") == above - 1
    assert engine.parse_header(name, "0" * 9_000) == 0
    code = "number-too-large" if name in NUMBERS else "number-out-of-range"
    for text in (f"{above}", f"{above + 2**64}", "9" * 9_000):
        with pytest.raises(ParseError) as caught:
            engine.parse_header(name, text)
        assert (caught.value.code, caught.value.header) == (code, name)
    for text in ("x", "-1", "+1", "1 0", "1;x", "1.0", "1_0", "٣", "0x1"):
        with pytest.raises(ParseError) as caught:
            engine.parse_header(name, text)
        assert (caught.value.code, caught.value.offset) == ("number-malformed", 0)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("Expires", "expires"),
        ("Min-Expires", "min_expires"),
        ("RSeq", "rseq"),
    ],
)
def test_a_number_of_a_message(engine: Engine, name: str, attribute: str) -> None:
    assert getattr(parsed(engine), attribute) is None
    message = parsed(engine, f"{name}:\r\n\t3600".encode())
    assert getattr(message, attribute) == 3600
    data = sample(OPTIONS, f"{name}: 36oo".encode())
    with pytest.raises(ParseError) as caught:
        getattr(engine.parse(data), attribute)
    assert caught.value.offset == data.index(b"36oo")


def test_malformed_field_leaves_others_readable(engine: Engine) -> None:
    message = parsed(engine, b"Expires: soon", b"Allow: A")
    for _ in range(2):
        with pytest.raises(ParseError, match="Malformed number in Expires"):
            message.expires  # noqa: B018
    assert (message.max_forwards, message.allow) == (70, ("A",))


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("Emergency", "emergency"),
        ("URGENT", "urgent"),
        ("normal", "normal"),
        ("non-Urgent", "non-urgent"),
        ("PSAP-callback", "psap-callback"),
        ("Whatever", "Whatever"),
    ],
)
def test_priority(engine: Engine, text: str, priority: str) -> None:
    assert engine.parse_header("Priority", text) == priority
    assert parsed(engine, f"Priority: {text}".encode()).priority == priority


@pytest.mark.parametrize("name", ["Priority", "SIP-ETag", "SIP-If-Match"])
def test_values_of_one_token(engine: Engine, name: str) -> None:
    assert engine.parse_header(name, " dx200xyz ") == "dx200xyz"
    for text, offset in (("", 0), ("a b", 1), ("a,b", 1)):
        with pytest.raises(ParseError) as caught:
            engine.parse_header(name, text)
        assert caught.value.code == ("token-malformed" if text else "header-empty")
        assert caught.value.offset == offset


def test_entity_tags_and_texts(engine: Engine) -> None:
    lines = (b"SIP-ETag: ~1", b"SIP-If-Match: x2", "s: Grüße, a; b".encode(), b"Organization:")
    message = parsed(engine, *lines)
    assert (message.sip_etag, message.sip_if_match) == ("~1", "x2")
    assert (message.subject, message.organization) == ("Grüße, a; b", "")
    assert parsed(engine).subject is None
    assert engine.parse_header("Call-ID", " a@b ") == "a@b"


@given(tokens=st.lists(TOKEN, max_size=5))
def test_any_list(engine: Engine, tokens: list[str]) -> None:
    assert engine.parse_header("k", " , ".join(tokens)) == tuple(tokens)


@given(
    name=st.sampled_from(["Token", "Text", "Number", "LargeNumber", "CallID", "Priority"]),
    text=HOSTILE,
)
def test_the_engines_agree(native: Engine, pure: Engine, name: str, text: str | bytes) -> None:
    agree(native, pure, "values.tokens", name, text)


@given(text=HOSTILE)
def test_the_engines_agree_on_lists(native: Engine, pure: Engine, text: str | bytes) -> None:
    def read(engine: Engine) -> object:
        try:
            return engine.parse_header("Allow", text)
        except ParseError as error:
            return error.code, error.offset

    assert read(native) == read(pure)
