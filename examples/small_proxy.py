"""A stateless proxy for two users: python examples/small_proxy.py"""

from __future__ import annotations

import secrets

import sipfast
from sipfast.proxy import Endpoint, Source

PLACES = {
    "sip:alice@127.0.0.1:5060": "sip:alice@127.0.0.1:5071",
    "sip:bob@127.0.0.1:5060": "sip:bob@127.0.0.1:5072",
}
endpoint = Endpoint("127.0.0.1", 5060, secret=secrets.token_bytes(16))


def handle(message: sipfast.Request | sipfast.Response, source: Source) -> None:
    """Forward a message, or answer it."""
    if isinstance(message, sipfast.Response) or message.routes:
        endpoint.forward(message, source=source)
    elif message.uri_text in PLACES:
        endpoint.forward(message, PLACES[message.uri_text], source=source)
    else:
        endpoint.reply(message, 404, source=source)


if __name__ == "__main__":
    endpoint.serve(handle, relay=True)
