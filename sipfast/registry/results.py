"""What became of calls and registrations: the terms of the columns `result` and `hangup`."""

from __future__ import annotations

__all__ = ["CALLS", "FAILED_CALLS", "FAILED_REGISTRATIONS", "REGISTRATIONS", "SIDES"]

CALLS = {
    "answered": "已应答",
    "busy": "忙",
    "declined": "拒接",
    "cancelled": "主叫取消",
    "no answer": "无人接听",
    "redirected": "改向",
    "challenged": "未通过认证",
    "failed": "失败",
    "unfinished": "未完成",
}
"""The results of calls, and their names in Chinese; docs/calls.md says what they are."""

FAILED_CALLS = tuple([result for result in CALLS if result not in ("answered", "redirected")])
"""Those of failed calls: what the Session Establishment Ratio (RFC 6076 4.6) has no success in.

Who ended the attempt makes no difference there: the network, the callee, or the caller.
"""

REGISTRATIONS = {
    "registered": "已注册",
    "removed": "已注销",
    "refused": "已拒绝",
    "redirected": "改向",
    "challenged": "未通过认证",
    "unanswered": "无应答",
}
"""The same of registrations."""

FAILED_REGISTRATIONS = ("refused", "challenged", "unanswered")
"""Those of failed registrations: without a 2xx, and without another place to register at."""

SIDES = {"caller": "主叫", "callee": "被叫"}
"""The sides of a call."""
