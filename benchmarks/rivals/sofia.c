/* sofia-sip: msg_make, which copies the bytes and parses every header to its type. */
#include <sofia-sip/msg.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>

#include "corpus.h"

static void tell(const sip_t *sip, FILE *facts)
{
    if (sip->sip_request != NULL)
        fprintf(facts, "%s\t", sip->sip_request->rq_method_name);
    else
        fprintf(facts, "%d\t", sip->sip_status->st_status);
    fprintf(facts, "%s\n", sip->sip_call_id != NULL ? sip->sip_call_id->i_id : "");
}

static bool take(const struct message *message, FILE *facts)
{
    msg_t *msg = msg_make(sip_default_mclass(), 0, message->data, (ssize_t)message->length);
    const sip_t *sip = msg != NULL ? sip_object(msg) : NULL;
    bool accepted = sip != NULL && !msg_has_error(msg)
                    && (sip->sip_request != NULL || sip->sip_status != NULL);
    if (accepted && facts != NULL)
        tell(sip, facts);
    if (msg != NULL)
        msg_destroy(msg);
    return accepted;
}

int main(int argc, char **argv)
{
    return run_rival(argc, argv, take);
}
