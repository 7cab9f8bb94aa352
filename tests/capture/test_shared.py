"""Captures of other projects, from the folder `SIPFAST_SHARED`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import sipfast.capture
from sipfast.capture import CaptureError
from sipfast.capture.recognise import why_not_sip

SHARED = os.environ.get("SIPFAST_SHARED")

pytestmark = pytest.mark.skipif(not SHARED, reason="SIPFAST_SHARED is not set")

CAPTURES = Path(SHARED or "") / "captures"

# For each file, the number of datagrams that may be SIP, and of skipped packets. The sums of UDP
# payloads and their bytes agree with an independent reader.
COUNTS: dict[str, tuple[int, dict[str, int]]] = {
    "NormB-sipnab/Asterisk_ZFONE_XLITE.pcap": (
        27,
        {"rtcp": 7, "rtp": 997, "not SIP": 10, "keep-alive": 1},
    ),
    "NormB-sipnab/DTMFsipinfo.pcap": (32, {}),
    "NormB-sipnab/SIP_CALL_RTP_G711": (
        14,
        {
            "tcp": 522,
            "not SIP": 654,
            "not IP": 162,
            "arp": 2,
            "keep-alive": 3,
            "rtp": 2884,
            "rtcp": 28,
        },
    ),
    "NormB-sipnab/SIP_DTMF2.cap": (29, {"rtp": 1331}),
    "NormB-sipnab/b2bua-asterisk.pcapng": (60, {"rtp": 356}),
    "NormB-sipnab/c07-sip-r2.cap": (32, {"rtp": 2, "not SIP": 5}),
    "NormB-sipnab/codec-negotiation.pcap": (10, {"rtp": 604}),
    "NormB-sipnab/h263-over-rtp.pcap": (4, {"rtp": 45}),
    "NormB-sipnab/http-example.cap": (0, {"tcp": 41, "not SIP": 2}),
    "NormB-sipnab/invite-opus-bye.pcap": (7, {"rtp": 304}),
    "NormB-sipnab/metasploit-sip-invite-spoof.pcap": (2, {"icmp": 1}),
    "NormB-sipnab/register-invite-reinvite-bye.pcap": (12, {"rtp": 218}),
    "NormB-sipnab/rtp-protocol.pcap": (9, {"rtp": 248, "rtcp": 2}),
    "NormB-sipnab/rtsp-interleaved-tcp.cap": (0, {"tcp": 1}),
    "NormB-sipnab/rtsp-packets.cap": (0, {"tcp": 20}),
    "NormB-sipnab/sip-488-codec-reject.pcapng": (13, {}),
    "NormB-sipnab/sip-auth-failure.pcapng": (8, {}),
    "NormB-sipnab/sip-over-tcp.pcap": (7, {"tcp": 9, "rtp": 66, "rtcp": 2}),
    "NormB-sipnab/sip-proxy.pcap": (11, {}),
    "NormB-sipnab/sip-register.pcap": (2, {}),
    "NormB-sipnab/sip-routing-error.pcapng": (58, {}),
    "NormB-sipnab/sip-rtp-g711.pcap": (10, {"not SIP": 3, "rtp": 839}),
    "NormB-sipnab/sip-rtp-g722.pcap": (6, {"not SIP": 2, "rtp": 425}),
    "NormB-sipnab/sip-rtp-g729a.pcap": (6, {"not SIP": 2, "rtp": 425}),
    "NormB-sipnab/sip-rtp-opus-hybrid.pcap": (2, {"rtp": 5}),
    "NormB-sipnab/sip-sdp-example.pcap": (7, {}),
    "NormB-sipnab/sip_call.pcap": (7, {}),
    "NormB-sipnab/sipp-branch-scenario.pcapng": (8989, {}),
    "NormB-sipnab/speech_8k_ulaw.pcap": (0, {"rtp": 835}),
    "NormB-sipnab/udp_5060.pcap": (10, {}),
    "NormB-sipnab/voicecmd_combined.pcap": (0, {"rtp": 2832}),
    "OISF-suricata-verify/sip-body-frames.pcap": (10, {}),
    "OISF-suricata-verify/sip-body-large.pcap": (2, {"tcp": 10}),
    "OISF-suricata-verify/sip-compact-form.pcap": (1, {}),
    "OISF-suricata-verify/sip-header-multi-value.pcap": (1, {}),
    "OISF-suricata-verify/sip-method.pcap": (
        81,
        {"rtp": 143, "arp": 44, "not SIP": 342, "rtcp": 3, "tcp": 57, "keep-alive": 21},
    ),
    "OISF-suricata-verify/sip-options-method.pcap": (2, {}),
    "OISF-suricata-verify/sip-pattern-matching.pcap": (2, {}),
    "OISF-suricata-verify/sip-sdp.pcap": (2, {}),
    "OISF-suricata-verify/sip-ssdp-pm.pcap": (0, {"not SIP": 1}),
    "OISF-suricata-verify/sip-tcp-method.pcap": (2, {"tcp": 8}),
    "OISF-suricata-verify/sip-tcp-pattern-matching.pcap": (2, {"tcp": 5}),
    "ntop-nDPI/FAX-Call-t38-CA-TDM-SIP-FB-1.pcap": (92, {"not SIP": 130, "rtp": 1330}),
    "ntop-nDPI/h323.pcap": (0, {"tcp": 60, "not SIP": 15}),
    "ntop-nDPI/http_on_sip_port.pcap": (0, {"tcp": 4}),
    "ntop-nDPI/sip.pcap": (81, {"keep-alive": 21, "rtp": 9, "rtcp": 1}),
    "ntop-nDPI/sip_hello.pcapng": (8, {"keep-alive": 22}),
    "profuzzbench-profuzzbench/sip-1.pcap": (16, {}),
    "profuzzbench-profuzzbench/sip-1.raw": (4, {}),
    "seladb-PcapPlusPlus/sip_non_default_port.pcap": (2, {}),
    "seladb-PcapPlusPlus/sip_not_sdp.pcap": (1, {}),
    "seladb-PcapPlusPlus/sip_reqs.pcap": (4, {}),
    "seladb-PcapPlusPlus/sip_resp.pcap": (7, {}),
    "zeek-zeek/invalid-content-length.pcap": (2, {}),
    "zeek-zeek/sip-junk-before-request.pcap": (1, {"keep-alive": 1}),
    "zeek-zeek/sip-long-request-response-paths.pcap": (2, {}),
    "zeek-zeek/wireshark.pcap": (81, {}),
}

REFUSED = {
    "README.md": "it begins with",
    "SOURCES.tsv": "it begins with",
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    with sipfast.capture.open(CAPTURES / name) as capture:
        datagrams = list(capture)
    assert (len(datagrams), capture.skipped) == COUNTS[name]
    assert capture.position == capture.size


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(CaptureError, match=REFUSED[name]):
        sipfast.capture.open(CAPTURES / name)


def test_no_file_is_left_out() -> None:
    files = {path.relative_to(CAPTURES).as_posix() for path in CAPTURES.rglob("*.*")}
    assert files <= COUNTS.keys() | REFUSED.keys()


def test_torture_messages_are_handed_on_at_any_port() -> None:
    """RFC 4475; the parser reports the malformed ones."""
    files = sorted((CAPTURES.parent / "conformance" / "rfc4475").glob("*.dat"))
    assert len(files) >= 49
    for file in files:
        data = file.read_bytes()
        assert why_not_sip(data, 0, len(data), 40000, 40001) is None, file.name
        with sipfast.capture.open(file) as capture:
            assert capture.format == "messages"
            assert next(iter(capture)).offset == 0
