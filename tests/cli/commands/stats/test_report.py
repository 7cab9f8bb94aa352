"""The JSON document of ``sipfast stats --json``."""

from __future__ import annotations

import json
from pathlib import Path

import capture_files as made
from command import BAD_TO, HOSTILE, UNSEEN, broken, document, output, process, request, response

import sipfast


def test_hostile_bytes_in_json(tmp_path: Path) -> None:
    file = tmp_path / "x.sip"
    file.write_bytes(request("A", f"User-Agent: {HOSTILE}"))
    text = output("stats", "--json", file)
    assert text.isascii()
    assert not UNSEEN & set(map(ord, text))
    (agent,) = json.loads(text)["total"]["user_agents"]
    assert agent["name"] == HOSTILE.replace("\udcff\udc80", "\\xff\\x80")
    agent["name"].encode()  # no lone surrogate in it


def test_the_keys_of_the_document(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    agent = "User-Agent: Phone/1"
    payloads = [request("INVITE", agent), b"other", response(180, "Ringing"), BAD_TO, broken()]
    file.write_bytes(made.pcap(*[made.frame(payload, 5070, 5080) for payload in payloads]))
    parsed = document(file)
    (only,) = parsed["files"]
    for name in ("seconds", "messages_per_second"):
        for numbers in (parsed["total"], only):
            timed = numbers.pop(name)
            assert list(timed) == ["parse", "all"]
            assert all(number > 0 for number in timed.values())
    data = file.read_bytes()
    numbers = {
        "size": len(data),
        "messages": 3,
        "requests": 2,
        "responses": 1,
        "unparsable": 1,
        "cut": 0,
        "retransmissions": 0,
        "retransmission_share": 0.0,
        "duplicates": 0,
        "repeats_counted": True,
        "defective": 1,
        "erroneous": 1,
        "methods": {"INVITE": 1, "OPTIONS": 1},
        "status_classes": {"1xx": 1},
        "statuses": {"180": 1},
        "user_agents": [{"name": "Phone/1", "count": 1}],
        "user_agents_shortfall": 0,
        "without_user_agent": 2,
        "defects": [
            {
                "code": "quote-unterminated",
                "header": "To",
                "severity": "error",
                "text": "Unclosed quoted string in To",
                "text_zh": "To 中的引号字符串未结束",
                "rfc": "RFC 3261 25.1",
                "count": 1,
                "first": {
                    "file": str(file),
                    "message": 3,
                    "packet": 4,
                    "offset": data.index(b'"Bob'),
                },
            }
        ],
        "faults": [
            {
                "code": "content-length-not-a-number",
                "text": "Malformed Content-Length",
                "text_zh": "Content-Length 格式错误",
                "rfc": "RFC 3261 20.14",
                "count": 1,
            }
        ],
        "first_unparsable": [
            {
                "file": str(file),
                "message": 4,
                "packet": 5,
                "offset": data.rindex(b"x"),
                "byte": broken().rindex(b"x"),
                "code": "content-length-not-a-number",
                "text": "Malformed Content-Length",
                "text_zh": "Content-Length 格式错误",
                "rfc": "RFC 3261 20.14",
            }
        ],
        "skipped": {"not SIP": 1},
        "unread": {},
    }
    assert parsed == {
        "sipfast": sipfast.__version__,
        "engine": sipfast.engine,
        "kernel": sipfast.kernel,
        "total": numbers,
        "files": [{"file": str(file), "format": "pcap", "log": None, **numbers}],
        "failed": [],
    }
    assert list(only) == ["file", "format", "log", *numbers]


def test_the_page_about_the_command_names_every_key(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(BAD_TO + broken() + request("A", "User-Agent: x"))
    page = (Path(__file__).parents[4] / "docs" / "command.md").read_text(encoding="utf-8")
    parsed = document(tmp_path / "a.sip", tmp_path / "a.sip")
    places = [parsed["total"]["defects"][0], parsed["total"]["first_unparsable"][0]]
    for keys in (parsed, parsed["files"][0], *places, places[0]["first"]):
        assert [key for key in keys if f"`{key}`" not in page] == []


def test_both_engines_count_alike() -> None:
    files = ["bench_data/mixed.sip", "bench_data/calls.pcap"]
    documents = []
    for pure in (False, True):
        done = process("stats", "--json", *files, pure=pure)
        assert (done.returncode, done.stderr) == (0, "")
        parsed = json.loads(done.stdout)
        for numbers in (parsed["total"], *parsed["files"]):
            del numbers["seconds"], numbers["messages_per_second"]
        documents.append((parsed["total"], parsed["files"]))
    assert documents[0] == documents[1]
