"""The tables of SQL by name: what the shipped queries make of messages, and its documentation."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CALLS", "METRICS", "REGISTRATIONS", "TABLES", "TRANSACTIONS", "TableColumn"]


class TableColumn(NamedTuple):
    """A column of a table: its name, its type, where its rule stands, and its meaning."""

    name: str
    type: str
    source: str
    text: str


TEXT, NUMBER, SECONDS, PERCENT = "text", "number", "seconds", "percent"
TIME, BOOLEAN = "time", "boolean"

# fmt: off
TRANSACTIONS = (
    TableColumn("call_id", TEXT, "RFC 3261 20.8", "Call-ID; with cseq_number, method and branch, the key"),
    TableColumn("cseq_number", NUMBER, "RFC 3261 20.16", "the number of CSeq"),
    TableColumn("method", TEXT, "RFC 3261 20.16", "the method of CSeq"),
    TableColumn("branch", TEXT, "RFC 3261 17.1.3", "the branch of the topmost Via, which every hop makes anew: a proxy captured on both sides gives two transactions"),
    TableColumn("start", TIME, "", "the first message"),
    TableColumn("finish", TIME, "", "the last message"),
    TableColumn("packet", NUMBER, "", "the lowest number of their packets"),
    TableColumn("file", TEXT, "", "the file of the request"),
    TableColumn("request_time", TIME, "", "the first request; null where only responses were captured"),
    TableColumn("progress_time", TIME, "", "the first provisional response other than 100"),
    TableColumn("final_time", TIME, "", "the first final response"),
    TableColumn("source_address", TEXT, "", "the address of the client: the sender of the request, or the receiver of the responses"),
    TableColumn("source_port", NUMBER, "", "its port"),
    TableColumn("destination_address", TEXT, "", "the address of the server"),
    TableColumn("destination_port", NUMBER, "", "its port"),
    TableColumn("from_user", TEXT, "RFC 3261 20.20", "the user of From"),
    TableColumn("from_host", TEXT, "RFC 3261 20.20", "the host of From"),
    TableColumn("from_tag", TEXT, "RFC 3261 19.3", "the tag of From"),
    TableColumn("to_user", TEXT, "RFC 3261 20.39", "the user of To"),
    TableColumn("to_host", TEXT, "RFC 3261 20.39", "the host of To"),
    TableColumn("uri_user", TEXT, "RFC 3261 7.1", "the user of the Request-URI"),
    TableColumn("uri_host", TEXT, "RFC 3261 7.1", "the host of the Request-URI"),
    TableColumn("is_initial", BOOLEAN, "RFC 3261 12.2", "whether the request is outside a dialog: its To has no tag; null without a request"),
    TableColumn("progress", NUMBER, "RFC 3261 21.1", "the status of the first provisional response other than 100, such as 180 or 183"),
    TableColumn("status", NUMBER, "RFC 3261 17.1.1", "the status of the first final response, of several at the same time the lowest; null without one"),
    TableColumn("reason", TEXT, "RFC 3261 7.2", "its reason phrase"),
    TableColumn("delay", SECONDS, "", "from the first request to the first final response"),
    TableColumn("requests", NUMBER, "", "the requests, with retransmissions"),
    TableColumn("responses", NUMBER, "", "the responses, with retransmissions"),
    TableColumn("messages", NUMBER, "", "requests and responses"),
    TableColumn("retransmissions", NUMBER, "docs/capture.md", "the messages that repeat one; duplicates of a mirror port are left out"),
    TableColumn("cause", NUMBER, "RFC 3326 2", "the cause of the last Reason: below 128 of Q.850, from 200 on a status code of SIP"),
    TableColumn("user_agent", TEXT, "RFC 3261 20.41", "the software of the client"),
    TableColumn("server", TEXT, "RFC 3261 20.35", "the software of the server"),
    TableColumn("codecs", TEXT, "RFC 3264", "the codecs in the request, with commas: an offer, or in an ACK an answer"),
    TableColumn("answer", TEXT, "RFC 3264", "the codecs in the last response below 300 that has any"),
    TableColumn("contact_user", TEXT, "RFC 3261 10.2.1", "of a REGISTER, the user of its first Contact"),
    TableColumn("contact_host", TEXT, "RFC 3261 10.2.1", "its host"),
    TableColumn("asked_expires", NUMBER, "RFC 3261 10.2.1.1", "of a REGISTER, the seconds that it asks for: expires of its first Contact, or else Expires"),
    TableColumn("granted_expires", NUMBER, "RFC 3261 10.3", "the seconds in its 2xx, likewise"),
)
"""A row for each transaction on each hop."""

CALLS = (
    TableColumn("call_id", TEXT, "RFC 3261 20.8", "Call-ID; a row for each that has an INVITE"),
    TableColumn("start", TIME, "", "the first message"),
    TableColumn("finish", TIME, "", "the last message"),
    TableColumn("caller", TEXT, "", "from_user, or else from_host"),
    TableColumn("callee", TEXT, "", "the user of the Request-URI, or else to_user, or else a host"),
    TableColumn("from_user", TEXT, "RFC 3261 20.20", "the user of From of the first INVITE, as the columns below"),
    TableColumn("from_host", TEXT, "RFC 3261 20.20", "the host of From"),
    TableColumn("to_user", TEXT, "RFC 3261 20.39", "the user of To"),
    TableColumn("to_host", TEXT, "RFC 3261 20.39", "the host of To"),
    TableColumn("source_address", TEXT, "", "the address that sent it"),
    TableColumn("source_port", NUMBER, "", "its port"),
    TableColumn("destination_address", TEXT, "", "the address that received it"),
    TableColumn("destination_port", NUMBER, "", "its port"),
    TableColumn("result", TEXT, "", "answered, busy, declined, cancelled, no answer, redirected, challenged, failed or unfinished"),
    TableColumn("status", NUMBER, "RFC 3261 21", "the final status of the INVITE: the first 2xx, or else the last failure or redirection of the last attempt; null without one, or where the capture begins within the call"),
    TableColumn("reason", TEXT, "RFC 3261 7.2", "its reason phrase"),
    TableColumn("progress", NUMBER, "RFC 3261 21.1", "the first provisional status other than 100: 180 or 183, say; null without one"),
    TableColumn("post_dial_delay", SECONDS, "RFC 6076 4.3", "Session Request Delay (SRD): from the first INVITE to the first provisional response other than 100, or else to the 2xx, or else to the first failure other than 401, 402 and 407; challenges are a part of it"),
    TableColumn("setup_time", SECONDS, "", "from the first INVITE to the 2xx"),
    TableColumn("answered", TIME, "", "when the first 2xx was sent"),
    TableColumn("hung_up", TIME, "", "when the first BYE was sent"),
    TableColumn("duration", SECONDS, "RFC 6076 4.5", "Session Duration Time (SDT): from the 2xx to the BYE"),
    TableColumn("disconnect_delay", SECONDS, "RFC 6076 4.4", "Session Disconnect Delay (SDD): from the first BYE to a 2xx for a BYE"),
    TableColumn("hangup", TEXT, "RFC 3261 15", "caller or callee: who sent the first BYE"),
    TableColumn("bye_status", NUMBER, "RFC 3261 15.1", "the final status of the BYE; of several, the lowest"),
    TableColumn("cause", NUMBER, "RFC 3326 2", "the cause of Reason in the first BYE, or else in the last response to an INVITE, or else in the first CANCEL: below 128 of Q.850, from 200 on a status code of SIP"),
    TableColumn("codecs", TEXT, "RFC 3264", "the codecs of the answer that the offer has too, with commas: of INVITE and 2xx, or else of its provisional responses; of 2xx and ACK if the INVITE has no offer"),
    TableColumn("retransmissions", NUMBER, "docs/capture.md", "the messages that repeat one"),
    TableColumn("caller_agent", TEXT, "RFC 3261 20.41", "the software in the first INVITE"),
    TableColumn("callee_agent", TEXT, "RFC 3261 20.35", "the software in the 2xx, or in the failure"),
    TableColumn("messages", NUMBER, "", "all messages of the Call-ID but REGISTERs"),
    TableColumn("invites", NUMBER, "", "the INVITEs outside a dialog, without retransmissions: several with authentication, redirection or forking, and on both sides of a proxy; 0 where the capture has none"),
    TableColumn("correlation", TEXT, "", "what calls are legs of one another by, with `correlate`: the value in the first INVITE, or else the Call-ID; null without it"),
    TableColumn("legs", NUMBER, "", "the calls of this correlation; 1 without"),
    TableColumn("file", TEXT, "", "the file of the first INVITE"),
)
"""A row for each Call-ID with an INVITE."""

REGISTRATIONS = (
    TableColumn("call_id", TEXT, "RFC 3261 10.2", "Call-ID, which a device keeps for its refreshes; with to_user and to_host, the key"),
    TableColumn("to_user", TEXT, "RFC 3261 10.2", "the user of To: who is registered"),
    TableColumn("to_host", TEXT, "RFC 3261 10.2", "the host of To"),
    TableColumn("start", TIME, "", "the first message"),
    TableColumn("finish", TIME, "", "the last message"),
    TableColumn("source_address", TEXT, "", "the address that sent the first REGISTER"),
    TableColumn("source_port", NUMBER, "", "its port"),
    TableColumn("destination_address", TEXT, "", "the address that received it"),
    TableColumn("destination_port", NUMBER, "", "its port"),
    TableColumn("contact_user", TEXT, "RFC 3261 10.2.1", "the user of the first Contact of the last REGISTER"),
    TableColumn("contact_host", TEXT, "RFC 3261 10.2.1", "its host"),
    TableColumn("user_agent", TEXT, "RFC 3261 20.41", "the software of the device"),
    TableColumn("result", TEXT, "", "registered, removed, refused, redirected, challenged or unanswered, at the last attempt"),
    TableColumn("status", NUMBER, "RFC 3261 10.3", "the final status of the last attempt; null without one"),
    TableColumn("reason", TEXT, "RFC 3261 7.2", "its reason phrase"),
    TableColumn("expires", NUMBER, "RFC 3261 10.3", "the seconds that the last 2xx granted: expires of its first Contact, or else Expires"),
    TableColumn("delay", SECONDS, "RFC 6076 4.1", "Registration Request Delay (RRD), the average: from the REGISTER to the 2xx, through challenges"),
    TableColumn("attempts", NUMBER, "RFC 6076 4.2", "the REGISTERs, where one that answers a challenge within 32 seconds belongs to the one before"),
    TableColumn("accepted", NUMBER, "RFC 3261 10.3", "the attempts that got a 2xx"),
    TableColumn("refreshes", NUMBER, "RFC 3261 10.2.4", "those after the first"),
    TableColumn("refused", NUMBER, "RFC 6076 4.2", "the attempts that got a 4xx, 5xx or 6xx other than 401, 402 and 407"),
    TableColumn("unanswered", NUMBER, "RFC 6076 4.2", "the attempts without a final response"),
    TableColumn("challenges", NUMBER, "RFC 3261 22", "the responses 401 and 407"),
    TableColumn("retransmissions", NUMBER, "docs/capture.md", "the messages that repeat one"),
    TableColumn("messages", NUMBER, "", "all messages"),
    TableColumn("file", TEXT, "", "the file of the first REGISTER"),
)
"""A row for each Call-ID and address-of-record that is registered."""

METRICS = (
    TableColumn("scope", TEXT, "", "all, source_address or destination_address: what a row is of"),
    TableColumn("host", TEXT, "", "the address, that of the first INVITE or REGISTER; null for all"),
    TableColumn("attempts", NUMBER, "RFC 6076 4.6", "the calls whose INVITE was captured"),
    TableColumn("answers", NUMBER, "RFC 6076 4.6", "those that were answered"),
    TableColumn("asr", PERCENT, "ITU-T E.411", "Answer-Seizure Ratio: answered calls of all, in percent"),
    TableColumn("ner", PERCENT, "ITU-T E.425", "Network Effectiveness Ratio: calls that reached the callee (answered, busy, declined, no answer, cancelled while it rang) of all, in percent"),
    TableColumn("ser", PERCENT, "RFC 6076 4.6", "Session Establishment Ratio: answered calls of those without a 3xx, in percent"),
    TableColumn("seer", PERCENT, "RFC 6076 4.7", "Session Establishment Effectiveness Ratio: calls with 2xx, 480, 486, 600 or 603 of those without a 3xx, in percent"),
    TableColumn("isa", PERCENT, "RFC 6076 4.8", "Ineffective Session Attempts: calls with 408, 500, 503 or 504 of all, in percent"),
    TableColumn("scr", PERCENT, "RFC 6076 4.9", "Session Completion Ratio: calls that were answered and whose BYE got a 2xx, of all, in percent"),
    TableColumn("srd_successful", SECONDS, "RFC 6076 4.3.1", "Session Request Delay of answered calls, the average in seconds"),
    TableColumn("srd_failed", SECONDS, "RFC 6076 4.3.2", "the same of calls with a 4xx, 5xx or 6xx"),
    TableColumn("sdd", SECONDS, "RFC 6076 4.4", "Session Disconnect Delay, the average in seconds"),
    TableColumn("sdd_failures", NUMBER, "RFC 6076 4.4", "the calls whose BYE got no 2xx"),
    TableColumn("sdt", SECONDS, "RFC 6076 4.5.1", "Session Duration Time, the average in seconds, of calls whose BYE got a 2xx"),
    TableColumn("registrations", NUMBER, "RFC 6076 4.2", "the attempts to register"),
    TableColumn("rrd", SECONDS, "RFC 6076 4.1", "Registration Request Delay, the average in seconds"),
    TableColumn("ira", PERCENT, "RFC 6076 4.2", "Ineffective Registration Attempts: those refused or unanswered of all, in percent"),
    TableColumn("retransmissions", NUMBER, "docs/capture.md", "the messages of calls and registrations that repeat one"),
    TableColumn("messages", NUMBER, "", "their messages"),
)
"""A row for all, and one for each sending and each receiving host."""
# fmt: on

TABLES = {
    "transactions": TRANSACTIONS,
    "calls": CALLS,
    "registrations": REGISTRATIONS,
    "metrics": METRICS,
}
"""Every table but `messages`, by name."""
