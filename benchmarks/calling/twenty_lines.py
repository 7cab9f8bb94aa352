"""The proxy of README: no checks of its own, no registrar. Each call goes to one next hop.

`python -m benchmarks.calling.twenty_lines TRANSPORT PORT NEXT_PORT LOOP MODERATION`
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from benchmarks.calling.processes import HOST
from sipfast import Response
from sipfast.proxy import Endpoint, Source


def main() -> None:
    """Serve until SIGTERM."""
    transport, port, next_port, loop, moderation = sys.argv[1:]
    endpoint = Endpoint(HOST, int(port), transport=transport.upper(), secret=b"one for all of them")
    target = f"sip:{HOST}:{next_port};transport={transport}"

    def handle(message: Any, source: Source) -> None:
        if isinstance(message, Response):
            endpoint.forward(message)
        else:
            endpoint.forward(message, None if message.routes else target, source=source)

    if loop == "own":
        endpoint.serve(handle, moderation=float(moderation) / 1000)
        return

    async def attached() -> None:
        await endpoint.attach(handle, moderation=float(moderation) / 1000)
        await asyncio.Event().wait()

    if loop == "uvloop":
        import uvloop

        uvloop.install()
    asyncio.run(attached())


if __name__ == "__main__":
    main()
