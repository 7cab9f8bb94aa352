/* libosip2: osip_message_parse, which copies the bytes and makes an object of every header. */
#include <osipparser2/osip_parser.h>

#include "corpus.h"

static void tell(const osip_message_t *sip, FILE *facts)
{
    char *call_id = NULL;
    if (sip->call_id != NULL)
        osip_call_id_to_str(sip->call_id, &call_id);
    if (MSG_IS_REQUEST(sip))
        fprintf(facts, "%s\t", sip->sip_method);
    else
        fprintf(facts, "%d\t", sip->status_code);
    fprintf(facts, "%s\n", call_id != NULL ? call_id : "");
    osip_free(call_id);
}

static bool take(const struct message *message, FILE *facts)
{
    osip_message_t *sip;
    if (osip_message_init(&sip) != 0)
        give_up("libosip2 has no memory");
    bool accepted = osip_message_parse(sip, message->data, message->length) == 0;
    if (accepted && facts != NULL)
        tell(sip, facts);
    osip_message_free(sip);
    return accepted;
}

int main(int argc, char **argv)
{
    parser_init();
    return run_rival(argc, argv, take);
}
