/* The values of one row, a slot for each column: what is read of a message, before it goes to Arrow. */
#ifndef SIPFAST_SLOTS_H
#define SIPFAST_SLOTS_H

#include <stdint.h>

enum { /* the types of columns; sipfast/columns/names.py has the same numbers */
    SIP_TEXT = 0,
    SIP_BOOL = 1,
    SIP_UINT16 = 2,
    SIP_UINT32 = 3,
    SIP_INT64 = 4,
    SIP_TIME = 5, /* nanoseconds since 1970, UTC */
    SIP_TEXTS = 6,
    SIP_TYPES = 7
};

enum {
    SIP_SLOT_NULL = 0,
    SIP_SLOT_IN_PLACE = 1, /* the text lies in the bytes of the source; so do all texts of TEXTS */
    SIP_SLOT_COPIED = 2, /* the text lies elsewhere, and is gone after the append */
    SIP_SLOT_NUMBER = 3,
    SIP_SLOT_LATER = 4 /* not read yet; for sip_where_test only */
};

typedef struct {
    const uint8_t *text;
    uint32_t length;
} sip_text;

typedef struct {
    const uint8_t *text; /* of TEXT; of TEXTS: an array of `length` sip_text */
    int64_t number; /* of BOOL (0 or 1), UINT16, UINT32, INT64, TIME */
    uint32_t length;
    uint8_t state;
} sip_slot;

enum { /* what an append has come to */
    SIP_APPENDED = 0,
    SIP_FULL = 1, /* the row is not in the batch: take the batch, then append the row again */
    SIP_NO_MEMORY = -1,
    SIP_OUT_OF_PLACE = -2 /* a text that is in place lies outside of the source; or it is too long */
};

typedef struct sip_batch sip_batch;
typedef struct sip_assembler sip_assembler;

#endif
