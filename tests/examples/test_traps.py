"""What strangers may try with the running example proxy: it neither relays, reflects nor falls."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from example_proxy import DOMAIN, PASSWORD, Setting, metrics, total
from user_agents import UDPLink, UserAgent

import sipfast
from bench_data import corpus
from benchmarks.ports import free_port
from sipfast._engine import Engine

MODES = pytest.mark.parametrize("mode", ["--stateless", "--stateful"])
MESSAGES = Path(__file__).parents[2] / "bench_data" / "messages"


@pytest.fixture
def setting(tmp_path: Path, engine: Engine) -> Iterator[Setting]:
    with ExitStack() as stack:
        yield Setting(tmp_path, engine.name, stack)


def status_of(agent: UserAgent, request: sipfast.Request) -> int:
    agent.send(request)
    return agent.final().status


@MODES
def test_no_open_relay(setting: Setting, mode: str) -> None:
    setting.start(mode)
    alice, victim = setting.agent("alice"), setting.agent("victim")
    host, port = victim.link.address
    target = f"sip:victim@{host}:{port}"
    ours = f"<sip:127.0.0.1:{setting.port};lr>"
    cases: list[dict[str, Any]] = [
        {},
        {"Route": ours},
        {"Route": f"{ours}, <sip:{host}:{port};lr>"},
        {"Route": f"<sip:127.0.0.1:{setting.port};lr;mac=0123456789abcdef>"},
        {"Route": f"<sip:{host}:{port};lr>"},
    ]
    for headers in cases:
        for uri in (target, f"sip:bob@{DOMAIN}") if headers else (target,):
            assert status_of(alice, alice.request("INVITE", uri, **headers)) in (403, 404, 480)
            in_dialog = alice.request("BYE", uri, To=f"<{uri}>;tag=x", **headers)
            assert status_of(alice, in_dialog) in (403, 404, 480)
    assert victim.receive(0.2) is None


def test_whom_we_trust_may_send_anywhere(setting: Setting) -> None:
    setting.start("--trust", "127.0.0.0/8")
    alice, carol = setting.agent("alice"), setting.agent("carol")
    host, port = carol.link.address
    alice.send(alice.request("OPTIONS", f"sip:carol@{host}:{port}"))
    carol.expect("OPTIONS")
    assert alice.register().status == 200  # without a password


@MODES
def test_responses_go_to_the_port_in_via_unless_rport_is_asked_for(
    setting: Setting, mode: str
) -> None:
    """Some user agents send from another port than they listen at (RFC 3261 18.2.2)."""
    setting.start(mode)
    bob, sends, listens = (setting.agent(user) for user in ("bob", "alice", "alice"))
    bob.register(PASSWORD["bob"])
    via = f"SIP/2.0/UDP {listens.host};branch={sipfast.new_branch()}"
    sends.send(sends.request("OPTIONS", f"sip:{DOMAIN}", Via=via))
    assert listens.final().status == 200
    sends.send(sends.request("INVITE", f"sip:bob@{DOMAIN}", Via=via))
    bob.answer(bob.expect("INVITE"), 486)
    assert listens.final().status == 486
    assert sends.receive(0.1) is None


@MODES
def test_a_forged_response_goes_nowhere(setting: Setting, mode: str) -> None:
    setting.start(mode)
    alice, bob, victim = (setting.agent(user) for user in ("alice", "bob", "victim"))
    bob.register(PASSWORD["bob"])
    alice.send(alice.request("INVITE", f"sip:bob@{DOMAIN}"))
    arrived = bob.expect("INVITE")
    busy = arrived.reply(486).raw
    host, port = victim.link.address
    below = str(arrived.vias[1]).encode()
    assert below in busy
    for forged in (
        busy.replace(below, b"SIP/2.0/UDP %s:%d;branch=z9hG4bKx" % (host.encode(), port)),
        busy.replace(b";rport=", b";rport=%d;x=" % port),
        busy.replace(b"received=127.0.0.1", b"received=127.0.0.9"),
        busy.replace(b"z9hG4bK", b"z9hG4bK0", 1),
        busy.replace(str(arrived.vias[0]).encode(), below),
    ):
        assert forged != busy
        bob.link.send(forged)
    if mode == "--stateless":
        assert alice.receive(0.3) is None
    else:
        answer = alice.receive(0.3)
        assert answer is None or answer.status in (100, 502)  # Bob's answer is malformed
    assert victim.receive(0.1) is None
    if mode == "--stateless":
        bob.link.send(busy)
        assert alice.final().status == 486


@MODES
def test_nobody_takes_over_the_connection_of_a_dialog(setting: Setting, mode: str) -> None:
    """Who knows Call-ID and tag gets no requests of the dialog; its party may connect anew."""
    setting.start(mode, *setting.listen("tcp", "ws"))
    alice, bob, mallory = (
        setting.agent("alice", "ws"),
        setting.agent("bob"),
        setting.agent("m", "tcp"),
    )
    bob.register(PASSWORD["bob"])
    uri = f"sip:bob@{DOMAIN}"
    invite = alice.request("INVITE", uri)
    alice.send(invite)
    arrived = bob.expect("INVITE")
    ok = bob.answer(arrived, 200)
    caller = sipfast.Dialog.uac(invite, alice.final())
    callee = sipfast.Dialog.uas(arrived, ok, via=f"SIP/2.0/UDP {bob.host};rport")

    same = {"Call-ID": invite.call_id, "From": invite.headers["From"]}
    refused = mallory.request("INVITE", "sip:nobody@example.org", **same)
    assert status_of(mallory, refused) == 403
    mallory.send(mallory.request("INVITE", uri, **same))
    bob.answer(bob.expect("INVITE"), 486)
    assert mallory.final().status == 486
    bob.send(callee.request("INFO"))
    alice.expect("INFO")

    moved = setting.agent("alice", "ws")
    moved.send(caller.request("INVITE", headers={"Contact": moved.contact}))
    bob.answer(bob.expect("INVITE"), 200)
    assert moved.final().status == 200
    bob.send(callee.request("BYE"))
    moved.expect("BYE")
    assert mallory.receive(0.1) is None


@MODES
def test_received_and_rport_are_what_they_are(setting: Setting, mode: str) -> None:
    """Neither answers of our own nor responses go where a Via claims that it came from."""
    setting.start(mode)
    alice, bob, victim = (setting.agent(user) for user in ("alice", "bob", "victim"))
    bob.register(PASSWORD["bob"])
    host, port = victim.link.address
    via = f"SIP/2.0/UDP 127.0.0.1:{alice.link.address[1]};branch=z9hG4bKf{mode[2:]}"
    lie = f"{via};received={host};rport={port}"
    assert status_of(alice, alice.request("OPTIONS", f"sip:{DOMAIN}", Via=lie)) == 200
    alice.send(alice.request("INVITE", f"sip:bob@{DOMAIN}", Via=lie + "1"))
    arrived = bob.expect("INVITE")
    assert f"rport={port}" not in str(arrived.vias[1])
    bob.answer(arrived, 486)
    assert alice.final().status == 486
    assert victim.receive(0.2) is None


@MODES
def test_errors_are_no_longer_than_what_they_answer(setting: Setting, mode: str) -> None:
    setting.start(mode)
    link = UDPLink("127.0.0.1", setting.port)
    tiny = (
        "INVITE sip:x@%s SIP/2.0\nv:SIP/2.0/UDP a;branch=z9hG4bK%d;rport\nf:<a:a>;tag=1\nt:<a:b>\n"
        "i:%d\nCSeq:1 INVITE\n%s\n"
    )
    checks = [
        (DOMAIN, ""),
        ("192.0.2.9", ""),
        (DOMAIN, "Max-Forwards:0\n"),
        (DOMAIN, "Proxy-Require:abc\n"),
        (DOMAIN, "Route:<sip:192.0.2.9;lr>\n"),
        (DOMAIN, "l:9\n"),
    ]
    for number, (host, more) in enumerate(checks):
        request = (tiny % (host, number, number, more)).encode()
        link.socket.sendto(request, link.proxy)
        link.socket.settimeout(0.3)
        try:
            while True:
                answer = link.socket.recv(65536)
                assert answer.startswith(b"SIP/2.0 100") or len(answer) <= len(request), answer
        except TimeoutError:
            pass
    link.close()


@MODES
def test_errors_as_the_rfc_says(setting: Setting, mode: str) -> None:
    setting.start(mode)
    alice = setting.agent("alice")
    bob = f"sip:bob@{DOMAIN}"
    for request, status in [
        (alice.request("INVITE", bob), 480),
        (alice.request("INVITE", f"sip:nobody@{DOMAIN}"), 404),
        (alice.request("INVITE", f"sip:{DOMAIN}"), 404),
        (alice.request("INVITE", "tel:+4930123"), 416),
        (alice.request("INVITE", "http://example.net"), 416),
        (alice.request("INVITE", "sip:bob@example.org"), 403),
        (alice.request("REGISTER", "sip:example.org"), 403),
        (alice.request("OPTIONS", f"sip:{DOMAIN}"), 200),
        (alice.request("OPTIONS", f"sip:127.0.0.1:{setting.port}"), 200),
        (alice.request("INVITE", bob, Via="SIP/2.0/UDP"), None),
        (alice.request("REGISTER", f"sip:{DOMAIN}", "sip:bob@example.org"), 401),
        (alice.request("OPTIONS", f"sip:b%ff@{DOMAIN}"), 404),
    ]:
        if status is None:
            alice.send(request)
            assert alice.receive(0.2) is None
        else:
            assert status_of(alice, request) == status, request
    for contact in ("sip:alice@127.0.0.1:9", "sips:alice@192.0.2.9"):  # reached by UDP
        alice.register(PASSWORD["alice"], Contact=f"<{contact}>")
        assert status_of(alice, alice.request("INVITE", f"sips:alice@{DOMAIN}")) == 480
    by_edge = {"Contact": "<sips:alice@127.0.0.1:9>;q=1", "Supported": "path"}
    alice.register(PASSWORD["alice"], Path="<sip:127.0.0.1:9;lr>", **by_edge)
    assert status_of(alice, alice.request("INVITE", f"sips:alice@{DOMAIN}")) == 480
    refused = alice.request("INVITE", f"sip:alice@{DOMAIN}", Max_Forwards=0)
    assert status_of(alice, refused) == 483
    unknown = alice.request("INVITE", f"sip:alice@{DOMAIN}", Proxy_Require="abc")
    alice.send(unknown)
    response = alice.final()
    assert (response.status, response.headers["Unsupported"]) == (420, "abc")


@MODES
def test_a_loop_ends(setting: Setting, mode: str) -> None:
    """Two domains that lead to this proxy: the request goes round once and is refused."""
    setting.start(mode, "--route", f"loop.example=sip:127.0.0.1:{setting.port}")
    alice = setting.agent("alice")
    assert status_of(alice, alice.request("INVITE", "sip:bob@loop.example")) == 482


def test_a_request_again_while_its_branch_is_open(setting: Setting) -> None:
    """Over TCP, the server transaction ends at once, that to the callee later."""
    proxy = setting.start("--stateful", *setting.listen("tcp"))
    alice, bob = setting.agent("alice", "tcp"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    message = alice.request("OPTIONS", f"sip:bob@{DOMAIN}")
    alice.send(message)
    bob.send(bob.expect("OPTIONS").reply(200))
    assert alice.final().status == 200
    assert status_of(alice, message) == 482
    assert "Traceback" not in proxy.log()


@MODES
def test_malformed_contacts(setting: Setting, mode: str) -> None:
    setting.start(mode, "--trust", "127.0.0.1/32")
    bob = setting.agent("bob")
    for contact in ("<sip:bob@>", "<sip:bob@a>;q=2", "<sip:bob@127.0.0.1>;expires=-1"):
        assert bob.register(Contact=contact).status == 400


def mutated(messages: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Messages with something changed: bytes, lines, lengths, two in one."""
    pick = random.Random(seed)
    tokens = [
        b"\r\n", b"\0", b"\xff", b";", b",", b'"', b"<", b">", b"@", b"%", b":", b"\r", b"\n ",
        b"SIP/2.0", b"z9hG4bK", b"Via: ", b"Route: <sip:127.0.0.1;lr>\r\n",
        b"Content-Length: -1\r\n", b"4294967296", b"sip:", b"tag=", b"CANCEL", b"ACK", b"REGISTER",
    ]  # fmt: skip
    for _ in range(count):
        message = bytearray(pick.choice(messages))
        for _ in range(pick.randint(1, 4)):
            at = pick.randrange(len(message) + 1)
            kind = pick.randrange(6)
            if kind == 0 and at < len(message):
                message[at] = pick.randrange(256)
            elif kind == 1:
                message[at:at] = pick.choice(tokens)
            elif kind == 2:
                del message[at : at + pick.randint(1, 30)]
            elif kind == 3:
                lines = bytes(message).split(b"\r\n")
                lines.insert(pick.randrange(len(lines)), pick.choice(lines))
                message = bytearray(b"\r\n".join(lines))
            elif kind == 4:
                message[at:] = pick.choice(messages)[at:]
            else:
                message[at:at] = pick.choice(tokens) * pick.choice((1, 1, 50))
        yield bytes(message[:60_000])


def own_messages() -> list[bytes]:
    """Messages of the benchmarks, and of its folders of valid, tortured and broken ones."""
    found = corpus.load(MESSAGES.parent / "mixed.sip")[:200]
    found += [path.read_bytes() for path in sorted(MESSAGES.rglob("*.sip"))]
    return [message for message in found if 0 < len(message) < 60_000]


def at_proxy(message: bytes, port: int) -> bytes:
    """The message with a Request-URI that the proxy serves, if it is a request."""
    start, space, rest = message.partition(b" ")
    if start.startswith(b"SIP/") or not space:
        return message
    _, space, rest = rest.partition(b" ")
    user = b"bob@" if start != b"REGISTER" else b""
    return start + b" sip:" + user + DOMAIN.encode() + space + rest


@MODES
def test_hostile_messages(setting: Setting, mode: str, engine: Engine) -> None:
    """10,000 messages, mutated: calls go through as before, and memory stays bounded."""
    port = free_port()
    options = ("--auth-calls", "--metrics", f"127.0.0.1:{port}", *setting.listen("tcp"))
    proxy = setting.start(mode, *options)
    sink = setting.agent("bob")
    sink.register(PASSWORD["bob"])
    messages = own_messages()
    assert len(messages) > 200
    count = 10_000 if engine.name == "native" else 3_000
    _throw(setting, proxy.process.pid, messages, count)
    found = metrics(port)
    assert total(found, "sip_received_total", "UDP") > count
    assert total(found, "sip_failed_total") == 0
    alice, bob = setting.agent("carol"), setting.agent("bob")
    assert bob.register(PASSWORD["bob"], Expires=600).status == 200
    alice.domain = "example.org"
    alice.send(alice.request("OPTIONS", f"sip:bob@{DOMAIN}"))
    bob.send(bob.expect("OPTIONS").reply(200))
    assert alice.final().status == 200
    assert proxy.process.poll() is None


@MODES
def test_torture_messages_of_others(setting: Setting, mode: str, shared: Path) -> None:
    """RFC 4475, as it is and mutated."""
    files = sorted((shared / "conformance" / "rfc4475").glob("*.dat"))
    assert files
    proxy = setting.start(mode)
    messages = [path.read_bytes() for path in files]
    _throw(setting, proxy.process.pid, messages, 2_000)
    alice = setting.agent("alice")
    assert alice.register(PASSWORD["alice"]).status == 200


def _throw(setting: Setting, pid: int, messages: list[bytes], count: int) -> None:
    """Send messages and their mutants, in step with the proxy, from one socket; none is lost."""
    link = UDPLink("127.0.0.1", setting.port, ("127.0.0.5", 0))
    tcp = [setting.ports["tcp"]] if "tcp" in setting.ports else []
    everything = messages + [at_proxy(message, setting.port) for message in messages]
    before = _memory(pid)
    for number, data in enumerate([*everything, *mutated(everything, count, 4475)]):
        link.socket.sendto(data, link.proxy)
        if number % 100 == 99:
            _wait_for_answer(setting)
            link.socket.settimeout(0)
            try:
                while True:
                    link.socket.recv(65536)
            except BlockingIOError:
                pass
        if tcp and number % 50 == 0:
            with socket.create_connection(("127.0.0.1", tcp[0]), timeout=5) as connection:
                connection.sendall(data)
    _wait_for_answer(setting)
    link.close()
    grown = _memory(pid) - before
    assert grown < 64 << 20, f"memory grew by {grown >> 20} MiB"


def _wait_for_answer(setting: Setting) -> None:
    link = UDPLink("127.0.0.1", setting.port)
    agent = UserAgent(link, "probe", DOMAIN)
    agent.send(agent.request("OPTIONS", f"sip:{DOMAIN}"))
    assert agent.final().status == 200
    link.close()


def _memory(pid: int) -> int:
    """The resident memory of a process, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) << 10
    return 0


def test_connections_that_say_half_a_message(setting: Setting) -> None:
    """They cost little, and the proxy serves others."""
    proxy = setting.start(*setting.listen("tcp"))
    before = _memory(proxy.process.pid)
    half = b"INVITE sip:bob@example.net SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\n"
    agent = setting.agent("alice", "tcp")
    connections = []
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", setting.ports["tcp"]), timeout=5)
        connection.sendall(half)
        connections.append(connection)
    began = time.monotonic()
    assert status_of(agent, agent.request("OPTIONS", f"sip:{DOMAIN}")) == 200
    assert time.monotonic() - began < 5
    assert _memory(proxy.process.pid) - before < 32 << 20
    for connection in connections:
        connection.close()
