"""A caller of our own beside the load, which measures to the microsecond; SIPp does to the ms."""

from __future__ import annotations

import socket
import statistics
import threading
import time

import sipfast
from benchmarks.calling.processes import HOST

EVERY, PATIENCE = 0.02, 1.0
"""Seconds between two calls, and how long an answer may take."""


class Probe(threading.Thread):
    """Makes calls to a port, one after the other, until stopped or until it has made enough."""

    def __init__(self, port: int, calls: int) -> None:
        super().__init__(daemon=True)
        self.lost = 0
        self._port, self._calls = port, calls
        self._round_trips: list[float] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.connect((HOST, port))
        self._socket.settimeout(PATIENCE)

    @property
    def milliseconds(self) -> float:
        """The median round trip of a request and its first response."""
        return statistics.median(self._round_trips) * 1e3

    def run(self) -> None:
        """Make the calls."""
        with self._socket:
            for number in range(self._calls):
                try:
                    self._call(number)
                except TimeoutError:
                    self.lost += 1
                time.sleep(EVERY)

    def _call(self, number: int) -> None:
        here = "{}:{}".format(*self._socket.getsockname())
        invite = sipfast.Draft.request(
            "INVITE",
            f"sip:service@{HOST}:{self._port}",
            {
                "Via": f"SIP/2.0/UDP {here};rport;branch={sipfast.new_branch()}",
                "Max-Forwards": "70",
                "From": f"<sip:probe@{here}>;tag={sipfast.new_tag()}",
                "To": f"<sip:service@{HOST}:{self._port}>",
                "Call-ID": sipfast.new_call_id(),
                "CSeq": "1 INVITE",
                "Contact": f"<sip:probe@{here}>",
            },
        ).message
        assert isinstance(invite, sipfast.Request)
        self._ask(bytes(invite))
        accepted = self._receive(200)
        dialog = sipfast.Dialog.uac(invite, accepted)
        self._socket.send(bytes(dialog.ack(invite)))
        self._ask(bytes(dialog.request("BYE")))

    def _ask(self, request: bytes) -> None:
        """Send a request, and time the first response but 100."""
        started = time.perf_counter()
        self._socket.send(request)
        self._receive(180)
        self._round_trips.append(time.perf_counter() - started)

    def _receive(self, least: int) -> sipfast.Response:
        while True:
            response = sipfast.parse(self._socket.recv(65535))
            if isinstance(response, sipfast.Response) and response.status >= least:
                return response
