/* A condition on the slots of a row, in the three-valued logic of SQL.
 *
 * It is a postfix program.  A truth is a set of what it can be yet: true, false, null, or several of
 * them while a slot that counts is SIP_SLOT_LATER.  So a row that cannot be wanted any more is known
 * before all of it is read. */
#ifndef SIPFAST_WHERE_H
#define SIPFAST_WHERE_H

#include <stdint.h>
#include <string.h>

#include "slots.h"

enum { SIP_WHERE_TRUE = 1, SIP_WHERE_FALSE = 2, SIP_WHERE_NULL = 4, SIP_WHERE_ANY = 7 };

enum { /* in the order of conditions.py */
    SIP_WHERE_AND,
    SIP_WHERE_OR,
    SIP_WHERE_NOT,
    SIP_WHERE_SKIP, /* to `count`, if the truth so far is `size`: it decides */
    SIP_WHERE_IS_NULL,
    SIP_WHERE_EQUAL, /* from here on, tests of a value */
    SIP_WHERE_LESS,
    SIP_WHERE_LESS_OR_EQUAL,
    SIP_WHERE_GREATER,
    SIP_WHERE_GREATER_OR_EQUAL,
    SIP_WHERE_IN,
    SIP_WHERE_LIKE
};

typedef struct { /* a constant: a text, or a number */
    const uint8_t *text;
    int64_t number;
    uint32_t length;
} sip_constant;

typedef struct {
    uint8_t operation;
    uint8_t type; /* of the column */
    uint32_t slot;
    uint32_t count; /* constants; of IN, in order: shorter ones first, then by their bytes */
    uint32_t size; /* of LIKE: the words of a set of places */
    const sip_constant *constants;
    const uint64_t *states; /* of LIKE: for each byte, what moves on and what stays */
} sip_step;

typedef struct {
    const sip_step *steps;
    uint32_t count;
    uint8_t *truths; /* the stack */
    uint64_t *states; /* two sets, as large as the largest pattern needs */
} sip_where;

static inline int sip_compare_texts(const uint8_t *one, uint32_t length, const sip_constant *other)
{
    uint32_t shorter = length < other->length ? length : other->length;
    int found = shorter == 0 ? 0 : memcmp(one, other->text, shorter);
    return found != 0 ? found : (length > other->length) - (length < other->length);
}

static int sip_is_among(const sip_step *step, const sip_constant *value)
{
    uint32_t low = 0, high = step->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const sip_constant *other = &step->constants[middle];
        int found;
        if (step->type != SIP_TEXT && step->type != SIP_TEXTS)
            found = (value->number > other->number) - (value->number < other->number);
        else if (value->length != other->length)
            found = value->length > other->length ? 1 : -1;
        else
            found = value->length == 0 ? 0 : memcmp(value->text, other->text, value->length);
        if (found == 0)
            return 1;
        if (found > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

/* Whether a text matches a pattern: all places of the pattern where the text can be, a byte at a time.
 *
 * Place i is after the first i marks of the pattern, without its `%`.  For a byte, the states have the
 * places that it leads on from, and those where it stays: after `%`, and inside a character of `_`. */
static int sip_is_like(const sip_step *step, uint64_t *places, const uint8_t *text, uint32_t length)
{
    uint32_t words = step->size, marks = step->count, i, w;
    const uint64_t *at;
    if (words == 1) {
        uint64_t set = 1, last = (uint64_t)1 << marks, for_good = step->states[512] & last;
        for (i = 0; i < length && set != 0 && !(set & for_good); i++) {
            at = step->states + 2 * (uint32_t)text[i];
            set = (set & at[0]) << 1 | (set & at[1]);
        }
        return (set & last) != 0;
    }
    memset(places, 0, words * 8);
    places[0] = 1;
    for (i = 0; i < length; i++) {
        uint64_t carry = 0, any = 0;
        at = step->states + 2 * (uint32_t)text[i] * words;
        for (w = 0; w < words; w++) {
            uint64_t moved = places[w] & at[w];
            places[w] = moved << 1 | carry | (places[w] & at[words + w]);
            carry = moved >> 63;
            any |= places[w];
        }
        if (any == 0)
            return 0;
    }
    return (places[marks / 64] >> marks % 64 & 1) != 0;
}

static int sip_test_value(const sip_where *where, const sip_step *step, const sip_constant *value)
{
    int found;
    if (step->operation == SIP_WHERE_IN)
        return sip_is_among(step, value);
    if (step->operation == SIP_WHERE_LIKE)
        return sip_is_like(step, where->states, value->text, value->length);
    if (step->type != SIP_TEXT && step->type != SIP_TEXTS)
        found = (value->number > step->constants->number) - (value->number < step->constants->number);
    else if (step->operation == SIP_WHERE_EQUAL)
        return value->length == step->constants->length
            && (value->length == 0 || memcmp(value->text, step->constants->text, value->length) == 0);
    else
        found = sip_compare_texts(value->text, value->length, step->constants);
    switch (step->operation) {
    case SIP_WHERE_EQUAL: return found == 0;
    case SIP_WHERE_LESS: return found < 0;
    case SIP_WHERE_LESS_OR_EQUAL: return found <= 0;
    case SIP_WHERE_GREATER: return found > 0;
    default: return found >= 0;
    }
}

static int sip_test_slot(const sip_where *where, const sip_step *step, const sip_slot *slot)
{
    sip_constant value;
    int holds = 0;
    if (slot->state == SIP_SLOT_LATER)
        return step->operation == SIP_WHERE_IS_NULL ? SIP_WHERE_TRUE | SIP_WHERE_FALSE : SIP_WHERE_ANY;
    if (step->operation == SIP_WHERE_IS_NULL)
        return slot->state == SIP_SLOT_NULL ? SIP_WHERE_TRUE : SIP_WHERE_FALSE;
    if (slot->state == SIP_SLOT_NULL)
        return SIP_WHERE_NULL;
    value.text = slot->text;
    value.length = slot->length;
    value.number = slot->number;
    if (step->type == SIP_TEXTS) {
        const sip_text *items = (const sip_text *)slot->text;
        for (uint32_t i = 0; i < slot->length && !holds; i++) {
            value.text = items[i].text;
            value.length = items[i].length;
            holds = sip_test_value(where, step, &value);
        }
    } else
        holds = sip_test_value(where, step, &value);
    return holds ? SIP_WHERE_TRUE : SIP_WHERE_FALSE;
}

/* What the condition is, a set: SIP_WHERE_TRUE alone if the row is wanted, without it if it is not. */
static int sip_where_test(const sip_where *where, const sip_slot *slots)
{
    const sip_step *step = where->steps, *end = step + where->count;
    uint8_t *top = where->truths; /* the next free place of the stack */
    int a, b;
    while (step < end) {
        switch (step->operation) {
        case SIP_WHERE_AND:
            b = *--top, a = top[-1];
            top[-1] = (uint8_t)((a & b & SIP_WHERE_TRUE) | ((a | b) & SIP_WHERE_FALSE)
                | ((a | b) & (a & 5 ? 4 : 0) & (b & 5 ? 4 : 0)));
            break;
        case SIP_WHERE_OR:
            b = *--top, a = top[-1];
            top[-1] = (uint8_t)(((a | b) & SIP_WHERE_TRUE) | (a & b & SIP_WHERE_FALSE)
                | ((a | b) & (a & 6 ? 4 : 0) & (b & 6 ? 4 : 0)));
            break;
        case SIP_WHERE_NOT:
            a = top[-1];
            top[-1] = (uint8_t)((a & SIP_WHERE_NULL) | (a & 1) << 1 | (a & 2) >> 1);
            break;
        case SIP_WHERE_SKIP:
            if (top[-1] == step->size) {
                step = where->steps + step->count;
                continue;
            }
            break;
        default:
            *top++ = (uint8_t)sip_test_slot(where, step, &slots[step->slot]);
        }
        step++;
    }
    return top[-1];
}

#endif
