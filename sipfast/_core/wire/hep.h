/* The chunks of a packet of HEP version 3 that holds a message in the usual way. */

#ifndef SIPFAST_HEP_H
#define SIPFAST_HEP_H

#include <packets.h>

enum { SIP_HEP_HEAD = 6 };

/* Read the packet data[0:size], which states this size: where its message is, and its addresses, ports, transport and
 * time, if it has one.  0 for every other packet, which capture/hep.py reads.  Of chunks that repeat, the last one
 * counts; those of vendors, and those of another size than theirs, do not. */
static int sip_read_hep(const uint8_t *data, size_t size, sip_facts *facts, size_t *text, size_t *text_size)
{
    const uint8_t *four[2] = {NULL, NULL}, *six[2] = {NULL, NULL};
    int ports = 0, has_text = 0;
    uint64_t seconds = 0, microseconds = 0;
    size_t at = SIP_HEP_HEAD;
    if (size < SIP_HEP_HEAD || memcmp(data, "HEP3", 4) != 0 || sip_net16(data + 4) != size)
        return 0;
    facts->transport = SIP_OVER_NONE;
    facts->has_time = 0;
    while (size - at >= 6) {
        uint32_t vendor = sip_net16(data + at), kind = sip_net16(data + at + 2), length = sip_net16(data + at + 4);
        const uint8_t *value = data + at + 6;
        if (length < 6 || length > size - at)
            return 0;
        at += length;
        length -= 6;
        if (vendor != 0)
            continue;
        switch (kind) {
        case 2:
            if (length == 1)
                facts->transport = value[0] == 17 ? SIP_OVER_UDP : value[0] == 6 ? SIP_OVER_TCP : SIP_OVER_NONE;
            break;
        case 3:
        case 4:
            if (length == 4)
                four[kind - 3] = value;
            break;
        case 5:
        case 6:
            if (length == 16)
                six[kind - 5] = value;
            break;
        case 7:
            if (length == 2) {
                facts->source_port = sip_net16(value);
                ports |= 1;
            }
            break;
        case 8:
            if (length == 2) {
                facts->destination_port = sip_net16(value);
                ports |= 2;
            }
            break;
        case 9:
            if (length == 4) {
                seconds = sip_net32(value);
                facts->has_time = 1;
            }
            break;
        case 10:
            if (length == 4)
                microseconds = sip_net32(value);
            break;
        case 11:
            if (length == 1 && value[0] != 1)
                return 0;
            break;
        case 15:
            *text = at - length;
            *text_size = length;
            has_text = 1;
            break;
        case 16:
            return 0;
        default:
            break;
        }
    }
    if (!has_text || ports != 3 || facts->transport == SIP_OVER_NONE)
        return 0;
    memset(facts->source, 0, sizeof(facts->source) + sizeof(facts->destination));
    if (four[0] != NULL && four[1] != NULL) {
        facts->family = 4;
        memcpy(facts->source, four[0], 4);
        memcpy(facts->destination, four[1], 4);
    } else if (six[0] != NULL && six[1] != NULL && four[0] == NULL && four[1] == NULL) {
        facts->family = 6;
        memcpy(facts->source, six[0], 16);
        memcpy(facts->destination, six[1], 16);
    } else {
        return 0;
    }
    facts->time_ns = (int64_t)(seconds * 1000000000 + microseconds * 1000);
    return 1;
}

#endif
