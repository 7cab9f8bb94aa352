"""Transactions, sans-IO (RFC 3261 17, RFC 6026): messages and times in, messages and times out.

>>> import sipfast
>>> from sipfast.transactions import Transactions
>>> transactions = Transactions()
>>> options = sipfast.parse(
...     b"OPTIONS sip:example.com SIP/2.0\\r\\nVia: SIP/2.0/UDP a.example;branch=z9hG4bK1\\r\\n"
...     b"From: <sip:a@a.example>;tag=1\\r\\nTo: <sip:example.com>\\r\\n"
...     b"Call-ID: 1@a\\r\\nCSeq: 1 OPTIONS\\r\\n\\r\\n"
... )
>>> event = transactions.receive(options, 0.0, path=("192.0.2.7", 5060))
>>> event.transaction.respond(options.reply(200), 0.1)
True
>>> transactions.receive(options, 0.5)  # a retransmission
>>> [data[:11] for data, path in transactions.to_send()]
[b'SIP/2.0 200', b'SIP/2.0 200']
"""

from __future__ import annotations

from .context import ResponseContext
from .events import (
    AckReceived,
    CancelReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    Stray,
    TimedOut,
    TransportFailed,
)
from .layer import TooManyTransactions, Transactions
from .machines import TABLES, TIMERS, Row, Timers
from .transaction import ClientTransaction, ServerTransaction

__all__ = [
    "TABLES",
    "TIMERS",
    "AckReceived",
    "CancelReceived",
    "ClientTransaction",
    "Event",
    "RequestReceived",
    "ResponseContext",
    "ResponseReceived",
    "Row",
    "ServerTransaction",
    "Stray",
    "TimedOut",
    "Timers",
    "TooManyTransactions",
    "Transactions",
    "TransportFailed",
]
