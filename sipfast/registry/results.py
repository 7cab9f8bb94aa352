"""What became of calls and registrations: the terms of the columns `result` and `hangup`."""

from __future__ import annotations

__all__ = ["CALLS", "REGISTRATIONS", "SIDES"]

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

REGISTRATIONS = {
    "registered": "已注册",
    "removed": "已注销",
    "refused": "已拒绝",
    "redirected": "改向",
    "challenged": "未通过认证",
    "unanswered": "无应答",
}
"""The same of registrations."""

SIDES = {"caller": "主叫", "callee": "被叫"}
"""The sides of a call."""
