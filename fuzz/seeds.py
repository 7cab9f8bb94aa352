"""The seeds of the fuzzer: messages, header values, URIs, bodies and credentials, all small.

They come from `bench_data/`, from the texts below, and from RFC 4475 if available.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from bench_data import corpus
from benchmarks.worst import WORST
from fuzz.inputs import APART, CHOICES, KINDS
from fuzz.inputs import BUILT as CLASSES
from fuzz.names import ROOT
from fuzz.values import FIELDS, NAMES
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

DATA = ROOT / "bench_data"
MIXED = 200
"""The number of messages of the mixed corpus: the others are similar."""

HOSTILE = 1200
"""The bytes of a hostile header block: room for 400 fields."""

LONGEST_FIELD = 256
"""The maximum bytes of a single header field."""

LONGEST_COUNTED = 2000
"""The maximum bytes of one of two messages that are counted."""

VALUES = {
    "Via": '[2001:db8::9:1]:5060;branch=z9hG4bK8;received=192.0.2.1;rport=9;ttl=1;maddr="é"',
    "From": '"A. \\"G.\\" Bell é" <sip:agb@bell-telephone.example;transport=tcp?a=b>;tag=a48s',
    "Contact": '"é, <中>" <sip:a@b>;q=0.7;expires=3600;+sip.instance="<urn:uuid:f81d>";reg-id=1;'
    'methods="INVITE,BYE", *, sip:c@d;expires=0',
    "Authorization": 'Digest username="Mufasa",realm="é",nonce="dcd98b",uri="sip:a@b",qop=auth,'
    'nc=00000001,cnonce="0a4f",response="6629fae49393a05397450978507c4ef1",algorithm=SHA-256,'
    "userhash=true,username*=UTF-8''J%C3%A4s",
    "WWW-Authenticate": 'Digest realm="b.example",domain="sip:a sip:c",nonce="8452cd5a",opaque="",'
    'stale=TRUE,algorithm=MD5-sess,qop="auth, auth-int",charset=UTF-8,userhash=true',
    "Authentication-Info": 'nextnonce="47364c23432d2e131a5fb210812c",qop=auth,rspauth="6629fae4",'
    'cnonce="0a4f113b",nc=00000001',
    "Identity": 'a.b.YQ;n="éé";info=<https://good.example/c>;alg=ES256;ppt="shaken"',
    "History-Info": "<sip:b@example.com?Reason=SIP%3Bcause%3D302>;index=1.2;rc=1;mp=1",
    "Diversion": '"é" <sip:b@c>;reason=no-answer;counter=2;limit=5;privacy=full;screen=no',
    "Remote-Party-ID": '"é" <sip:b@c>;party=calling;screen=yes;privacy=full;id-type=user',
    "P-Asserted-Identity": '"C é" <sip:c@d>, tel:+1-201-555-0123;phone-context=example.com',
    "Event": "dialog;id=7;call-id=1;from-tag=2",
    "Subscription-State": "terminated;reason=rejected;retry-after=60;expires=0",
    "Reason": 'SIP;cause=200;text="Call é completed", Q.850;cause=16;location=LN',
    "Warning": '307 isi.example "Session é \\"x\\"", 301 [::1]:5 "y"',
    "Date": "Sat, 13 Nov 2010 23:29:00 GMT",
    "Session-Expires": "4000;refresher=uac",
    "Min-SE": "60;é=1",
    "Retry-After": "18000 (in a meeting (é \\) no)) ;duration=3600",
    "Timestamp": "54.123 0.5",
    "CSeq": "4711 INVITE",
    "RAck": "776656 1 INVITE",
    "Replaces": "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only",
    "Join": "1@a;from-tag=2;to-tag=3",
    "Target-Dialog": "1@a;local-tag=2;remote-tag=3",
    "Session-ID": "ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2",
    "User-to-User": '56a390f3d2b7310023a2;encoding=hex;purpose="é";content=isdn-uui',
    "P-Charging-Vector": 'icid-value="1234é";icid-generated-at=192.0.6.8;orig-ioi=a;term-ioi="b"',
    "P-Charging-Function-Addresses": "ccf=192.0.8.1;ecf=192.0.8.3;ccf=[::1]",
    "P-Access-Network-Info": '3GPP-E-UTRAN-FDD;utran-cell-id-3gpp="é";np;network-provided',
    "P-Visited-Network-ID": '"Visited é network", other.net;x=1',
    "P-Served-User": "<sip:a@b>;sescase=orig;regstate=reg;orig-cdiv",
    "Security-Client": 'tls;q=0.2;d-alg=md5;d-ver="0000000000000000000000000000a029", digest',
    "Content-Type": 'multipart/mixed; boundary="é b" ;charset=utf-8',
    "Content-Disposition": "session;handling=optional;x",
    "Accept": "application/sdp;level=1, application/*;q=0.5, */*;q=0.000",
    "Accept-Encoding": "gzip;q=1.0, identity;q=0.5, *;q=0",
    "User-Agent": "Softphone/2.4 (é \\( nested (x)) beta) lib/1",
    "Feature-Caps": '*;+g.3gpp.srvcc;+sip.x="<é>"',
    "Accept-Contact": '*;audio;require;explicit;methods="INVITE,é";+sip.a="#<5"',
    "Answer-Mode": "Manual;require",
    "Info-Package": "foo;x=é",
    "Call-Info": '<http://www.example.com/é/>;purpose=icon, <sip:a>;m="1"',
    "Referred-By": '"é" <sip:r@ref.example>;cid="20398823.2UWQFN309shb3@ref.example"',
    "Privacy": "id; header;user ;critical",
    "Resource-Priority": "dsn.flash, q735.3",
    "Subject": "é 中 😀 text",
    "Organization": "é 中",
    "Call-ID": "é@b",
    "In-Reply-To": "é@b, c",
    "Max-Forwards": "70",
    "Expires": "4294967295",
    "Route": '<sip:é;lr>, <sip:b>;x="é"',
    "Allow": "INVITE, é, BYE",
    "Priority": "emergency",
    "MIME-Version": "1.0 (é)",
    "Geolocation-Routing": "yes;x=é",
    "Refer-Sub": "false;x=é",
    "SIP-ETag": "é",
    "Recv-Info": "foo, bar;x=é",
    "Accept-Resource-Priority": "dsn.flash, é.b",
}
"""A value of each class with all of its parameters, preceded by text beyond ASCII."""

URIS = (
    "sip:alice:secret@atlanta.example:5060;transport=tcp;lr;maddr=é?subject=project%20x&a=urgent",
    "sips:%61lice%40x@[2001:db8::10]:5061;user=phone;method=INVITE;ttl=15;%6cr",
    "SIP:+1-212-555-1212:1234@gateway.example;user=phone",
    "tel:+1-201-555-0123;phone-context=example.com;ext=1(2)3;isub=é;CIC=+1",
    "tel:7042;phone-context=+1-914-555",
    "urn:service:sos.fire",
    "http://example.com/a?b#é",
    "sip:é@h;中=文;😀?a=%C3%A9&b=",
    "mailto:a@b",
)

SDPS = (
    (
        "v=0\r\no=alice 2890844526 2890844526 IN IP4 host.example\r\ns= é\r\ni=中\r\nu=http://é\r\n"
        "e=a@b (é)\r\np=+1 617\r\nc=IN IP4 224.2.1.1/127/3\r\nb=CT:128\r\nt=2873397496 0\r\n"
        "r=7d 1h 0 25h\r\nz=2882844526 -1h 2898848070 0\r\nk=clear:é\r\na=group:BUNDLE a v\r\n"
        "a=sendonly\r\nm=audio 49170/2 RTP/AVP 0 8 97\r\nc=IN IP6 ::1\r\n"
        "a=rtpmap:97 iLBC/8000/2\r\n"
        "a=fmtp:97 mode=20;é\r\na=ptime:20\r\na=maxptime:40.5\r\na=mid:a\r\n"
        "a=rtcp:53020 IN IP4 1.2.3.4\r\na=setup:actpass\r\na=fingerprint:sha-256 AB:CD\r\n"
        "a=ice-ufrag:8hhY\r\n"
        "a=ice-pwd:asd88fgpdd777\r\n"
        "a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ srflx raddr 1.2.3.4 rport 9 é 1\r\n"
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgK|2^20|1:4 UNENCRYPTED_SRTP\r\n"
        "m=video 0 RTP/SAVPF 99\r\na=rtpmap:99 h263-1998/90000\r\na=inactive\r\n"
    ),
    (
        "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=Play\nc=IN IP4 0.0.0.0\nt=0 0\n"
        "m=video 6000 RTP/AVP 96\na=recvonly\na=rtpmap:96 "
        "PS/90000\ny=0100000001\nf=v/2/4/25/1/1a///\n"
    ),
)

BODIES = (
    (0, SDPS[0]),
    (
        1,
        (
            "preamble\r\n--b\r\nContent-Type: application/sdp\r\n"
            "Content-Disposition: session\r\n\r\n"
            "v=0\r\ns=é\r\n--b \r\nContent-Type: text/plain\r\nContent-ID: <é@x>\r\n\r\né\r\n"
            "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n\r\nx\r\n"
            "--c--\r\n\r\n--b--\r\né"
        ),
    ),
    (2, "SIP/2.0 200 OK\r\nTo: <sip:é@b>\r\n\r\n"),
    (3, "Signal=#\r\nDuration= 160\r\n"),
    (4, "\x01\x10\x48\x00\x0a\x03\x02\x0b\x08\x83\x90\x21\x43\x65\x87\x0a\x07\x03\x13\x21\x43"),
    (
        5,
        (
            "<?xml version='1.0'?><presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:é@b'>"
            "<tuple id='a'><status><basic>open</basic></status><contact "
            "priority='0.8'>sip:é</contact>"
            "<note xml:lang='zh'>中&#233;</note><timestamp>2001-10-27T16:49:29Z</timestamp>"
            "</tuple></presence>"
        ),
    ),
    (
        6,
        (
            "<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='0' "
            "state='full'><registration "
            "aor='sip:é@b' id='a' state='active'><contact id='7' state='active' event='registered' "
            "expires='5' q='0.5'><uri>sip:a</uri></contact></registration></reginfo>"
        ),
    ),
    (
        7,
        (
            "<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' version='1' state='partial' "
            "entity='sip:é'><dialog id='a' call-id='1' direction='initiator'><state code='200' "
            "event='rejected'>terminated</state><local><identity display='é'>sip:a</identity>"
            "<target uri='sip:a'/></local></dialog></dialog-info>"
        ),
    ),
    (
        8,
        (
            "<?xml version='1.0' encoding='GB2312'?><Notify><CmdType>Keepalive</CmdType><SN>43</SN>"
            "<DeviceID>34020000001320000001</DeviceID><Status>OK</Status></Notify>"
        ),
    ),
    (9, "é 中 😀"),
    (10, "\u6c49"),
    (11, "--a b\r\n\r\nx\r\n--a b--"),
)

CREDENTIALS = (
    VALUES["WWW-Authenticate"],
    'Digest realm="é",nonce="a",qop="auth"\x1fé\x1fsecret\x1fINVITE\x1fsip:a@b\x1fbody',
    VALUES["Authorization"],
    'Digest username="bob",realm="r",nonce="n",uri="sip:a",response="%s"\x1fbob\x1fp\x1fBYE'
    % ("0" * 32),
)

BUILT = (
    "example.com\x1falice\x1fsip\x1fp%\x1f5060\x1ftransport=tcp\x1flr\x1fx=é",
    'sip:a@b\x1fA "é"\x1ftag\x1fa=1\x1fb="\x1fc',
    'Digest\x1frealm=é\x1fnonce="\\',
    "1\x1f2\x1fINVITE",
    "text/plain\x1fcharset=é\x1fq",
    "a\x1fb\x1fc\x1fx=1",
)


def messages() -> Iterator[bytes]:
    """The hand-written messages, some of the mixed corpus, and RFC 4475's if available.

    Then the most expensive header blocks, with more fields than mutations reach.
    """
    for path in (*sorted(DATA.glob("*.sip")), *sorted((DATA / "messages").rglob("*.sip"))):
        if path.name != "mixed.sip":
            yield path.read_bytes()
    mixed = corpus.load(DATA / "mixed.sip")
    yield from islice(mixed, 0, None, len(mixed) // MIXED)
    shared = os.environ.get("SIPFAST_SHARED")
    if shared:
        for path in sorted(Path(shared, "conformance", "rfc4475").glob("*.dat")):
            yield path.read_bytes()
    yield from (worst(HOSTILE) for worst in WORST.values())


def fields() -> Iterator[bytes]:
    """A header field of each name, as the shortest possible input."""
    seen = set()
    for name, value in header_fields():
        if name.lower() not in seen:
            seen.add(name.lower())
            yield name + b":" + value


def header_fields() -> Iterator[tuple[bytes, bytes]]:
    """The name and value of each distinct header field in the messages."""
    seen = set()
    for message in messages():
        for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            name, colon, value = line.partition(b":")
            if colon and len(line) <= LONGEST_FIELD and line not in seen:
                seen.add(line)
                yield name, value


def engine_inputs() -> Iterator[bytes]:
    """Inputs of `fuzz.engine`, of every kind."""

    def one(kind: str, text: bytes, which: int = 0, more: int = 0) -> bytes:
        return bytes([KINDS.index(kind), which, more, 0, 0]) + text

    for number, message in enumerate((*messages(), *fields())):
        yield one("message", message, number % 4 * 16)
    for which, value in values():
        yield one("field", value, which)
        yield one("value", value, which, len(value) & 1)
    for uri in URIS:
        yield one("uri", uri.encode())
    for sdp in SDPS:
        yield one("sdp", sdp.encode())
    for which, body in BODIES:
        yield one("body", body.encode("latin-1") if which == 4 else body.encode(), which)
    yield one("body", SDPS[0].encode(), 0, 1)
    for which in range(len(CLASSES)):
        for built in BUILT:
            yield one("built", built.encode(), which)
    for number, text in enumerate(CREDENTIALS):
        yield one("authentication", text.encode(), number < 2)


def values() -> Iterator[tuple[int, bytes]]:
    """Values of header fields, with the number of their class."""
    first = {}
    which_of = {}
    for field in FIELDS.values():
        name, way = HEADER_NAMES[field.header_id - 1].name, (type(field), field._cls)
        if name in NAMES:
            first[way] = NAMES.index(name)
        which_of[name] = way
    for name, text in VALUES.items():
        yield first[which_of[name]] if name in which_of else 0, text.encode()
    for name_in_use, value in header_fields():
        header_id = HEADER_IDS.get(name_in_use.strip().lower().decode("latin-1"), 0)
        name = HEADER_NAMES[header_id - 1].name if header_id else ""
        if name in which_of:
            yield first[which_of[name]], value.strip()


def changing_inputs() -> Iterator[bytes]:
    """Inputs of `fuzz.changing`, with a script of two changes."""
    script = bytes([20, 3, 9, 0, 0x22, 3, 0, 40, 0, 0xC3])
    for which, value in values():
        yield bytes([1, which, 0, 0, 2]) + script + value
    for name, text in VALUES.items():  # removes each mark, during reading and later
        which, value = NAMES.index(name) if name in NAMES else 0, text.encode()
        for place, byte in enumerate(value):
            if byte in b'"<>' + b"\\":
                for wait in range(6):
                    yield bytes([1, which, 0, 0, 1, wait, 0, place, 0, 0x20]) + value
    for message in messages():
        yield bytes([0, 0, 0, 1, 2]) + script + message


def kernels_inputs() -> Iterator[bytes]:
    """Inputs of `kernels.c`: plain bytes."""
    yield from messages()
    yield from fields()


def captures_inputs() -> Iterator[bytes]:
    """Inputs of `fuzz.captures`: messages for each reader, and small files."""
    from fuzz.captures import FORMATS, LINK_TYPES, MAGICS, PROTOCOLS, READERS, UDP_PORTS

    for which, name in enumerate(READERS):
        choices = {
            "link": len(LINK_TYPES),
            "udp": len(UDP_PORTS),
            "ip": len(PROTOCOLS),
            "magic": len(MAGICS),
            "log": len(FORMATS),
        }
        for choice in range(choices.get(name, 1)):
            for message in islice(messages(), 6):
                yield bytes([which, choice, 7, 0, 0]) + message
                yield bytes([which, choice, 0, 0x43, 0]) + message * 2
    file = (DATA / "calls.pcap").read_bytes()
    yield bytes(CHOICES) + file[:3000]


def columns_inputs() -> Iterator[bytes]:
    """Inputs of `fuzz.columns`: messages, with each condition."""
    from fuzz.columns import CONDITIONS

    for which, message in enumerate(messages()):
        yield bytes([which % 8, which % 251, which % len(CONDITIONS), 0, 0]) + message


def counting_inputs() -> Iterator[bytes]:
    """Inputs of `fuzz.counting`: pairs of messages in each container, also again and again."""
    before = b""
    for which, message in enumerate(messages()):
        if len(message) < LONGEST_COUNTED:
            again, apart = which % 3, (0, 1, 4, 100)[which % 4]
            yield bytes([which % 3, which % 4, again, apart, 0]) + message + APART + before
            before = message


INPUTS: dict[str, Callable[[], Iterator[bytes]]] = {
    "kernels": kernels_inputs,
    "engine": engine_inputs,
    "changing": changing_inputs,
    "captures": captures_inputs,
    "columns": columns_inputs,
    "counting": counting_inputs,
}


def write_seeds(target: str, folder: Path) -> Path:
    """Write each seed of a target into a file of its own; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in INPUTS[target]():
        name = hashlib.sha256(seed).hexdigest()[:16]
        (folder / name).write_bytes(seed)
    return folder
