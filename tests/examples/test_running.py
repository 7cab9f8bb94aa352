"""The running example proxy as its operator sees it: signals, processes, metrics, limits, Redis."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from example_proxy import DOMAIN, PASSWORD, Setting, call, metrics, total
from redis_server import redis_server
from user_agents import ProxyProcess, UDPLink, UserAgent

import sipfast
from benchmarks.ports import free_port
from sipfast._engine import Engine


@pytest.fixture
def setting(tmp_path: Path, engine: Engine) -> Iterator[Setting]:
    with ExitStack() as stack:
        yield Setting(tmp_path, engine.name, stack)


def rung(alice: UserAgent, bob: UserAgent) -> tuple[sipfast.Request, sipfast.Request]:
    """An INVITE of Alice's that rings at Bob's: as sent, and as it arrived."""
    invite = alice.request("INVITE", f"sip:bob@{DOMAIN}")
    alice.send(invite)
    arrived = bob.expect("INVITE")
    bob.answer(arrived, 180)
    while alice.receive().status != 180:
        pass
    return invite, arrived


def test_sigterm_waits_for_transactions(setting: Setting) -> None:
    proxy = setting.start("--stateful", "--grace", "10", *setting.listen("tcp"))
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    _, arrived = rung(alice, bob)
    proxy.process.send_signal(signal.SIGTERM)
    until = time.monotonic() + 5
    while time.monotonic() < until:  # until the signal is seen, calls are taken
        other = setting.agent("alice")
        other.send(other.request("INVITE", f"sip:nobody@{DOMAIN}"))
        response = other.final()
        if response.status == 503:
            break
        assert response.status == 404
    assert response.status == 503
    assert response.retry_after is not None
    with pytest.raises(ConnectionRefusedError):
        _connect(setting.ports["tcp"])
    assert proxy.process.poll() is None
    bob.answer(arrived, 486)
    assert alice.final().status == 486
    assert proxy.process.wait(5) == 0


def _connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def test_grace_ends(setting: Setting) -> None:
    proxy = setting.start("--stateful", "--grace", "0.3")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    rung(alice, bob)
    began = time.monotonic()
    assert proxy.stop() == 0
    assert 0.25 < time.monotonic() - began < 5


def test_sigint_twice_ends_at_once(setting: Setting) -> None:
    proxy = setting.start("--stateful", "--grace", "60")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    rung(alice, bob)
    proxy.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert proxy.process.poll() is None
    assert proxy.stop(signal.SIGINT, 5) == 0


def test_a_second_signal_waits_for_no_connection(setting: Setting) -> None:
    """Nobody closes this one, so that the proxy would wait a while for it."""
    proxy = setting.start(*setting.listen("tcp"))
    alice = setting.agent("alice", "tcp")
    alice.send(alice.request("OPTIONS", f"sip:{DOMAIN}"))
    assert alice.final().status == 200
    proxy.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert proxy.process.poll() is None
    began = time.monotonic()
    assert proxy.stop(wait=5) == 0
    assert time.monotonic() - began < 1


_SIGNALLED_WHILE_IT_CLOSES = """
import asyncio, os, signal
from asyncio.selector_events import BaseSelectorEventLoop
from examples.proxy.signals import STOPPING, handled

close = BaseSelectorEventLoop._close_self_pipe

def close_and_send(loop):
    close(loop)
    for number in STOPPING:
        os.kill(os.getpid(), number)

async def main():
    with handled(seen.append):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.1)

seen = []
BaseSelectorEventLoop._close_self_pipe = close_and_send
asyncio.run(main())
print(seen == [signal.SIGTERM])
"""


def test_a_signal_while_the_loop_closes_is_no_error() -> None:
    """As another worker gets it that could not start either."""
    code = [sys.executable, "-c", _SIGNALLED_WHILE_IT_CLOSES]
    found = subprocess.run(code, capture_output=True, text=True, timeout=60, check=True)
    assert (found.stdout, found.stderr) == ("True\n", "")


def test_stateless_has_nothing_to_wait_for(setting: Setting) -> None:
    proxy = setting.start("--grace", "60")
    assert proxy.stop(wait=10) == 0


def test_metrics(setting: Setting) -> None:
    port = free_port()
    setting.start("--stateful", "--metrics", f"127.0.0.1:{port}")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    before = metrics(port)
    _, arrived = rung(alice, bob)
    during = metrics(port)
    assert total(during, "sip_received_total", "UDP") - total(before, "sip_received_total") == 2
    assert total(during, "sip_pending") == 2  # server and client transaction of the INVITE
    bob.answer(arrived, 486)
    alice.final()
    assert total(metrics(port), "sip_pending") == 0
    assert total(during, "sip_proxy_events_total", 'event="answered 401"') == 1
    assert total(during, "sip_sent_total") >= 4


def test_the_rate_of_a_source_is_limited(setting: Setting) -> None:
    port = free_port()
    setting.start("--rate", "1", "--burst", "10", "--metrics", f"127.0.0.1:{port}")
    link = UDPLink("127.0.0.1", setting.port, ("127.0.0.2", 0))  # another address than the probe's
    agent = UserAgent(link, "alice", DOMAIN)
    for _ in range(40):
        agent.send(agent.request("OPTIONS", f"sip:{DOMAIN}"))
    answers = 0
    while agent.receive(0.3) is not None:
        answers += 1
    assert 10 <= answers <= 12
    assert 28 <= total(metrics(port), "sip_proxy_events_total", 'event="limited"') <= 30
    agent.close()


def test_errors_to_one_address_are_limited(setting: Setting) -> None:
    setting.start()
    link = UDPLink("127.0.0.1", setting.port, ("127.0.0.3", 0))
    agent = UserAgent(link, "alice", DOMAIN)
    for _ in range(500):
        agent.send(agent.request("INVITE", f"sip:nobody@{DOMAIN}"))
    errors = 0
    while agent.receive(0.3) is not None:
        errors += 1
    assert 100 < errors < 400
    agent.close()


# ---- processes ----------------------------------------------------------------------------------


MODES = pytest.mark.parametrize("mode", ["--stateless", "--stateful"])


@MODES
def test_workers_serve_all_transports(setting: Setting, mode: str) -> None:
    """Whichever worker the system chooses for a datagram, calls over connections work."""
    port = free_port()
    setting.start(
        mode, "--workers", "3", "--metrics", f"127.0.0.1:{port}", *setting.listen("tcp", "ws")
    )
    callees = {}
    for transport in ("tcp", "ws"):
        callees[transport] = setting.agent("bob", transport)
    for round_ in range(4):
        for transport, bob in callees.items():
            assert bob.register(PASSWORD["bob"]).status == 200
            alice = setting.agent("alice")
            call(alice, bob)
            assert bob.register(PASSWORD["bob"], Expires=0).status == 200, (round_, transport)
    # from a connection to datagrams
    bob = setting.agent("bob")
    assert bob.register(PASSWORD["bob"]).status == 200
    call(setting.agent("alice", "tcp"), bob)
    time.sleep(1.2)  # until the workers have told the parent
    found = metrics(port)
    busy = [total(found, "sip_received_total", f'worker="{worker}"') for worker in range(3)]
    assert sum(count > 0 for count in busy) > 1


@MODES
def test_workers_know_which_address_a_message_came_to(setting: Setting, mode: str) -> None:
    """A second address for datagrams, in whatever order the addresses are given."""
    first, tcp = setting.port, setting.listen("tcp")
    setting.ports["udp"] = free_port()
    setting.start(mode, "--workers", "3", before=[*tcp, "--listen", f"udp:127.0.0.1:{first}"])
    for transport in ("udp", "tcp"):
        bob = setting.agent("bob", transport)
        assert bob.register(PASSWORD["bob"]).status == 200
        for _ in range(4):
            call(setting.agent("alice"), bob)
        assert bob.register(PASSWORD["bob"], Expires=0).status == 200


def test_a_worker_that_dies_is_started_again(setting: Setting) -> None:
    proxy = setting.start("--workers", "2")
    children = Path(f"/proc/{proxy.process.pid}/task/{proxy.process.pid}/children")
    if not children.exists():
        pytest.skip("the children of a process are not known here")
    first = {int(pid) for pid in children.read_text().split()}
    assert len(first) == 2
    victim = min(first)
    os.kill(victim, signal.SIGKILL)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        now = {int(pid) for pid in children.read_text().split()}
        if len(now) == 2 and victim not in now:
            break
        time.sleep(0.05)
    assert len(now) == 2
    agent = setting.agent("bob")
    assert agent.register(PASSWORD["bob"]).status == 200
    assert proxy.stop() == 0
    assert "again in" in proxy.log()


def test_workers_end_with_their_parent(setting: Setting) -> None:
    proxy = setting.start("--workers", "2")
    children = Path(f"/proc/{proxy.process.pid}/task/{proxy.process.pid}/children")
    if not children.exists():
        pytest.skip("the children of a process are not known here")
    workers = [int(pid) for pid in children.read_text().split()]
    os.kill(max(workers), signal.SIGKILL)  # so that one is just being started
    until = time.monotonic() + 15
    while len(workers) < 3 and time.monotonic() < until:
        found = {int(pid) for pid in children.read_text().split()}
        workers += sorted(found - set(workers))
    proxy.process.kill()
    proxy.process.wait()
    until = time.monotonic() + 15
    while time.monotonic() < until and any(_is_alive(pid) for pid in workers):
        time.sleep(0.05)
    assert not any(_is_alive(pid) for pid in workers)


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


# ---- stores -------------------------------------------------------------------------------------


def test_registrations_survive_in_a_file(setting: Setting, tmp_path: Path) -> None:
    options = ("--database", str(tmp_path / "location.sqlite"))
    proxy = setting.start(*options)
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    assert proxy.stop() == 0
    setting.start(*options)
    rung(alice, bob)


def test_redis_is_killed_and_comes_back_under_load(setting: Setting, tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        setting.start("--stateful", "--redis", server.url)
        alice, bob = setting.agent("alice"), setting.agent("bob")
        assert bob.register(PASSWORD["bob"]).status == 200
        rung(alice, bob)
        server.kill()
        slowest = 0.0
        for _ in range(5):
            began = time.monotonic()
            rung(setting.agent("alice"), bob)  # Bob is still known
            unknown = setting.agent("alice")
            unknown.send(unknown.request("INVITE", f"sip:alice@{DOMAIN}"))
            assert unknown.final().status == 480
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 2
        assert bob.register(PASSWORD["bob"]).status == 500
        server.start()
        until = time.monotonic() + 10
        while bob.register(PASSWORD["bob"]).status != 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert alice.register(PASSWORD["alice"]).status == 200
        rung(setting.agent("alice"), bob)


# ---- options ------------------------------------------------------------------------------------


def test_a_restart_disturbs_no_call(setting: Setting, tmp_path: Path) -> None:
    """Stateless, with a secret in a file: responses and dialogs go on after it."""
    secret = tmp_path / "secret"
    secret.write_bytes(os.urandom(32))
    options = ("--secret", str(secret), "--database", str(tmp_path / "location"))
    proxy = setting.start(*options)
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    invite, arrived = rung(alice, bob)
    assert proxy.stop() == 0
    setting.start(*options)
    bob.answer(arrived, 200)
    dialog = sipfast.Dialog.uac(invite, alice.final())
    alice.send(dialog.ack(invite))
    bob.expect("ACK")
    alice.send(dialog.request("BYE"))
    bob.send(bob.expect("BYE").reply(200))
    assert alice.final().status == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_cannot_start_says_why_and_ends(
    setting: Setting, tmp_path: Path, workers: str
) -> None:
    """In one line, and for all workers: another attempt would end in the same way."""
    (tmp_path / "malformed").write_text("alice:wonderland\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        host, port = taken.getsockname()
        for options, reason in [
            (["--users", str(tmp_path / "malformed")], "line 1 of the users"),
            (["--listen", f"tcp:{host}:{port}"], "in use"),
            (["--metrics", f"{host}:{port}"], "in use"),
            (["--database", str(tmp_path / "no folder" / "location")], "unable to open"),
            (["--redis", "localhost"], "Redis URL"),
        ]:
            arguments = ["--listen", f"udp:{host}:{setting.port}", "--workers", workers, *options]
            proxy = ProxyProcess(*arguments, engine=setting.engine, log=tmp_path / "log")
            assert proxy.process.wait(30) != 0
            log = proxy.log()
            assert reason in log
            assert "Traceback" not in log
            assert "again in" not in log


def test_a_short_secret_is_refused(setting: Setting, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"short")
    with pytest.raises(AssertionError, match="at least 16 bytes"):
        setting.start("--secret", str(secret))


def test_no_record_route(setting: Setting) -> None:
    setting.start("--no-record-route", "--moderation", "0", "--log-level", "error")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    _, arrived = rung(alice, bob)
    assert arrived.record_routes == ()


def test_min_expires(setting: Setting) -> None:
    setting.start("--min-expires", "300")
    bob = setting.agent("bob")
    refused = bob.register(PASSWORD["bob"], Expires=120)
    assert (refused.status, refused.min_expires) == (423, 300)


def test_the_advertised_host(setting: Setting) -> None:
    setting.start("--advertise", "localhost")
    alice, bob = setting.agent("alice"), setting.agent("bob")
    bob.register(PASSWORD["bob"])
    _, arrived = rung(alice, bob)
    assert arrived.via is not None
    assert arrived.via.sent_by == f"localhost:{setting.port}"
    # it is ours, as the address is
    for host in ("localhost", "127.0.0.1"):
        alice.send(alice.request("OPTIONS", f"sip:{host}:{setting.port}"))
        assert alice.final().status == 200


def test_ipv6(setting: Setting) -> None:
    port = free_port()
    try:
        socket.create_server(("::1", port), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    setting.start("--listen", f"udp:[::1]:{port}")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as caller:
        caller.settimeout(10)
        caller.bind(("::1", 0))
        host, own = caller.getsockname()[:2]
        bob = setting.agent("bob")
        bob.register(PASSWORD["bob"])
        invite = bob.request(
            *("INVITE", f"sip:bob@{DOMAIN}"),
            Via=f"SIP/2.0/UDP [{host}]:{own};branch=z9hG4bK6;rport",
        )
        caller.sendto(invite.raw, ("::1", port))
        bob.answer(bob.expect("INVITE"), 486)
        response = sipfast.parse(caller.recv(65536))
        assert isinstance(response, sipfast.Response)
        assert response.status == 486


# ---- the command line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--listen", "sctp:127.0.0.1:5060"], "does not begin with"),
        (["--listen", "udp:127.0.0.1"], "is not HOST:PORT"),
        (["--listen", "tls:127.0.0.1:5061"], "need --cert and --key"),
        (["--next-hop", "tel:+4930123"], "tel:"),
        (["--route", "sip:127.0.0.1"], "is not DOMAIN=URI"),
        (["--workers", "2", "--listen", "tcp:127.0.0.1:5060"], "share UDP"),
        (["--listen", "udp:0.0.0.0:5060"], "needs --advertise"),
        (["--listen", "tcp:[::]:5060"], "needs --advertise"),
        (["--trust", "localhost"], "does not appear to be"),
        (["--trust", "192.0.2.1/24"], "has host bits set"),
        (["--rate", "0"], "is not in the range"),
        (["--burst", "0.5"], "is not in the range"),
    ],
)
def test_usage(options: list[str], message: str) -> None:
    from click.testing import CliRunner

    from examples.proxy.__main__ import main

    result = CliRunner().invoke(main, options)
    assert result.exit_code == 2
    assert message in result.output


def test_the_demonstration(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call of `examples/proxy/call.py` through the proxy as `make proxy` starts it."""
    import subprocess
    import sys

    setting.start("--auth-calls")
    shown = subprocess.run(
        [sys.executable, "-m", "examples.proxy.call", "127.0.0.1", str(setting.port)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert [line.strip() for line in lines if "407" in line or "Bob can" in line]
    assert lines[-1].strip() == "alice <- 200 OK"
