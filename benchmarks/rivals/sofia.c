/* sofia-sip: msg_make, which copies the bytes and parses every header to its type. */
#include <sofia-sip/msg.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>

#include "corpus.h"

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* After the two that every rival tells, what `plain_fields` of alike.py gives: what every message
 * has, and what may be missing as nothing. */
static void tell(const sip_t *sip, FILE *facts)
{
    size_t vias = 0, contacts = 0, routes = 0, record_routes = 0;
    for (const sip_via_t *via = sip->sip_via; via != NULL; via = via->v_next)
        vias++;
    for (const sip_contact_t *contact = sip->sip_contact; contact != NULL; contact = contact->m_next)
        contacts++;
    for (const sip_route_t *route = sip->sip_route; route != NULL; route = route->r_next)
        routes++;
    for (const sip_record_route_t *route = sip->sip_record_route; route != NULL; route = route->r_next)
        record_routes++;
    const sip_via_t *via = sip->sip_via;
    const sip_from_t *from = sip->sip_from;
    const sip_to_t *to = sip->sip_to;
    if (sip->sip_request != NULL)
        fprintf(facts, "%s\t", sip->sip_request->rq_method_name);
    else
        fprintf(facts, "%d\t", sip->sip_status->st_status);
    fprintf(facts, "%s", or_empty(sip->sip_call_id->i_id));
    const url_t *uri = sip->sip_request != NULL ? sip->sip_request->rq_url : NULL;
    fprintf(facts, "\t%s\t%s", or_empty(uri != NULL ? uri->url_user : NULL),
            or_empty(uri != NULL ? uri->url_host : NULL));
    fprintf(facts, "\t%zu\t%s\t%s\t%s", vias, via->v_host, or_empty(via->v_port), or_empty(via->v_branch));
    fprintf(facts, "\t%s\t%s\t%s", or_empty(from->a_url->url_user), or_empty(from->a_url->url_host),
            or_empty(from->a_tag));
    fprintf(facts, "\t%s\t%s\t%s", or_empty(to->a_url->url_user), or_empty(to->a_url->url_host),
            or_empty(to->a_tag));
    fprintf(facts, "\t%lu\t%s", (unsigned long)sip->sip_cseq->cs_seq, sip->sip_cseq->cs_method_name);
    fprintf(facts, "\t%zu\t%zu\t%zu\t", contacts, routes, record_routes);
    if (sip->sip_max_forwards != NULL)
        fprintf(facts, "%lu", sip->sip_max_forwards->mf_count);
    fprintf(facts, "\t");
    if (sip->sip_expires != NULL)
        fprintf(facts, "%lu", (unsigned long)sip->sip_expires->ex_delta);
    fprintf(facts, "\t%s\n", sip->sip_content_type != NULL ? sip->sip_content_type->c_type : "");
}

static bool take(const struct message *message, FILE *facts)
{
    msg_t *msg = msg_make(sip_default_mclass(), 0, message->data, (ssize_t)message->length);
    const sip_t *sip = msg != NULL ? sip_object(msg) : NULL;
    bool accepted = sip != NULL && !msg_has_error(msg)
                    && (sip->sip_request != NULL || sip->sip_status != NULL) && sip->sip_via != NULL
                    && sip->sip_from != NULL && sip->sip_to != NULL && sip->sip_call_id != NULL
                    && sip->sip_cseq != NULL;
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
