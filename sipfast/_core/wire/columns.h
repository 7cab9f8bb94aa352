/* Bytes for columns: UTF-8, and addresses as text. */
#ifndef SIPFAST_COLUMNS_H
#define SIPFAST_COLUMNS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <tables.h>

#include "kernels.h"

enum { SIP_LONGEST_ADDRESS = 46 };

/* Whether any byte is above 127. */
static inline int sip_has_high(const uint8_t *text, size_t length)
{
    uint64_t seen = 0;
    size_t i = 0;
    if (length < 8) {
        for (; i < length; i++)
            seen |= text[i];
        return seen > 127;
    }
#if defined(__SSE2__)
    if (length >= 64) {
        __m128i four = _mm_setzero_si128();
        for (; i + 64 <= length; i += 64) {
            __m128i a = _mm_loadu_si128((const __m128i *)(text + i));
            __m128i b = _mm_loadu_si128((const __m128i *)(text + i + 16));
            __m128i c = _mm_loadu_si128((const __m128i *)(text + i + 32));
            __m128i d = _mm_loadu_si128((const __m128i *)(text + i + 48));
            four = _mm_or_si128(four, _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)));
        }
        if (_mm_movemask_epi8(four))
            return 1;
    }
#endif
    for (; i + 8 <= length; i += 8)
        seen |= sip_load8(text + i);
    seen |= sip_load8(text + length - 8); /* some of it again, rather than byte by byte */
    return (seen & 0x8080808080808080u) != 0;
}

/* Whether bytes are UTF-8. */
static inline int sip_is_utf8(const uint8_t *text, size_t length)
{
    size_t i, size;
    for (i = 0; i < length; i += size) {
        size = text[i] < 0x80 ? 1 : sip_utf8(text + i, length - i);
        if (size == 0)
            return 0;
    }
    return 1;
}

/* The name of a transport by its number, SIP_OVER_... of packets.h. */
static const char *const sip_transports[] = {"", "UDP", "TCP", "SCTP", "WS", "TLS"};

static inline const uint8_t *sip_transport_name(uint8_t transport)
{
    return (const uint8_t *)sip_transports[transport];
}

static inline uint32_t sip_transport_length(uint8_t transport)
{
    return (uint32_t)strlen(sip_transports[transport]);
}

static inline uint8_t *sip_put_octet(uint8_t *out, uint8_t octet)
{
    static const char digits[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940"
                                 "4142434445464748495051525354555657585960616263646566676869707172737475767778798081"
                                 "828384858687888990919293949596979899";
    uint32_t hundreds = octet >= 200 ? 2 : octet >= 100, rest = octet - 100 * hundreds;
    *out = '0' + hundreds;
    out += hundreds > 0;
    if (octet < 10) {
        *out = '0' + octet;
        return out + 1;
    }
    memcpy(out, digits + 2 * rest, 2);
    return out + 2;
}

/* An IPv4 address as text; the length. */
static inline uint32_t sip_put_ipv4(uint8_t *text, const uint8_t *address)
{
    uint8_t *out = text;
    int i;
    for (i = 0; i < 4; i++) {
        out = sip_put_octet(out, address[i]);
        *out++ = '.';
    }
    return (uint32_t)(out - text) - 1;
}

/* An IPv6 address as text (RFC 5952; IPv4 in the end of a mapped one); the length. */
static inline uint32_t sip_put_ipv6(uint8_t *text, const uint8_t *address)
{
    uint8_t *out = text;
    uint32_t group[8];
    int i, run = 0, zeros = 0, first = 8, shift;
    for (i = 0; i < 8; i++) {
        group[i] = (uint32_t)address[2 * i] << 8 | address[2 * i + 1];
        run = group[i] ? 0 : run + 1;
        if (run > zeros && run > 1) {
            zeros = run;
            first = i + 1 - run;
        }
    }
    for (i = 0; i < 8; i++) {
        if (i == first) {
            *out++ = ':';
            if (i == 0)
                *out++ = ':';
            i += zeros - 1;
            continue;
        }
        if (i == 6 && first == 0 && (zeros == 6 || (zeros == 5 && group[5] == 0xFFFF)))
            return (uint32_t)(out - text) + sip_put_ipv4(out, address + 12);
        for (shift = 12; shift > 0 && group[i] >> shift == 0; shift -= 4)
            ;
        for (; shift >= 0; shift -= 4)
            *out++ = "0123456789abcdef"[group[i] >> shift & 15];
        if (i < 7)
            *out++ = ':';
    }
    return (uint32_t)(out - text);
}

#endif
