/* libre: sip_msg_decode, which notes every field, hashes its name and parses Via, To, From and CSeq. */
/* What the library's own build defines; without these re.h brings its own integers and bool. */
#define HAVE_INTTYPES_H
#define HAVE_STDBOOL_H
#define HAVE_INET6

#include "corpus.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>

#include <re.h>

static struct mbuf *buffer; /* borrows the bytes of the message at hand: nothing is copied */

static void tell(const struct sip_msg *msg, FILE *facts)
{
    if (msg->req)
        fprintf(facts, "%.*s\t", (int)msg->met.l, msg->met.p);
    else
        fprintf(facts, "%u\t", msg->scode);
    fprintf(facts, "%.*s\n", (int)msg->callid.l, msg->callid.p != NULL ? msg->callid.p : "");
}

static bool take(const struct message *message, FILE *facts)
{
    struct sip_msg *msg = NULL;
    buffer->buf = (uint8_t *)message->data;
    buffer->size = buffer->end = message->length;
    buffer->pos = 0;
    bool accepted = sip_msg_decode(&msg, buffer) == 0;
    if (accepted && facts != NULL)
        tell(msg, facts);
    mem_deref(msg);
    buffer->buf = NULL;
    return accepted;
}

int main(int argc, char **argv)
{
    buffer = mbuf_alloc(1);
    if (buffer == NULL)
        give_up("libre has no memory");
    mem_deref(buffer->buf);
    buffer->buf = NULL;
    int status = run_rival(argc, argv, take);
    mem_deref(buffer);
    return status;
}
