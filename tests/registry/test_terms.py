"""The Chinese texts of the three tables say the same word for the same thing."""

from __future__ import annotations

import pytest

from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.methods import METHODS
from sipfast.registry.status import STATUSES

TEXTS = [
    *(text for row in STATUSES.values() for text in (row.zh, row.action_zh, row.phrase_zh)),
    *(text for row in METHODS.values() for text in (row.zh, row.action_zh)),
    *(row.zh for row in HEADER_NAMES),
]


@pytest.mark.parametrize(
    ("term", "others"),
    [
        ("凭据", ["凭证"]),
        ("转接", ["转移"]),
        ("前转", ["转移"]),
        ("消息", ["报文", "信息体"]),
        ("头字段", ["头域", "消息头", "报头"]),
        ("主叫", ["主叫方", "呼叫方"]),
        ("被叫", ["被叫方"]),
        ("发送方", ["发送者"]),
        ("接收方", ["接收者"]),
        ("质询", ["挑战"]),
        ("注册服务器", ["注册器", "登记服务器"]),
    ],
)
def test_one_word_for_one_thing(term: str, others: list[str]) -> None:
    assert any(term in text for text in TEXTS)
    assert [text for text in TEXTS if any(other in text for other in others)] == []
