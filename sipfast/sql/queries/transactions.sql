-- transactions: a row for each transaction (RFC 3261 17) on each hop.
--
-- A client makes a branch for each request (8.1.1.7), and so does every proxy on the way (16.6).  The
-- responses to a request have its branch, Call-ID and CSeq, and so have its retransmissions.  The ACK
-- of a 2xx has a branch of its own (17.1.1.3), and CANCEL, like the ACK of a failure, has that of the
-- INVITE: the method of CSeq tells them apart.
--
-- Reads messages.  Runs on DuckDB (with the macros of duckdb.sql) and on Spark SQL.

with

numbered as (
    select
        messages.*,
        -- The order of messages: by their time in microseconds; behind these, without one, by their
        -- packet.
        case
            when time is null then 9000000000000001 + packet
            else least(greatest(unix_micros(time), 0), 9000000000000000)
        end as instant
    from messages
    where call_id is not null
),

grouped as (
    select
        call_id,
        cseq_number,
        cseq_method,
        via_branch,
        min(time) as start,
        max(time) as finish,
        min(packet) as packet,
        min(case when method is not null then time end) as request_time,
        min(case when status between 101 and 199 then time end) as progress_time,
        min(case when status >= 200 then time end) as final_time,
        -- The first status, and of several at the same time the lowest.
        min(case when status between 101 and 199 then instant * 1000 + status end) % 1000 as progress,
        min(case when status >= 200 then instant * 1000 + status end) % 1000 as status,
        min_by(reason, instant * 1000 + status) filter (
            where status >= 200 and reason is not null
        ) as reason,
        -- What the first request says; of a response alone, what it repeats of its request.
        min_by(
            named_struct(
                'file', file,
                'source_address', case when method is null then destination_address else source_address end,
                'source_port', case when method is null then destination_port else source_port end,
                'destination_address', case when method is null then source_address else destination_address end,
                'destination_port', case when method is null then source_port else destination_port end,
                'from_user', from_user,
                'from_host', from_host,
                'from_tag', from_tag,
                'to_user', to_user,
                'to_host', to_host,
                'uri_user', uri_user,
                'uri_host', uri_host,
                'is_initial', case when method is not null then to_tag is null end,
                'user_agent', case when method is not null then user_agent end,
                'codecs', case when method is not null then array_join(sdp_codecs, ',') end
            ),
            case when method is null then instant + 10000000000000000 else instant end
        ) as request,
        count(method) as requests,
        count(status) as responses,
        count(*) as messages,
        count(case when retransmission then 1 end) as retransmissions,
        max(case when reason_cause < 1000 then instant * 1000 + reason_cause end) % 1000 as cause,
        max_by(user_agent, instant) filter (
            where status > 100 and user_agent is not null
        ) as server,
        max_by(array_join(sdp_codecs, ','), instant) filter (
            where status between 101 and 299 and sdp_codecs is not null
        ) as answer,
        -- Of a REGISTER: the first Contact, the seconds asked for, and those granted (10.2, 10.3).
        min_by(contact_user, instant) filter (
            where method = 'REGISTER' and contact_user is not null
        ) as contact_user,
        min_by(contact_host, instant) filter (
            where method = 'REGISTER' and contact_host is not null
        ) as contact_host,
        min_by(coalesce(contact_expires, expires), instant) filter (
            where method = 'REGISTER' and coalesce(contact_expires, expires) is not null
        ) as asked_expires,
        min_by(coalesce(contact_expires, expires), instant) filter (
            where cseq_method = 'REGISTER' and status between 200 and 299
                and coalesce(contact_expires, expires) is not null
        ) as granted_expires
    from numbered
    group by call_id, cseq_number, cseq_method, via_branch
)

select
    call_id,
    cseq_number,
    cseq_method as method,
    via_branch as branch,
    start,
    finish,
    packet,
    request.file as file,
    request_time,
    progress_time,
    final_time,
    request.source_address as source_address,
    request.source_port as source_port,
    request.destination_address as destination_address,
    request.destination_port as destination_port,
    request.from_user as from_user,
    request.from_host as from_host,
    request.from_tag as from_tag,
    request.to_user as to_user,
    request.to_host as to_host,
    request.uri_user as uri_user,
    request.uri_host as uri_host,
    request.is_initial as is_initial,
    progress,
    status,
    reason,
    (unix_micros(final_time) - unix_micros(request_time)) / 1e6 as delay,
    requests,
    responses,
    messages,
    retransmissions,
    cause,
    request.user_agent as user_agent,
    server,
    request.codecs as codecs,
    answer,
    contact_user,
    contact_host,
    asked_expires,
    granted_expires
from grouped
