"""A proxy for two users: python examples/small_proxy.py"""

from __future__ import annotations

import secrets

from sipfast import Request
from sipfast.proxy import Endpoint, Source

PLACES = {
    "sip:alice@127.0.0.1": "sip:alice@127.0.0.1:5071",
    "sip:bob@127.0.0.1": "sip:bob@127.0.0.1:5072",
}
endpoint = Endpoint("127.0.0.1", 5060, secret=secrets.token_bytes(16))


def handle(request: Request, source: Source) -> None:
    """Decide where a request goes that begins something."""
    if request.uri_text in PLACES:
        endpoint.forward(request, PLACES[request.uri_text], source=source)
    else:
        endpoint.reply(request, 404, source=source)


if __name__ == "__main__":
    endpoint.serve(handle, relay=True)
