"""Reports: the traffic, failures and delays of captures as one self-contained HTML page."""

from __future__ import annotations
