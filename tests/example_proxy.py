"""The example proxy as its tests start it: a folder, free ports, two users, and user agents."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from user_agents import ProxyProcess, TCPLink, UDPLink, UserAgent, WebSocketLink, running

import sipfast
from benchmarks.ports import free_port
from examples.proxy.accounts import lines_for

__all__ = ["DOMAIN", "PASSWORD", "Setting", "call", "metrics", "total"]

DOMAIN = "example.net"
PASSWORD = {"alice": "wonderland", "bob": "zanzibar"}


class Setting:
    """A folder, ports, a proxy with two users, and the user agents of one test."""

    def __init__(self, folder: Path, engine: str, stack: ExitStack) -> None:
        self.folder = folder
        self.engine = engine
        self._stack = stack
        self.ports = {"udp": free_port()}
        lines = [line for user in PASSWORD for line in lines_for(user, DOMAIN, PASSWORD[user])]
        self.users = folder / "users.txt"
        self.users.write_text("\n".join(lines))

    @property
    def port(self) -> int:
        return self.ports["udp"]

    def start(self, *options: str, before: Sequence[str] = ()) -> ProxyProcess:
        return self._stack.enter_context(
            running(
                *(*before, "--listen", f"udp:127.0.0.1:{self.port}", "--domain", DOMAIN),
                *("--users", str(self.users), "--grace", "0.3", *options),
                port=self.port,
                engine=self.engine,
                log=self.folder / "log",
            )
        )

    def listen(self, *transports: str) -> list[str]:
        """Options for further transports, at free ports."""
        options = []
        for transport in transports:
            port = self.ports[transport] = free_port()
            options += ["--listen", f"{transport}:127.0.0.1:{port}"]
        if {"tls", "wss"} & set(transports):
            options += ["--cert", str(self.certificate()), "--key", str(self.folder / "key.pem")]
        return options

    def certificate(self) -> Path:
        """A certificate for 127.0.0.1, made once."""
        path = self.folder / "cert.pem"
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed (apt-get install openssl)")
        if not path.exists():
            subprocess.run(
                [
                    *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
                    *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=127.0.0.1"),
                    *("-addext", "subjectAltName=IP:127.0.0.1"),
                    *("-keyout", str(self.folder / "key.pem"), "-out", str(path)),
                ],
                check=True,
                capture_output=True,
            )
        return path

    def agent(self, user: str, transport: str = "udp") -> UserAgent:
        """A user agent with a link to the proxy."""
        where = ("127.0.0.1", self.ports[transport])
        context = None
        if transport in ("tls", "wss"):
            context = ssl.create_default_context(cafile=str(self.certificate()))
        link: Any
        if transport == "udp":
            link = UDPLink(*where)
        elif transport in ("tcp", "tls"):
            link = TCPLink(*where, context)
        else:
            link = WebSocketLink(*where, context)
        agent = UserAgent(link, user, DOMAIN)
        self._stack.callback(agent.close)
        return agent


def call(alice: UserAgent, bob: UserAgent, uri: str = f"sip:bob@{DOMAIN}") -> None:
    """INVITE, 180, 200, ACK, a re-INVITE by the callee, BYE."""
    invite = alice.request("INVITE", uri)
    alice.send(invite)
    arrived = bob.expect("INVITE")
    assert arrived.max_forwards == 69
    assert len(arrived.vias) == 2
    assert arrived.record_routes != ()
    bob.answer(arrived, 180)
    ok = bob.answer(arrived, 200)
    response = alice.final()
    assert (response.status, len(response.vias)) == (200, 1)
    caller = sipfast.Dialog.uac(invite, response)
    callee = sipfast.Dialog.uas(arrived, ok, via=f"SIP/2.0/{bob.transport} {bob.host};rport")
    alice.send(caller.ack(invite))
    assert bob.expect("ACK").routes == ()
    again = callee.request("INVITE", headers={"Contact": bob.contact})
    bob.send(again)
    back = alice.expect("INVITE")
    alice.answer(back, 200)
    response = bob.final()
    assert response.status == 200
    bob.send(callee.ack(again))
    alice.expect("ACK")
    alice.send(caller.request("BYE"))
    bye = bob.expect("BYE")
    bob.send(bye.reply(200))
    assert alice.final().status == 200


def metrics(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    return {
        name: float(value)
        for name, _, value in [line.rpartition(" ") for line in lines if line[:1] != "#"]
    }


def total(found: dict[str, float], name: str, label: str = "") -> float:
    return sum(
        value for each, value in found.items() if each.startswith(name + "{") and label in each
    )
