"""The proxy with two users, and what to do with it: `make proxy`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from .__main__ import main as proxy
from .accounts import lines_for

DOMAIN = "example.net"
USERS = {"alice": "wonderland", "bob": "zanzibar"}
HOST, PORT = "127.0.0.1", 5060

NEXT = f"""
A SIP proxy and registrar at {HOST}:{PORT}, over UDP, TCP and, at port {PORT + 20}, WebSocket.

    user    password     address
    alice   wonderland   sip:alice@{DOMAIN}
    bob     zanzibar     sip:bob@{DOMAIN}

In another terminal, a call from Alice to Bob:

    .venv/bin/python -m examples.proxy.call

Or two soft phones on this machine: the users above, with {HOST}:{PORT} as outbound proxy.
Counters are at http://{HOST}:9100/metrics; Ctrl-C ends.
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sip-proxy-demo-") as folder:
        users = Path(folder, "users.txt")
        users.write_text(
            "\n".join(line for user in USERS for line in lines_for(user, DOMAIN, USERS[user]))
        )
        print(NEXT, flush=True)
        sys.argv[1:] = [
            *("--listen", f"udp:{HOST}:{PORT}", "--listen", f"tcp:{HOST}:{PORT}"),
            *("--listen", f"ws:{HOST}:{PORT + 20}", "--metrics", f"{HOST}:9100"),
            *("--domain", DOMAIN, "--users", str(users), "--auth-calls"),
            *sys.argv[1:],
        ]
        proxy()


if __name__ == "__main__":
    main()
