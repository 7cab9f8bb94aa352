"""The registrar of the example proxy: what REGISTER does, as a table of steps and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sipfast
from examples.proxy.accounts import ALGORITHMS, Accounts, Digest, lines_for
from examples.proxy.answer import Refused
from examples.proxy.location import Location
from examples.proxy.registrar import Policy, Registrar, Where
from examples.proxy.routing import Domains
from examples.proxy.store import SQLiteStore
from sipfast.auth import Credentials

DOMAINS = Domains(["example.net", "example.com"], [("192.0.2.1", 5060)])
UDP: Where = ("192.0.2.7", 5070, "UDP", None, "")
TCP: Where = ("198.51.100.9", 40961, "TCP", 12, "here")
NOW = 1_700_000_000.0
INSTANCE = '"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'


def register(
    contacts: list[str], *, cseq: int = 1, call_id: str = "one@192.0.2.7", **more: Any
) -> sipfast.Request:
    """A REGISTER of Bob; `more` are further header fields, with _ for -."""
    headers: list[tuple[str, Any]] = [
        ("Via", "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKr1"),
        ("Max-Forwards", 70),
        ("From", "<sip:bob@example.net>;tag=1"),
        ("To", more.pop("to", "<sip:bob@example.net>")),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} REGISTER"),
        *[("Contact", contact) for contact in contacts],
        *[(name.replace("_", "-"), value) for name, value in more.items()],
    ]
    message = sipfast.Draft.request("REGISTER", "sip:example.net", headers).message
    assert isinstance(message, sipfast.Request)
    return message


class Steps:
    """A registrar, and what it answers to one REGISTER after another."""

    def __init__(self, path: Path) -> None:
        self.location = Location(SQLiteStore(str(path)))
        self.registrar = Registrar(self.location, DOMAINS, Policy(bindings=3))
        self.loop = asyncio.new_event_loop()

    def answer(
        self, request: sipfast.Request, now: float = NOW, where: Where = UDP, user: str = "bob"
    ) -> list[tuple[str, str]]:
        headers = self.loop.run_until_complete(self.registrar.register(request, user, now, where))
        return [(name, str(value)) for name, value in headers]

    def contacts(self, request: sipfast.Request, now: float = NOW, **more: Any) -> list[str]:
        return [value for name, value in self.answer(request, now, **more) if name == "Contact"]

    def refused(self, request: sipfast.Request, now: float = NOW, **more: Any) -> Refused:
        with pytest.raises(Refused) as caught:
            self.answer(request, now, **more)
        return caught.value

    def close(self) -> None:
        self.loop.run_until_complete(self.location.close())
        self.loop.close()


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    made = Steps(tmp_path / "location.sqlite")
    yield made
    made.close()


def test_bindings_are_listed_with_what_is_left(steps: Steps) -> None:
    first = register(["<sip:bob@192.0.2.7:5070>;q=0.5", "<sip:bob@192.0.2.8>;expires=120"])
    assert steps.contacts(first) == [
        "<sip:bob@192.0.2.7:5070>;q=0.5;expires=3600",
        "<sip:bob@192.0.2.8>;expires=120",
    ]
    assert steps.contacts(register([], cseq=2), NOW + 100) == [
        "<sip:bob@192.0.2.7:5070>;q=0.5;expires=3500",
        "<sip:bob@192.0.2.8>;expires=20",
    ]
    assert steps.contacts(register([], cseq=3), NOW + 121) == [
        "<sip:bob@192.0.2.7:5070>;q=0.5;expires=3479"
    ]


@pytest.mark.parametrize(
    ("expires", "parameter", "seconds"),
    [
        (None, "", 3600),
        (600, "", 600),
        (600, ";expires=90", 90),
        (None, ";expires=60", 60),
        (100_000, "", 7200),
    ],
)
def test_how_long_a_binding_lasts(
    steps: Steps, expires: int | None, parameter: str, seconds: int
) -> None:
    more: dict[str, Any] = {} if expires is None else {"Expires": expires}
    found = steps.contacts(register([f"<sip:bob@192.0.2.7>{parameter}"], **more))
    assert found == [f"<sip:bob@192.0.2.7>;expires={seconds}"]


def test_too_short_is_423(steps: Steps) -> None:
    refused = steps.refused(register(["<sip:bob@192.0.2.7>;expires=59"]))
    assert (refused.status, list(refused.headers)) == (423, [("Min-Expires", "60")])
    assert steps.contacts(register([], cseq=2)) == []


def test_a_binding_is_removed(steps: Steps) -> None:
    steps.contacts(register(["<sip:bob@192.0.2.7>", "<sip:bob@192.0.2.8>"]))
    assert steps.contacts(register(["<sip:bob@192.0.2.7>;expires=0"], cseq=2)) == [
        "<sip:bob@192.0.2.8>;expires=3600"
    ]
    assert steps.contacts(register(["*"], cseq=3, Expires=0)) == []


@pytest.mark.parametrize(
    ("contacts", "expires"),
    [(["*"], 60), (["*"], None), (["*", "<sip:bob@192.0.2.7>"], 0)],
)
def test_a_star_that_says_too_much_is_400(
    steps: Steps, contacts: list[str], expires: int | None
) -> None:
    steps.contacts(register(["<sip:bob@192.0.2.7>"]))
    more: dict[str, Any] = {} if expires is None else {"Expires": expires}
    assert steps.refused(register(contacts, cseq=2, **more)).status == 400
    assert len(steps.contacts(register([], cseq=3))) == 1


@pytest.mark.parametrize("contact", ["<sip:bob@192.0.2.7>;expires=0", "*"])
def test_what_is_older_changes_nothing(steps: Steps, contact: str) -> None:
    steps.contacts(register(["<sip:bob@192.0.2.7>"], cseq=5))
    for cseq in (4, 5):
        assert steps.refused(register([contact], cseq=cseq, Expires=0)).status == 500
    assert len(steps.contacts(register([], cseq=6))) == 1
    # another Call-ID has its own order
    assert steps.contacts(register([contact], cseq=1, call_id="two", Expires=0)) == []


def test_all_contacts_or_none(steps: Steps) -> None:
    steps.contacts(register(["<sip:bob@192.0.2.7>"], cseq=5))
    mixed = register(["<sip:bob@192.0.2.9>", "<sip:bob@192.0.2.7>"], cseq=5)
    assert steps.refused(mixed).status == 500
    assert len(steps.contacts(register([], cseq=6))) == 1


def test_equal_uris_are_one_binding(steps: Steps) -> None:
    steps.contacts(register(["<sip:bob@Example.ORG;transport=tcp>"]))
    again = register(["<sip:b%6Fb@example.org;transport=TCP>;expires=60"], cseq=2)
    assert steps.contacts(again) == ["<sip:b%6Fb@example.org;transport=TCP>;expires=60"]


def test_bounds(steps: Steps) -> None:
    four = [f"<sip:bob@192.0.2.{number}>" for number in range(10, 14)]
    assert steps.refused(register(four)).status == 403
    assert len(steps.contacts(register(four[:3]))) == 3
    assert steps.refused(register([four[3]], cseq=2)).status == 403
    assert steps.refused(register([f"<sip:{'b' * 1100}@192.0.2.7>"], cseq=3)).status == 400
    assert steps.refused(register(["<tel:+4930123>"], cseq=3)).status == 400
    long = f"<sip:{'p' * 1100}@192.0.2.5;lr>"
    assert steps.refused(register(four[:1], cseq=3, Path=long)).status == 513


@pytest.mark.parametrize(
    "host",
    [
        *("example.net", "192.0.2.1", "192.0.2.1:5060"),
        *("192.0.2.7;maddr=192.0.2.1", "pc.example.org;maddr=EXAMPLE.net"),
    ],
)
def test_a_contact_at_the_proxy_would_be_a_loop(steps: Steps, host: str) -> None:
    assert steps.refused(register([f"<sip:bob@{host}>"])).status == 403
    path = f"<sip:edge.example.org;lr>, <sip:{host};lr>"
    assert steps.refused(register(["<sip:bob@192.0.2.7>"], Path=path)).status == 403


def test_who_may_register_whom(steps: Steps) -> None:
    contact = ["<sip:bob@192.0.2.7>"]
    assert steps.refused(register(contact), user="alice").status == 403
    assert steps.refused(register(contact, to="<sip:bob@example.org>")).status == 404
    assert steps.refused(register(contact, to="<tel:+4930123>")).status == 404
    # Bob of example.net is not Bob of example.com
    assert steps.refused(register(contact, to="<sip:bob@example.com>")).status == 404
    assert steps.contacts(register(contact, to="<sip:bob@192.0.2.1>")) != []  # our address
    refused = steps.refused(register(contact, cseq=2, Require="path, 100rel"))
    assert (refused.status, list(refused.headers)) == (420, [("Unsupported", "100rel")])


def test_flows_and_path(steps: Steps) -> None:
    """RFC 5626: a flow is replaced by its instance and reg-id, whatever its URI."""
    flow = f"+sip.instance={INSTANCE};reg-id=1"
    answer = steps.answer(register([f"<sip:bob@10.0.0.5>;{flow}"], Supported="outbound"), where=TCP)
    assert ("Require", "outbound") in answer
    again = register([f"<sip:bob@10.0.0.6>;{flow}"], cseq=2, Supported="outbound")
    assert len(steps.contacts(again, where=TCP)) == 1
    (binding,) = steps.loop.run_until_complete(_found(steps.location))
    assert binding.flow == TCP

    path = "<sip:edge.example.net;lr>"
    answer = steps.answer(register(["<sip:bob@a>"], cseq=3, Path=path, Supported="path"))
    assert ("Path", path) in answer
    found = steps.loop.run_until_complete(_found(steps.location))
    assert [(binding.path, binding.flow) for binding in found] == [((), TCP), ((path,), None)]


async def _found(location: Location) -> Any:
    found = location.find("bob@example.net", NOW)
    return found if isinstance(found, tuple) else await found


@pytest.mark.parametrize(
    ("contact", "where", "has_flow"),
    [
        ("<sip:bob@192.0.2.7>", UDP, False),
        ("<sip:bob@10.0.0.5>", UDP, True),
        ("<sip:bob@192.0.2.7;maddr=198.51.100.7>", UDP, True),
        ("<sip:bob@pc.example.org>", UDP, False),
        ("<sip:bob@[2001:DB8::1]>", ("2001:db8::1", 5060, "UDP", None, ""), False),
        ("<sip:bob@192.0.2.7;transport=tcp>", TCP, True),
        ("<sip:bob@f81d.invalid;transport=ws>", TCP, True),
    ],
)
def test_a_contact_that_leads_nowhere_is_reached_where_it_came_from(
    steps: Steps, contact: str, where: Where, has_flow: bool
) -> None:
    steps.contacts(register([contact]), where=where)
    (binding,) = steps.loop.run_until_complete(_found(steps.location))
    assert binding.flow == (where if has_flow else None)


# ---- digest -------------------------------------------------------------------------------------

USERS = "\n".join(lines_for("bob", "example.net", "zanzibar"))
SECRET = b"sixteen bytes or more, for tests"


def challenged(digest: Digest, request: sipfast.Request, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        digest.user_of(request, "example.net", **more)
    return caught.value


def answered(
    refused: Refused, algorithm: str, *, password: str = "zanzibar", user: str = "bob", nc: int = 1
) -> sipfast.Request:
    """A REGISTER with credentials for the challenge with this algorithm."""
    request = register(["<sip:bob@192.0.2.7>"])
    response = request.reply(refused.status, headers=refused.headers)
    (challenge,) = [each for each in response.www_authenticate if each.algorithm == algorithm]
    credentials = challenge.answer(user, password, "REGISTER", "sip:example.net", nc=nc)
    draft = request.edit()
    draft["Authorization"] = credentials
    message = draft.message
    assert isinstance(message, sipfast.Request)
    return message


def test_challenges_are_offered_in_their_order() -> None:
    refused = challenged(Digest(Accounts(USERS), SECRET), register([]))
    found = register([]).reply(401, headers=refused.headers).www_authenticate
    assert refused.status == 401
    assert [challenge.algorithm for challenge in found] == list(ALGORITHMS)
    assert {challenge.realm for challenge in found} == {"example.net"}
    assert not any(challenge.stale for challenge in found)
    proxy = challenged(Digest(Accounts(USERS), SECRET), register([]), proxy=True)
    assert (proxy.status, proxy.headers[0][0]) == (407, "Proxy-Authenticate")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm(algorithm: str) -> None:
    digest = Digest(Accounts(USERS), SECRET)
    request = answered(challenged(digest, register([])), algorithm)
    assert digest.user_of(request, "example.net") == "bob"
    # the same count again is a replay; the password was right, so the nonce is stale
    refused = challenged(digest, request)
    assert all("stale=true" in str(value) for _, value in refused.headers)
    assert digest.user_of(answered(refused, algorithm), "example.net") == "bob"


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"user": "alice"}, {"user": "nobody"}],
    ids=["password", "another user's", "unknown user"],
)
def test_wrong_credentials(wrong: dict[str, Any]) -> None:
    users = USERS + "\n" + "\n".join(lines_for("alice", "example.net", "secret"))
    digest = Digest(Accounts(users), SECRET)
    refused = challenged(digest, answered(challenged(digest, register([])), "MD5", **wrong))
    assert refused.status == 401
    assert not any("stale" in str(value) for _, value in refused.headers)


def _changed(request: sipfast.Request, **parts: str | None) -> sipfast.Request:
    (credentials,) = request.authorization
    parameters = {**credentials.parameters, **parts}
    draft = request.edit()
    kept = [(name, value) for name, value in parameters.items() if value is not None]
    draft["Authorization"] = Credentials("Digest", kept)
    message = draft.message
    assert isinstance(message, sipfast.Request)
    return message


@pytest.mark.parametrize(
    "parts",
    [
        {"realm": "example.org"},
        {"uri": "sip:example.org"},
        {"algorithm": "MD4"},
        {"algorithm": "MD5"},
        {"response": "0" * 64},
        {"nc": "00000002"},
        {"nc": "1"},
        {"cnonce": "other"},
        {"qop": None},
        {"nonce": "00000000"},
        {"username": "bob2"},
    ],
    ids=str,
)
def test_changed_credentials(parts: dict[str, str | None]) -> None:
    digest = Digest(Accounts(USERS), SECRET)
    request = answered(challenged(digest, register([])), "SHA-256")
    assert challenged(digest, _changed(request, **parts)).status == 401


def test_an_old_nonce_is_stale() -> None:
    old = Digest(Accounts(USERS), SECRET, lifetime=0.001)
    refused = challenged(old, register([]))
    request = answered(refused, "SHA-256")
    import time

    time.sleep(0.01)
    assert "stale=true" in str(challenged(old, request).headers[0][1])
    # with a wrong password, the user agent has to ask its user
    wrong = answered(refused, "SHA-256", password="wrong")
    assert "stale" not in str(challenged(old, wrong).headers[0][1])
    # another worker's nonce
    other = Digest(Accounts(USERS), SECRET + b"1")
    assert "stale=true" in str(challenged(other, request).headers[0][1])


def test_users_of_another_realm_are_nobody_here() -> None:
    digest = Digest(Accounts("\n".join(lines_for("bob", "example.org", "x"))), SECRET)
    assert challenged(digest, register([])).status == 403  # no algorithm to offer


@pytest.mark.parametrize("line", ["bob", "bob:example.net:MD4:00", "bob:example.net:MD5:00"])
def test_malformed_users(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        Accounts("# users\n" + line)


def test_users_have_printable_names() -> None:
    with pytest.raises(ValueError, match="colon"):
        lines_for("a:b", "example.net", "x")
