/* What the walk over the packets of a capture (`packets.pyx`) says of a message, and its primitives. */

#ifndef SIPFAST_PACKETS_H
#define SIPFAST_PACKETS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SIP_OVER_NONE, SIP_OVER_UDP, SIP_OVER_TCP, SIP_OVER_SCTP, SIP_OVER_WS, SIP_OVER_TLS };

typedef struct {
    int64_t offset; /* the byte of the file at which the message begins */
    int64_t packet; /* the number of the packet that completed it, from 1 */
    int64_t time_ns;
    uint8_t source[16], destination[16]; /* IPv4: the first four bytes */
    uint16_t source_port, destination_port;
    uint8_t family;    /* 4 or 6; 0: without addresses and ports */
    uint8_t transport; /* SIP_OVER_... */
    uint8_t has_time;
    uint8_t is_cut;
    uint8_t in_place; /* the bytes lie at `offset` of the source; otherwise they are gone after the call */
    const void *table; /* the sip_table of a message whose end it has told, or NULL; it may know bytes after that end */
} sip_facts;

static inline uint16_t sip_net16(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

static inline uint32_t sip_net32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static inline uint32_t sip_file32(const uint8_t *data, int is_big)
{
    uint32_t little = (uint32_t)data[3] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[1] << 8 | data[0];
    return is_big ? sip_net32(data) : little;
}

static inline uint16_t sip_file16(const uint8_t *data, int is_big)
{
    return is_big ? sip_net16(data) : (uint16_t)(data[1] << 8 | data[0]);
}

/* What the next records need: the processor finds their places too late, as each depends on the one before. */
static inline void sip_prefetch(const uint8_t *place, size_t size)
{
#if defined(__GNUC__) || defined(__clang__)
    size_t at, end = size < 1536 ? size : 1536;
    for (at = 0; at < end; at += 64)
        __builtin_prefetch(place + at);
#endif
}

/* A hash with a secret key, so that nobody can choose bytes that collide: the multiplications of wyhash. */

typedef struct {
    uint64_t word[4];
} sip_secret;

static inline uint64_t sip_mixed(uint64_t one, uint64_t other)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t a = one >> 32, b = (uint32_t)one, c = other >> 32, d = (uint32_t)other;
    uint64_t middle = a * d, low = b * d, cross = b * c + (low >> 32) + (uint32_t)middle;
    return (cross << 32 | (uint32_t)low) ^ (a * c + (middle >> 32) + (cross >> 32));
#endif
}

static inline uint64_t sip_word(const uint8_t *data)
{
    uint64_t word;
    memcpy(&word, data, 8);
    return word;
}

static inline uint64_t sip_hash(const sip_secret *secret, const uint8_t *data, size_t size, uint64_t seed)
{
    uint64_t one = seed ^ secret->word[0], two = one, last[2] = {0, 0};
    size_t left = size;
    for (; left > 32; data += 32, left -= 32) {
        one = sip_mixed(sip_word(data) ^ secret->word[1], sip_word(data + 8) ^ one);
        two = sip_mixed(sip_word(data + 16) ^ secret->word[2], sip_word(data + 24) ^ two);
    }
    if (left > 16) {
        one = sip_mixed(sip_word(data) ^ secret->word[1], sip_word(data + 8) ^ one);
        data += 16;
        left -= 16;
    }
    memcpy(last, data, left);
    /* Up to 16 bytes, one and two are the same: without a secret, nothing would be left of zeros. */
    one = sip_mixed(last[0] ^ secret->word[3], last[1] ^ secret->word[2] ^ one ^ two);
    return sip_mixed(one ^ size, secret->word[1] ^ two);
}

#endif
