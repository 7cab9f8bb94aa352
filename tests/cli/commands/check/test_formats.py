"""The other formats of ``sipfast check``: SARIF, annotations, groups, and Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import capture_files as made
import pytest
from command import BAD_TO, HOSTILE, NO_CALL_ID, UNSEEN, broken, message, request, run

from sipfast.cli.commands.check import groups
from sipfast.cli.commands.check.sarif import help_uri
from sipfast.errors import FAULTS

NO_HOPS = request().replace(b"Max-Forwards: 70\r\n", b"")
SDP_OF_NO_TIME = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 70000 RTP/AVP 0\r\n"
BAD_BODY = request("INVITE", "Content-Type: application/sdp", body=SDP_OF_NO_TIME)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    file = tmp_path / "a b.sip"
    file.write_bytes(request() + BAD_TO + NO_HOPS + broken() + BAD_TO)
    return file


# ---- severities, and bodies ----


def test_severity(mixed: Path) -> None:
    both = run("check", mixed)
    errors = run("check", mixed, "--severity", "error")
    assert [line.split(": ")[1] for line in both.stdout.splitlines()].count("warning") == 1
    assert errors.stdout.splitlines() == [
        line for line in both.stdout.splitlines() if ": error: " in line
    ]
    assert both.stderr.endswith(
        "\n4 faults (3 errors, 1 warning) in 4 of 5 messages; 1 cannot be parsed\n"
    )
    assert errors.stderr.endswith("\n3 faults (3 errors) in 3 of 5 messages; 1 cannot be parsed\n")


def test_the_exit_code_follows_what_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(NO_HOPS)
    assert run("check", file).exit_code == 1
    quiet = run("check", file, "--severity", "error")
    assert (quiet.exit_code, quiet.stdout) == (0, "")
    assert quiet.stderr == "no faults in 1 message\n"


def test_no_status_where_there_is_nothing_to_answer(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(NO_HOPS + NO_CALL_ID)
    hops, call_id = run("check", file).stdout.splitlines()
    assert hops.endswith("Missing Max-Forwards header field (RFC 3261 8.1.1.6)")
    assert call_id.endswith("Missing Call-ID header field (RFC 3261 8.1.1)")  # of a response


def test_bodies_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(BAD_BODY)
    lines = run("check", file).stdout.splitlines()
    assert any("sdp-port-malformed" in line for line in lines)
    place = BAD_BODY.index(b"m=audio")
    assert any(line.startswith(f"{file}:1:{place}: error: ") for line in lines)
    shown = run("show", file).stdout
    assert re.search(r"m=audio 70000 RTP/AVP 0\n +\^ error: ", shown)
    assert "1 with defects, 1 with errors" in run("stats", file).stdout


def test_line_ends_are_reported_once_a_file(tmp_path: Path) -> None:
    files = [tmp_path / "a.sip", tmp_path / "b.sip"]
    for file in files:
        file.write_bytes((request() * 3).replace(b"\r\n", b"\n"))
    result = run("check", *files)
    assert [line.split(": ")[:3] for line in result.stdout.splitlines()] == [
        [f"{file}:1:35", "warning", "line-ends-lf"] for file in files
    ]
    assert result.stderr.endswith("\n2 faults (2 warnings) in 2 of 6 messages\n")
    assert run("check", "-n", "2", files[0]).stdout.startswith(f"{files[0]}:2:35: ")


def test_an_unparsable_message_has_its_other_faults_too(tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    file.write_bytes(BAD_TO.replace(b"Max-Forwards:", b"Max Forwards:"))
    result = run("check", file, "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["code"] for row in rows] == [
        "max-forwards-missing",
        "header-name-malformed",
        "quote-unterminated",
    ]
    assert {row["parsed"] for row in rows} == {False}
    assert result.stderr.endswith(" in 1 of 1 message; 1 cannot be parsed\n")


# ---- SARIF ----

#: The members of the objects of SARIF 2.1.0 that are used, those required marked with a star.
SARIF: dict[str, dict[str, Any]] = {
    "sarifLog": {"$schema": str, "*version": str, "*runs": ["run"]},
    "run": {
        "*tool": "tool",
        "results": ["result"],
        "invocations": ["invocation"],
        "columnKind": str,
        "language": str,
    },
    "tool": {"*driver": "toolComponent"},
    "toolComponent": {"*name": str, "semanticVersion": str, "rules": ["reportingDescriptor"]},
    "reportingDescriptor": {
        "*id": str,
        "shortDescription": "multiformatMessageString",
        "help": "multiformatMessageString",
        "helpUri": str,
        "defaultConfiguration": "reportingConfiguration",
    },
    "reportingConfiguration": {"level": str},
    "multiformatMessageString": {"*text": str},
    "message": {"*text": str},
    "result": {
        "*message": "message",
        "ruleId": str,
        "ruleIndex": int,
        "level": str,
        "locations": ["location"],
        "properties": dict,
    },
    "location": {"physicalLocation": "physicalLocation"},
    "physicalLocation": {"*artifactLocation": "artifactLocation", "region": "region"},
    "artifactLocation": {"uri": str},
    "region": {"byteOffset": int, "startLine": int, "startColumn": int},
    "invocation": {"*executionSuccessful": bool, "toolExecutionNotifications": ["notification"]},
    "notification": {"*message": "message", "level": str},
}


def assert_conforms(value: Any, kind: Any) -> None:
    """Assert that a value is as the table says, without any other members."""
    if isinstance(kind, list):
        assert isinstance(value, list)
        for item in value:
            assert_conforms(item, kind[0])
    elif isinstance(kind, str):
        members = {name.lstrip("*"): of for name, of in SARIF[kind].items()}
        assert value.keys() <= members.keys()
        assert {name[1:] for name in SARIF[kind] if name[0] == "*"} <= value.keys()
        for name, part in value.items():
            assert_conforms(part, members[name])
    else:
        assert type(value) is kind


def sarif(*arguments: str | Path, exit_code: int = 1) -> dict[str, Any]:
    result = run("check", "--format", "sarif", *arguments)
    assert result.exit_code == exit_code
    assert result.stdout.isascii()
    document: dict[str, Any] = json.loads(result.stdout)
    assert_conforms(document, "sarifLog")
    (found,) = document["runs"]
    for one in found["results"]:
        rule = found["tool"]["driver"]["rules"][one["ruleIndex"]]
        assert rule["id"] == one["ruleId"]
        assert one["level"] == rule["defaultConfiguration"]["level"]
    return found  # type: ignore[no-any-return]


def test_sarif(mixed: Path) -> None:
    found = sarif(mixed)
    assert [one["ruleId"] for one in found["results"]] == [
        "quote-unterminated",
        "max-forwards-missing",
        "content-length-not-a-number",
        "quote-unterminated",
    ]
    assert [one["level"] for one in found["results"]] == ["error", "warning", "error", "error"]
    (place,) = found["results"][0]["locations"]
    data = mixed.read_bytes()
    offset = data.index(b'"Bob')
    line = data[:offset].count(b"\n") + 1
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": f"file://{mixed.parent}/a%20b.sip"},
        "region": {"byteOffset": offset, "startLine": line, "startColumn": 5},
    }
    first = found["tool"]["driver"]["rules"][0]
    assert first["helpUri"] == "https://www.rfc-editor.org/rfc/rfc3261#section-25.1"
    assert first["shortDescription"] == {"text": "Unclosed quoted string in …"}
    assert found["invocations"][0]["executionSuccessful"]


def test_sarif_lines_go_on_through_the_file_and_the_next(mixed: Path) -> None:
    found = sarif(mixed, mixed)
    data = mixed.read_bytes()
    lines = []
    for one in found["results"]:
        region = one["locations"][0]["physicalLocation"]["region"]
        before = data[: region["byteOffset"]]
        lines.append((region["startLine"], region["startColumn"]))
        assert lines[-1] == (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
    assert lines[:4] == lines[4:]


def test_sarif_of_a_capture_has_bytes_only(tmp_path: Path) -> None:
    file = tmp_path / "a.pcap"
    data = made.pcap(made.frame(BAD_TO))
    file.write_bytes(data)
    (one,) = sarif(file)["results"]
    region = one["locations"][0]["physicalLocation"]["region"]
    assert region == {"byteOffset": data.index(b'"Bob')}


def test_sarif_of_nothing_and_of_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "fine.sip").write_bytes(request())
    assert sarif(tmp_path / "fine.sip", exit_code=0)["results"] == []
    found = sarif(tmp_path / "none", tmp_path / "fine.sip")
    (invocation,) = found["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert "No such file" in notification["message"]["text"]


def test_sarif_in_chinese(mixed: Path) -> None:
    found = sarif(mixed, "--lang", "zh")
    assert found["language"] == "zh-CN"
    assert found["results"][0]["message"]["text"] == "To 中的引号字符串未结束"


def test_every_fault_has_a_rule_with_an_address() -> None:
    none = [fault.rfc for fault in FAULTS.values() if help_uri(fault.rfc) is None]
    assert [rfc for rfc in none if rfc.startswith("RFC ")] == []
    assert help_uri("RFC 3261 20.14") == "https://www.rfc-editor.org/rfc/rfc3261#section-20.14"
    assert help_uri("RFC 8224") == "https://www.rfc-editor.org/rfc/rfc8224"
    assert help_uri("RFC 3966 A.1") == "https://www.rfc-editor.org/rfc/rfc3966#appendix-A.1"
    assert help_uri("GB/T 28181 9") is None


# ---- annotations of GitHub ----


def test_annotations(mixed: Path) -> None:
    result = run("check", "--format", "github", mixed)
    at = BAD_TO.index(b'"Bob')
    first, second, *_ = result.stdout.splitlines()
    data = mixed.read_bytes()
    line = data[: data.index(b'"Bob')].count(b"\n") + 1
    assert first == (
        f"::error file={mixed},line={line},col=5,title=quote-unterminated::message 2, byte {at}, "
        "Unclosed quoted string in To (RFC 3261 25.1; answer 400)"
    )
    assert second.startswith(f"::warning file={mixed},line=")


def test_what_was_not_read_is_an_annotation_too(tmp_path: Path) -> None:
    file = tmp_path / "50%\n.sip"
    result = run("check", "--format", "github", file)
    assert result.exit_code == 1
    assert result.stdout == (
        f"::error title=not-read::{tmp_path}/50%25\\n.sip: No such file or directory\n"
    )


def test_annotations_escape_what_ends_them(tmp_path: Path) -> None:
    file = tmp_path / "a,b:%c.sip"
    file.write_bytes(broken())
    (line,) = run("check", "--format", "github", file).stdout.splitlines()
    assert f"::error file={tmp_path}/a%2Cb%3A%25c.sip,line=8,col=17,title=" in line


# ---- groups ----


def test_groups_by_code(mixed: Path) -> None:
    lines = run("check", "--group-by", "code", mixed).stdout.splitlines()
    at, text = BAD_TO.index(b'"Bob'), FAULTS["quote-unterminated"].text.format(header="To")
    assert lines[:2] == [
        "quote-unterminated  2 faults in 2 messages",
        f"  2  error: {text} (RFC 3261 25.1; answer 400)  first at {mixed}:2:{at}",
    ]
    assert [line.split()[0] for line in lines[2::2]] == [
        "content-length-not-a-number",
        "max-forwards-missing",
    ]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("call", ["1@192.0.2.1"]),
        ("agent", [None, "Phone"]),
        ("file", ["{file}"]),
    ],
)
def test_groups_as_json(by: str, names: list[str | None], tmp_path: Path) -> None:
    file = tmp_path / "a.sip"
    phone = BAD_TO.replace(b"Max-Forwards: 70", b"User-Agent: Phone")
    file.write_bytes(BAD_TO + broken() + NO_HOPS + phone)
    result = run("check", "--group-by", by, "--json", file)
    assert result.exit_code == 1
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["name"] for row in rows] == [
        name and name.replace("{file}", str(file)) for name in names
    ]
    assert sum(row["faults"] for row in rows) == sum(
        len(json.loads(line)) > 0 for line in run("check", "--json", file).stdout.splitlines()
    )
    for row in rows:
        assert row["faults"] == row["errors"] + row["warnings"]
        assert row["faults"] == sum(kind["count"] for kind in row["kinds"])
        assert (row["by"], row["others"]) == (by, False)


def test_many_groups_are_counted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_MOST_GROUPS", 2)
    file = tmp_path / "a.sip"
    calls = [BAD_TO.replace(b"1@192", b"%d@192" % number) for number in (5, 6, 7, 8, 5)]
    file.write_bytes(b"".join(calls))
    rows = [
        json.loads(line)
        for line in run("check", "--group-by", "call", "--json", file).stdout.splitlines()
    ]
    assert [(row["name"], row["faults"], row["others"]) for row in rows] == [
        ("5@192.0.2.1", 2, False),
        ("6@192.0.2.1", 1, False),
        ("all others", 2, True),
    ]


def test_a_kind_names_a_place_only_if_all_its_faults_are_there(tmp_path: Path) -> None:
    fields = ("Content-Type: application/sdp", "X-A: \x01", "X-B: \x01")
    file = tmp_path / "a.sip"
    file.write_bytes(request("INVITE", *fields, body=b"v=0\r\n"))
    kinds = {
        (kind["text"], kind["header"]): kind["count"]
        for line in run("check", "--group-by", "file", "--json", file).stdout.splitlines()
        for kind in json.loads(line)["kinds"]
    }
    assert kinds["Control character in …", None] == 2
    assert [kinds[f"Missing {line} line", line] for line in ("o=", "s=", "t=")] == [1, 1, 1]
    for language, text in (("en", "Control character in …"), ("zh", "… 中有控制字符")):
        shown = run("check", "--group-by", "file", "--lang", language, file).stdout
        assert text in shown


def test_groups_keep_the_exit_code_and_the_sums(mixed: Path) -> None:
    result = run("check", "--group-by", "file", mixed)
    assert result.exit_code == 1
    assert result.stderr == run("check", mixed).stderr


@pytest.mark.parametrize(
    "options", [("--format", "sarif", "--json"), ("--format=github", "--json")]
)
def test_formats_that_contradict(options: tuple[str, ...], mixed: Path) -> None:
    assert run("check", *options, mixed).exit_code == 2
    assert run("check", options[0], options[1], "--group-by", "code", mixed).exit_code == 2


# ---- Chinese ----


def test_in_chinese(mixed: Path) -> None:
    result = run("check", mixed, "--lang", "zh")
    assert result.stdout.splitlines()[0].endswith(
        ": 错误: quote-unterminated: To 中的引号字符串未结束（RFC 3261 25.1；应答 400）"
    )
    assert result.stderr.endswith(
        "\n4 个问题（3 个错误，1 个警告），涉及 4 条（共 5 条消息）；1 条无法解析\n"
    )
    assert "说明" not in result.stderr
    for options in (("--lang", "zh", "--list"), ("--list", "--lang", "zh"), ("--list", "x")):
        listed = run("check", *options).stdout
        assert (FAULTS["bare-cr"].text_zh in listed) == ("zh" in options)
        assert listed.count("\n") == len(FAULTS)
    for wrong in ("--select=x", "-nx", "--status=x", "--json --format=sarif"):
        assert re.search("[一-龥]", run("check", mixed, *wrong.split(), "--lang", "zh").stderr)
    grouped = run("check", mixed, "--lang", "zh", "--group-by", "agent").stdout
    assert grouped.startswith("未注明  4 个问题，涉及 4 条消息\n")
    missing = run("check", "none", "--lang", "zh")
    assert missing.stderr == "sipfast: none：文件不存在\n"


# ---- hostile ----


@pytest.mark.parametrize("options", ["text", "json", "sarif", "github", "code", "call", "agent"])
def test_nothing_hostile_gets_out(options: str, tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m\n::error::.sip"
    file.write_bytes(
        message(
            "OPTIONS sip:a SIP/2.0",
            f"User-Agent: {HOSTILE}",
            f"Call-ID: {HOSTILE}",
            f'To: "{HOSTILE}',
            f"{HOSTILE.replace(':', '')}: x",
            "Content-Length: 0",
        )
        + BAD_TO.replace(b"Call-ID: 1", b"Call-ID: \x1b[31m\xe2\x80\xae\xff")
    )
    how = ("--format" if options in ("text", "json", "sarif", "github") else "--group-by", options)
    result = run("check", *how, file)
    assert result.exit_code == 1
    assert not UNSEEN & set(map(ord, result.output))
    assert not re.search(r"(?m)^::error::", result.output)
