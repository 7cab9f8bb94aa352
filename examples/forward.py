"""An INVITE that is edited, then forwarded by a proxy, and its response on the way back.

    python examples/forward.py [FILE]

Prints what changes: the lines that go, after -, and the lines that come, after +.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import sipfast

INVITE = Path(__file__).parents[1] / "bench_data" / "invite.sip"


def show(title: str, before: bytes, after: bytes) -> None:
    """Print the lines that differ, of header and body."""
    print(f"\n# {title}")
    old, new = [data.decode("utf-8", "replace").splitlines() for data in (before, after)]
    for line in difflib.ndiff(old, new):
        if line[:1] in "+-":
            print(line)


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else INVITE).read_bytes()
    invite = sipfast.parse(data)
    if not isinstance(invite, sipfast.Request):
        sys.exit("the first message of the file is a response: a request is required")

    draft = invite.edit()
    draft["User-Agent"] = "sipfast"
    draft.discard("Allow")
    draft.append("Supported", "path")
    show("message.edit(): three changes", invite.raw, bytes(draft))

    hop = sipfast.Hop("192.0.2.1", 5060, secret=b"sixteen bytes or more")
    target, source = "sip:bob@192.0.2.30:5062", ("198.51.100.4", 40961)
    sent = invite.forward(target, via=hop, source=source, record_route=hop)
    show("request.forward(): what the next hop gets", invite.raw, sent)

    arrived = sipfast.parse(sent)
    if isinstance(arrived, sipfast.Request):
        busy = arrived.reply(486)
        back = busy.forward(via=hop)
        show(f"response.forward(): {busy.status} {busy.reason}, on the way back", busy.raw, back)
        print("\nTo", *busy.next_hop(via=hop)[:3])


if __name__ == "__main__":
    main()
