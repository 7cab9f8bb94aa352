"""Whole calls: every message that is derived is clean, and both parties agree about it."""

from __future__ import annotations

from typing import Any

import pytest

from sipfast import ParseError
from sipfast._engine import Engine

ALICE = {"Contact": "<sip:alice@192.0.2.7:5070>"}
BOB = {"Contact": "<sip:bob@192.0.2.30>"}
SDP = {"Content-Type": "application/sdp"}
BODY = b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
VIA = "SIP/2.0/UDP 192.0.2.7:5070;rport"
PROXY = "SIP/2.0/UDP p1.example.com;branch=z9hG4bK{}"


class Network:
    """A proxy between Alice and Bob, and the check of what they send."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.hops = 0

    def start(self, method: str, **fields: Any) -> Any:
        fresh = self.engine.module("message.fresh")
        headers = {
            "Via": f"{VIA};branch={fresh.new_branch()}",
            "Max-Forwards": 70,
            "From": f"Alice <sip:alice@example.org>;tag={fresh.new_tag()}",
            "To": "Bob <sip:bob@example.com>",
            "Call-ID": fresh.new_call_id(),
            "CSeq": f"1 {method}",
        }
        draft = self.engine.module("message.draft").Draft.request(
            method, "sip:bob@example.com", {**headers, **ALICE, **fields}
        )
        return self.checked(draft.message)

    def checked(self, message: Any) -> Any:
        """The message as another host reads it."""
        again: Any = self.engine.parse(bytes(message), strict=True)
        assert again.defects == ()
        return again

    def forward(self, request: Any) -> Any:
        """The request behind the proxy, which records its route."""
        draft = self.checked(request).edit()
        self.hops += 1
        draft.push("Via", PROXY.format(self.hops))
        if request.to.tag is None:
            draft.push("Record-Route", "<sip:p1.example.com;lr>")
        else:
            assert draft.pop("Route") == "<sip:p1.example.com;lr>"
        draft["Max-Forwards"] = request.max_forwards - 1
        return self.checked(draft)

    def back(self, response: Any) -> Any:
        """The response before the proxy."""
        draft = self.checked(response).edit()
        assert draft.pop("Via").startswith("SIP/2.0/UDP p1.example.com")
        return self.checked(draft)


@pytest.fixture
def network(engine: Engine) -> Network:
    return Network(engine)


def test_a_call(engine: Engine, network: Network) -> None:
    cls = engine.module("message.dialog").Dialog
    offer = network.start("INVITE")

    # The proxy asks for credentials.
    challenge = 'Digest realm="example.com", nonce="f84f1c", qop="auth", algorithm=SHA-256'
    refused = network.checked(offer.reply(407, headers={"Proxy-Authenticate": challenge}))
    assert network.checked(offer.ack(refused)).transaction_key == offer.transaction_key
    invite = network.checked(offer.authorized(refused, "alice", "wonderland"))
    assert invite.transaction_key != offer.transaction_key
    assert invite.proxy_authorization[0].check("wonderland", method="INVITE")

    # Bob rings, reliably, and answers.
    arrived = network.forward(invite)
    trying = network.back(arrived.reply(100))
    assert trying.client_transaction_key == invite.client_transaction_key
    ringing = network.back(arrived.reply(180, headers={**BOB, "Require": "100rel", "RSeq": 988789}))
    alice = cls.uac(invite, ringing)
    bob = cls.uas(arrived, arrived.reply(180, headers=BOB), "SIP/2.0/UDP 192.0.2.30")
    prack = network.forward(alice.prack(ringing))
    assert bob.receive_request(prack) is None
    assert str(prack.rack) == "988789 2 INVITE"
    alice.receive_response(network.back(prack.reply(200)))
    answer = network.back(arrived.reply(200, headers={**BOB, **SDP}, body=BODY))
    bob.confirm()
    alice.receive_response(answer)
    assert (alice.state, bob.state) == ("confirmed", "confirmed")
    ack = network.forward(invite.ack(answer))
    assert bob.receive_request(ack) is None
    assert (ack.cseq.number, ack.proxy_authorization) == (2, invite.proxy_authorization)
    assert ack.uri_text == "sip:bob@192.0.2.30"

    # Bob puts Alice on hold, from another address; she hangs up.
    moved = {"Contact": "<sip:bob@192.0.2.31>", **SDP}
    hold = network.checked(bob.request("INVITE", headers=moved, body=BODY))
    assert hold.headers["Route"] == "<sip:p1.example.com;lr>"
    assert alice.receive_request(hold) is None
    accepted = network.checked(hold.reply(200, headers={**ALICE, **SDP}, body=BODY))
    bob.receive_response(accepted)
    assert alice.receive_request(network.checked(bob.ack(hold))) is None
    bye = network.forward(alice.request("BYE"))
    assert bye.uri_text == "sip:bob@192.0.2.31"
    assert bob.receive_request(bye) is None
    alice.receive_response(network.back(bye.reply(200)))
    assert (alice.state, bob.state) == ("terminated", "terminated")


def test_a_cancelled_call(network: Network) -> None:
    invite = network.start("INVITE")
    arrived = network.forward(invite)
    cancel = network.checked(invite.cancel())
    assert cancel.transaction_key[:2] == invite.transaction_key[:2]
    assert network.checked(cancel.reply(200, to_tag="p")).cseq.method == "CANCEL"
    terminated = network.back(arrived.reply(487))
    ack = network.checked(invite.ack(terminated))
    assert ack.transaction_key == invite.transaction_key
    assert ack.to.tag == terminated.to.tag


def test_forks_make_dialogs_of_their_own(engine: Engine, network: Network) -> None:
    cls = engine.module("message.dialog").Dialog
    invite = network.start("INVITE")
    branches = [network.forward(invite) for _ in range(2)]
    dialogs = {}
    for branch in branches:
        dialog = cls.uac(invite, network.back(branch.reply(180, headers=BOB)))
        dialogs[dialog.id] = dialog
    assert len(dialogs) == 2
    answer = network.back(branches[0].reply(200, headers=BOB))
    dialogs[answer.dialog_id.as_uac].receive_response(answer)
    assert sorted(dialog.state for dialog in dialogs.values()) == ["confirmed", "early"]


def test_a_subscription(engine: Engine, network: Network) -> None:
    cls = engine.module("message.dialog").Dialog
    subscribe = network.start("SUBSCRIBE", Event="presence", Expires=600)
    arrived = network.forward(subscribe)
    accepted = arrived.reply(200, headers={**BOB, "Expires": 600})
    notifier = cls.uas(arrived, accepted, "SIP/2.0/UDP 192.0.2.30")
    subscriber = cls.uac(subscribe, network.back(accepted))
    state = {"Event": "presence", "Subscription-State": "active;expires=600"}
    notify = network.checked(notifier.request("NOTIFY", headers=state))
    assert notify.headers["Contact"] == BOB["Contact"]
    assert subscriber.receive_request(notify) is None
    notifier.receive_response(network.checked(notify.reply(200)))
    assert (notifier.local_cseq, subscriber.remote_cseq) == (notify.cseq.number,) * 2


def test_a_notify_may_come_first(engine: Engine, network: Network) -> None:
    cls = engine.module("message.dialog").Dialog
    subscribe = network.start("SUBSCRIBE", Event="presence", Expires=600)
    state = {"Event": "presence", "Subscription-State": "active;expires=600"}
    dialogs = {}
    for _ in range(2):
        arrived = network.forward(subscribe)
        accepted = arrived.reply(200, headers={**BOB, "Expires": 600})
        notifier = cls.uas(arrived, accepted, "SIP/2.0/UDP 192.0.2.30")
        draft = notifier.request("NOTIFY", headers=state).edit()
        draft["Record-Route"] = "<sip:p1.example.com;lr>"
        notify = network.checked(draft)
        dialog = cls.subscriber(subscribe, notify)
        dialogs[dialog.id] = dialog
        assert dialog.id == notify.dialog_id.as_uas
        again = network.forward(dialog.request("SUBSCRIBE", headers={"Event": "presence"}))
        assert notifier.receive_request(again) is None
        assert (again.uri_text, again.cseq.number) == ("sip:bob@192.0.2.30", 2)
        assert dialog.receive_request(notifier.request("NOTIFY", headers=state)) is None
    assert len(dialogs) == 2
    for one, other in ((subscribe, subscribe), (notify, notify)):
        with pytest.raises(ValueError, match="and a NOTIFY are required"):
            cls.subscriber(one, other)
    for old, new in ((subscribe.call_id, "other"), (subscribe.from_.tag, "other")):
        stray = network.checked(notify.raw.replace(old.encode(), new.encode()))
        with pytest.raises(ValueError, match="another subscription"):
            cls.subscriber(subscribe, stray)
    bare = notify.edit()
    bare["From"] = "<sip:bob@example.com>"
    with pytest.raises(ParseError) as caught:
        cls.subscriber(subscribe, bare.message)
    assert caught.value.code == "tag-missing"
