"""User agents that register with a digest: SIPp knows MD5, one of our own the others too."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from calls import assert_all_clean, written

import sipfast
from benchmarks.calling.elements import example
from benchmarks.calling.processes import HOST, Processes
from benchmarks.calling.sipp import run_side
from benchmarks.ports import free_port
from examples.proxy.accounts import lines_for

REALM, PASSWORD = "example.net", "sesame"
CALLS = 50
PATIENCE = 10.0


def start_registrar(processes: Processes, folder: Path, *algorithms: str) -> int:
    """Start the example with a user, alice, known by some algorithms; return its port."""
    lines = [
        line for line in lines_for("alice", REALM, PASSWORD) if line.split(":")[2] in algorithms
    ]
    users = folder / "users.txt"
    users.write_text("\n".join(lines) + "\n")
    element = example("registrar", "--domain", REALM, "--users", str(users))
    return element.start(processes, free_port(), None).port


def test_sipp_registers_with_md5(sipp: Processes, tmp_path: Path) -> None:
    port = start_registrar(sipp, tmp_path, "MD5")
    scenario = written(sipp, "register", REALM=REALM, PASSWORD=PASSWORD)
    caller = run_side(sipp, scenario, remote=port, calls=CALLS, options=("-auth_uri", REALM))
    assert_all_clean([caller.wait(PATIENCE)], CALLS)


def test_sipp_with_a_wrong_password_does_not_register(sipp: Processes, tmp_path: Path) -> None:
    port = start_registrar(sipp, tmp_path, "MD5")
    scenario = written(sipp, "register", REALM=REALM, PASSWORD="guess")
    caller = run_side(sipp, scenario, remote=port, calls=2, options=("-auth_uri", REALM))
    outcome = caller.wait(PATIENCE)
    assert (outcome.successful, outcome.failed) == (0, 2)
    assert "SIP/2.0 401" in outcome.errors


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_an_agent_registers_with_each_algorithm(
    processes: Processes, tmp_path: Path, algorithm: str
) -> None:
    port = start_registrar(processes, tmp_path, algorithm)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
        agent.settimeout(PATIENCE)
        agent.connect((HOST, port))
        here = "{}:{}".format(*agent.getsockname())

        def ask(request: sipfast.Request) -> sipfast.Response:
            agent.send(bytes(request))
            response = sipfast.parse(agent.recv(65535))
            assert isinstance(response, sipfast.Response)
            return response

        register = sipfast.Draft.request(
            "REGISTER",
            f"sip:{REALM}",
            {
                "Via": f"SIP/2.0/UDP {here};rport;branch={sipfast.new_branch()}",
                "Max-Forwards": "70",
                "From": f"<sip:alice@{REALM}>;tag={sipfast.new_tag()}",
                "To": f"<sip:alice@{REALM}>",
                "Call-ID": sipfast.new_call_id(),
                "CSeq": "1 REGISTER",
                "Contact": f"<sip:alice@{here}>;expires=600",
            },
        ).message
        assert isinstance(register, sipfast.Request)
        challenge = ask(register)
        assert challenge.status == 401
        assert [each.algorithm for each in challenge.www_authenticate] == [algorithm]
        again = register.authorized(challenge, accounts={REALM: ("alice", PASSWORD)})
        assert again is not None
        answer = ask(again)
        assert answer.status == 200
        (contact,) = answer.contacts
        assert str(contact.uri) == f"sip:alice@{here}"
        assert 0 < (contact.expires or 0) <= 600
