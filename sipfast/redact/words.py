"""Words that stay: those of registries, which tell nothing about a caller.

All other words are replaced or dropped.  Case counts for methods alone.
"""

from __future__ import annotations

from ..registry.methods import METHODS as _METHODS
from ..registry.parameters import COOKIE

__all__ = [
    "AGENTS",
    "COOKIE",
    "ENCODINGS",
    "EVENTS",
    "FMTP",
    "HOSTS",
    "LANGUAGES",
    "MEDIA_TYPES",
    "METHODS",
    "OPTION_TAGS",
    "USERS",
    "Words",
]


class Words(frozenset[str]):
    """Words in lower case, which contain a word of ASCII in any case."""

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word.isascii() and super().__contains__(word.lower())


def _words(text: str) -> Words:
    return Words(text.lower().split())


METHODS = frozenset(_METHODS)

USERS = _words("anonymous restricted unavailable unknown")
"""Users and names that hide a party (RFC 3323 4.1)."""

HOSTS = _words("localhost localhost.localdomain anonymous.invalid unknown.invalid")

TRANSPORTS = _words("udp tcp tls sctp tls-sctp dtls dtls-udp ws wss")

OPTION_TAGS = _words(
    """
    100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http
    geolocation-sip gin gruu histinfo ice join multiple-refer norefersub nosub outbound path
    policy precondition pref privacy recipient-list-invite recipient-list-message
    recipient-list-subscribe record-aware replaces resource-priority sdp-anat sec-agree siprec
    tdialog timer trickle-ice uui
    """
)

EVENTS = _words(
    """
    addressbook calling-name certificate conference consent-pending-additions credential dialog
    http-monitor kpml list load-control message-summary poc-settings presence reg refer
    spirits-indps spirits-user-prof ua-profile vq-rtcpxr winfo xcap-diff alarm as-feature-event
    call-info catalog check-sync hold keep-alive line-seize mobileposition presence.winfo talk
    """
)

MEDIA_TYPES = _words(
    """
    application/sdp application/dtmf application/dtmf-relay application/simple-message-summary
    application/pidf+xml application/pidf-diff+xml application/xpidf+xml
    application/dialog-info+xml application/reginfo+xml application/rlmi+xml
    application/conference-info+xml application/watcherinfo+xml application/resource-lists+xml
    application/media_control+xml application/im-iscomposing+xml application/vq-rtcpxr
    application/isup application/qsig application/gtd application/rs-metadata
    application/rs-metadata+xml application/load-control+xml application/kpml-request+xml
    application/kpml-response+xml application/cpl+xml application/3gpp-ims+xml
    application/vnd.3gpp.ussd+xml application/vnd.3gpp.sms application/manscdp+xml
    application/octet-stream application/xml application/json application/trickle-ice-sdpfrag
    message/sipfrag message/sip message/cpim message/external-body message/http multipart/mixed
    multipart/alternative multipart/related multipart/signed text/plain text/html text/xml
    application/* multipart/* message/* text/* image/* audio/* video/* */*
    """
)

LANGUAGES = _words(
    """
    * ar bg ca cs da de de-at de-ch de-de el en en-au en-ca en-gb en-us es es-es es-mx et fi fr
    fr-ca fr-fr he hi hr hu id it it-it ja ja-jp ko ko-kr lt lv ms nb nl nn no pl pt pt-br pt-pt
    ro ru ru-ru sk sl sr sv th tr uk vi zh zh-cn zh-hk zh-tw
    """
)

CODINGS = _words("* identity gzip deflate compress br")

DISPOSITIONS = _words(
    """
    session early-session render icon alert signal info-package recipient-list
    recipient-list-history by-reference aib precondition recording-session
    """
)

SUBSCRIPTION_REASONS = _words(
    "deactivated probation rejected timeout giveup noresource invariant badfilter"
)

DIVERSION_REASONS = _words(
    """
    unknown user-busy no-answer unavailable unconditional time-of-day do-not-disturb deflection
    follow-me out-of-service away
    """
)

PRIVACY = _words("header session user none critical id history full name uri off yes no")

ACCESS_TYPES = _words(
    """
    ieee-802.11 ieee-802.11a ieee-802.11b ieee-802.11g ieee-802.11n ieee-802.11ac ieee-802.3
    ieee-802.3u ieee-802.3z ieee-802.3y ieee-802.3ab ieee-802.3ae 3gpp-geran 3gpp-utran-fdd
    3gpp-utran-tdd 3gpp-e-utran 3gpp-e-utran-fdd 3gpp-e-utran-tdd 3gpp-e-utran-prose-unr 3gpp-nr
    3gpp-nr-fdd 3gpp-nr-tdd 3gpp-nr-u 3gpp-cdma2000 3gpp2-1x 3gpp2-1x-femto 3gpp2-1x-hrpd
    3gpp2-umb adsl adsl2 adsl2+ radsl sdsl hdsl hdsl2 g.shdsl vdsl idsl docsis g-pon xg-pon1 gstn
    untrusted-non-3gpp virtual-no-ps vwlan-no-ps
    """
)

PROTOCOLS = _words("sip q.850 preemption stir release-cause failure-cause preference")

LOCATIONS = _words("u lpn ln tn rln rpn intl bi")

ALGORITHMS = _words(
    """
    md5 md5-sess sha-256 sha-256-sess sha-512-256 sha-512-256-sess akav1-md5 akav2-md5
    akav1-sha-256
    """
)

SERVICES = _words(
    """
    urn%3aurn-7%3a3gpp-service.ims.icsi.mmtel urn:urn-7:3gpp-service.ims.icsi.mmtel
    urn%3aurn-7%3a3gpp-service.ims.icsi.oma.cpm.session
    urn%3aurn-7%3a3gpp-application.ims.iari.rcse.im
    """
)
"""The services of IMS, as the value of a feature tag or of P-Asserted-Service."""

URNS = _words(
    """
    urn:service:sos urn:service:sos.ambulance urn:service:sos.animal-control urn:service:sos.fire
    urn:service:sos.gas urn:service:sos.marine urn:service:sos.mountain urn:service:sos.physician
    urn:service:sos.poison urn:service:sos.police urn:service:sos.ecall.manual
    urn:service:sos.ecall.automatic urn:service:test.sos urn:service:counseling
    """
)

AGENTS = _words(
    """
    pbx phone softphone gateway proxy server client sbc 3cx acrobits aastra adtran alcatel-lucent
    asterisk audiocodes avaya baresip belle-sip blink bria broadsoft broadworks cisco
    cisco-sipgateway csipsimple dahua dialogic digium drachtio ekiga elastix exosip eyebeam fanvil
    fpbx freepbx freeswitch friendly-scanner fritz!box genband gigaset grandstream hikvision htek
    huawei issabel jain-sip jitsi jssip kamailio linksys linphone linphoneandroid linphoneiphone
    mediatrix metaswitch microsip mitel nortel obihai openser opensips oracle panasonic patton
    phoner phonerlite pjsip pjsua polycom portasip qutecom radvision restcomm ribbon rtcsip
    samsung sansay sems ser siemens sip.js sipcli sipml5 sipp sippy sipsak sipura sipvicious
    sipxecs snom sofia sofia-sip sonus starface swyx tandberg telephone teltonika trixbox twilio
    twinkle wildix x-lite xlite yate yealink yeastar zoiper zte
    """
)
"""The products that agents are called by; all other ones have pseudonyms."""

# ---- session descriptions ----

ENCODINGS = _words(
    """
    3gpp-tt ac3 amr amr-wb amr-wb+ aptx atrac-x av1 bmpeg bt656 bv16 bv32 celb clearmode cn dat12
    dsr-es201108 dv dvi4 eac3 encaprtp evrc evrc-qcp evrc0 evrc1 evrcb evrcb0 evrcnw evrcnw0
    evrcwb evs flexfec g719 g722 g7221 g723 g726-16 g726-24 g726-32 g726-40 aal2-g726-16
    aal2-g726-24 aal2-g726-32 aal2-g726-40 g728 g729 g7291 g729d g729e gsm gsm-efr gsm-hr-08 h261
    h263 h263-1998 h263-2000 h264 h264-rcdo h264-svc h265 h266 ilbc iac ismacryp isac jpeg
    jpeg2000 l16 l20 l24 l8 lpc melp mobilevr mp1s mp2p mp2t mp4a-latm mp4v-es mpa mpa-robust
    mpeg4-generic mpv nv opus parityfec pcma pcma-wb pcmu pcmu-wb pointer ps qcelp raptorfec raw
    red rtp-enc-aescm128 rtx silk siren7 siren14 smv smv0 sp-midi speex t140 t140c t38
    telephone-event tone tetra_acelp tsvcis uemclip ulpfec ulpfecred vdvi vmr-wb vorbis vp8 vp9
    x-ulpfecuc x-asf-pf g7221c g722.1 g722.2 g723.1 g729a g729b g729ab cpdata mp4a-adts aac-ld
    """
)
"""The encoding names of codecs; all other ones have pseudonyms."""

FMTP = _words(
    """
    annexa annexb apt bitrate bw channels cbr cif cif4 complexity crc custom cpf dtx ecn-capacity
    emphasis evs-mode-switch fs hf-only interleaving interleaving-len level-asymmetry-allowed
    level-id max-br max-bw max-cpb max-dpb max-fps max-fr max-fs max-mbps max-red max-smbps max-ul
    maxaveragebitrate maxinterval maxplaybackrate maxptime minptime mode mode-change-capability
    mode-change-neighbor mode-change-period mode-set object octet-align packetization-mode profile
    profile-id profile-level-id ptime qcif robust-sorting rc rtx-time sqcif sprop-maxcapturerate
    sprop-stereo stereo tier-flag useinbandfec usedtx vad vbr
    """
)
"""The parameters of codecs that stay if their value is a number or a usual word."""

MEDIA = _words("audio video text application message image")

PROTOCOLS_OF_MEDIA = _words(
    """
    rtp/avp rtp/savp rtp/avpf rtp/savpf udp tcp udptl udp/tls/rtp/savp udp/tls/rtp/savpf
    tcp/rtp/avp tcp/rtp/avpf tcp/rtp/savp tcp/rtp/savpf tcp/dtls/rtp/savp tcp/dtls/rtp/savpf
    tcp/tls/rtp/avp tcp/tls/rtp/avpf udp/tls/udptl tcp/udptl udp/dtls/sctp tcp/dtls/sctp tcp/tls
    tcp/msrp tcp/tls/msrp tcp/bfcp tcp/tls/bfcp udp/bfcp udp/tls/bfcp dtls/sctp sctp sctp/dtls
    """
)

FORMATS = _words("* t38 webrtc-datachannel wb msrp")

BANDWIDTHS = _words("ct as tias rs rr")
