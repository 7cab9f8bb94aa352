"""A call through the proxy of `make proxy`, with every message that its two parties see.

python -m examples.proxy.call [HOST PORT]
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import sipfast

from .demo import DOMAIN, HOST, PORT, USERS


class Phone:
    """One user agent over UDP."""

    def __init__(self, user: str, proxy: tuple[str, int]) -> None:
        self.user = user
        self._proxy = proxy
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.settimeout(5)
        host, port = self._socket.getsockname()
        self.contact = f"<sip:{user}@{host}:{port}>"
        self._via = f"SIP/2.0/UDP {host}:{port};rport"

    def request(self, method: str, uri: str, to: str) -> sipfast.Request:
        headers: dict[str, Any] = {
            "Via": f"{self._via};branch={sipfast.new_branch()}",
            "Max-Forwards": 70,
            "From": f"<sip:{self.user}@{DOMAIN}>;tag={sipfast.new_tag()}",
            "To": f"<{to}>",
            "Call-ID": sipfast.new_call_id(),
            "CSeq": f"1 {method}",
            "Contact": self.contact,
        }
        message = sipfast.Draft.request(method, uri, headers).message
        assert isinstance(message, sipfast.Request)
        return message

    def send(self, message: sipfast.Message) -> None:
        self._show("->", message)
        self._socket.sendto(bytes(message), self._proxy)

    def receive(self) -> Any:
        message: Any = sipfast.parse(self._socket.recv(65536))
        self._show("<-", message)
        return message

    def request_with_password(
        self, request: sipfast.Request
    ) -> tuple[sipfast.Request, sipfast.Response]:
        """Send a request, and again with credentials; the second one, and its final response."""
        self.send(request)
        response = self.final()
        if request.method == "INVITE":
            self.send(request.ack(response))
        again = request.authorized(response, self.user, USERS[self.user])
        if again is None:
            sys.exit(f"the proxy does not want us: {response.status} {response.reason}")
        self.send(again)
        return again, response

    def final(self) -> sipfast.Response:
        while True:
            message = self.receive()
            if isinstance(message, sipfast.Response) and message.status >= 200:
                return message

    def next_request(self) -> sipfast.Request:
        while True:
            message = self.receive()
            if isinstance(message, sipfast.Request):
                return message

    def close(self) -> None:
        self._socket.close()

    def _show(self, arrow: str, message: Any) -> None:
        what = (
            f"{message.method} {message.uri_text}"
            if isinstance(message, sipfast.Request)
            else f"{message.status} {message.reason}"
        )
        print(f"{self.user:>5} {arrow} {what}")


def main() -> None:
    proxy = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else (HOST, PORT)
    alice, bob = Phone("alice", proxy), Phone("bob", proxy)
    try:
        _, _ = bob.request_with_password(
            bob.request("REGISTER", f"sip:{DOMAIN}", f"sip:bob@{DOMAIN}")
        )
        registered = bob.final()
        print(f"      Bob can be reached at {registered.headers['Contact']}")

        address = f"sip:bob@{DOMAIN}"
        invite, _ = alice.request_with_password(alice.request("INVITE", address, address))
        arrived = bob.next_request()
        bob.send(arrived.reply(180))
        bob.send(arrived.reply(200, headers={"Contact": bob.contact}))
        dialog = sipfast.Dialog.uac(invite, alice.final())
        alice.send(dialog.ack(invite))
        bob.next_request()

        alice.send(dialog.request("BYE"))
        bob.send(bob.next_request().reply(200))
        alice.final()
    except TimeoutError:
        sys.exit(f"no answer from {proxy[0]}:{proxy[1]}: is `make proxy` running?")
    finally:
        alice.close()
        bob.close()


if __name__ == "__main__":
    main()
