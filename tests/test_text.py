"""Text for JSON, CSV and Arrow: no surrogates, and charsets that are guessed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from samples import OPTIONS, sample

from sipfast._engine import Engine
from sipfast.text import clean

GBK = [
    "张三",
    "李四",
    "王小明",
    "北京会议室",
    "呼叫中心",
    "客服一",
    "中国移动",
    "欧阳娜娜",
    "Zhang 张",
]
GB18030 = ["张三𠮷", "王䶮", "呼叫㐂"]
WINDOWS = [
    *("Müller", "Jürgen", "François", "José", "Señor Núñez", "Réception", "Zoë", "Ångström"),
    *("Björn Öst", "Café", "“Bob”", "Bob’s phone", "Straße", "Élise", "Günther Groß", "niño"),
    *("Empfang Büro 2", "Mélanie Côté", "Føtex", "Ægir", "Cécile – Accueil"),
]
NAMES = [
    *((name, "gbk") for name in GBK),
    *((name, "gb18030") for name in [*GBK, *GB18030]),
    *((name, "cp1252") for name in WINDOWS),
]


def escaped(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("name", "charset"), NAMES)
def test_charset_of_a_name_is_guessed(name: str, charset: str) -> None:
    text = escaped(name.encode(charset))
    assert clean(text, errors="guess") == name
    assert clean(f'"{text}" <sip:a@example.com>;tag=1', errors="guess").startswith(f'"{name}" <sip')


def test_names_of_a_message(engine: Engine) -> None:
    name = b"\xd5\xc5\xc8\xfd"
    message = engine.parse(sample(OPTIONS, b"Subject: " + name, b"Z: a\x81"))
    subject = message.headers["Subject"]
    assert clean(subject, errors="guess") == "张三"
    assert clean(subject) == clean(subject, "replace") == name.decode("utf-8", "replace")
    assert clean(message.headers["Z"], errors="guess") == "a\x81"  # Latin-1
    assert json.loads(json.dumps(clean(subject)).encode("utf-8")) == clean(subject)


@pytest.mark.parametrize("errors", ["replace", "guess"])
def test_text_without_surrogates_is_returned(errors: str) -> None:
    for text in ("", "Bob", "Zoë", "张三", "\ufffd", "\U0001f600"):
        assert clean(text, errors) is text  # type: ignore[arg-type]


@pytest.mark.parametrize("errors", ["replace", "guess"])
def test_no_surrogate_is_left(errors: str) -> None:
    for text in ("\ud800", "\udfff\udc80", "a\udcff", "é\udce9", "\ufffd\udcd5\udcc5", "\udc81"):
        clean(text, errors).encode("utf-8")  # type: ignore[arg-type]
    assert clean("\ud800\udcff") == "\ufffd\ufffd"


def test_other_errors_are_refused() -> None:
    for text in ("", "\udcff"):
        with pytest.raises(ValueError, match="'replace' or 'guess', not 'ignore'"):
            clean(text, errors="ignore")  # type: ignore[arg-type]


def test_error_without_the_extra_names_it() -> None:
    code = """if True:
        import sys
        sys.modules["charset_normalizer"] = None
        from sipfast.text import clean
        assert clean("a\\udcff") == "a\\ufffd"
        clean("a\\udcff", errors="guess")
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'sipfast[text]'" in found.stderr
    assert found.returncode == 1
