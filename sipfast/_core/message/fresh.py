"""Fresh identifiers: branches, tags and Call-IDs, which nobody can guess (RFC 3261 19.3)."""

from __future__ import annotations

from sipfast import _late

__all__ = ["new_branch", "new_call_id", "new_tag"]


def new_branch() -> str:
    """A branch for a new transaction: the magic cookie and 16 hex digits (RFC 3261 8.1.1.7)."""
    return f"z9hG4bK{_late.secrets.token_hex(8)}"


def new_tag() -> str:
    """A tag for From or To: 8 hex digits (RFC 3261 19.3)."""
    return str(_late.secrets.token_hex(4))


def new_call_id() -> str:
    """A Call-ID: 32 hex digits (RFC 3261 8.1.1.4)."""
    return str(_late.secrets.token_hex(16))
