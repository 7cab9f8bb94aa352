-- calls: a row for each Call-ID with an INVITE.
--
-- An attempt is an INVITE outside a dialog: its To has no tag.  A call has several after a challenge
-- (401, 407) or a redirection (3xx), with a higher CSeq each.  On captures from both sides of a proxy
-- each is there on several hops, and in several branches where a proxy forks.  RFC 6076 measures at the
-- caller: what has the fewest Via values is the closest to whoever sent the request.
--
-- Reads messages, once.  Runs on DuckDB (with the macros of duckdb.sql) and on Spark SQL.

with

ordered as (
    select
        messages.*,
        -- The order of messages: by their time in microseconds; behind these, without one, by their
        -- packet.
        case
            when time is null then 9000000000000001 + packet
            else least(greatest(unix_micros(time), 0), 9000000000000000)
        end as instant,
        least(coalesce(cast(via_count as bigint), 400), 400) as hop,
        method = 'INVITE' and to_tag is null as is_attempt,
        case when cseq_method = 'INVITE' then status end as invite_status,
        case when cseq_method = 'BYE' then status end as bye_status,
        -- Both sides of a dialog send INVITEs.  The order of the tags tells responses to one side from
        -- those to the other.
        coalesce(from_tag < to_tag, true) as is_ascending
    from messages
    where call_id is not null and coalesce(cseq_method, method, '') <> 'REGISTER'
),

-- By hop, and on one hop by time.
placed as (
    select
        ordered.*,
        hop * 10000000000000000 + instant as place,
        case when reason_cause < 1000 then instant * 1000 + reason_cause end as cause_place
    from ordered
),

gathered as (
    select
        call_id,
        min(time) as start,
        max(time) as finish,
        count(*) as messages,
        count(case when retransmission then 1 end) as retransmissions,

        count(case when is_attempt and not coalesce(retransmission, false) then 1 end) as invites,
        max(case when is_attempt then cseq_number end) as last_attempt,
        min(case when is_attempt then place end) as invited_place,
        -- The first INVITE, and rather one outside a dialog; of a response alone, what it repeats.
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
            struct(case when is_attempt then 0 else 1 end, place, packet)
        ) filter (where cseq_method = 'INVITE') as first_invite,
        cast(null as string) as correlation, -- or a header field of it, by which calls belong together

        -- What rang, for each order of the tags: the first, and of several at the same time the lowest
        -- status.
        min_by(
            named_struct(
                'place', place,
                'status', status,
                'from_tag', from_tag
            ),
            struct(place, status, packet)
        ) filter (where invite_status between 101 and 199 and is_ascending) as rang_ascending,
        min_by(
            named_struct(
                'place', place,
                'status', status,
                'from_tag', from_tag
            ),
            struct(place, status, packet)
        ) filter (where invite_status between 101 and 199 and not is_ascending) as rang_descending,
        min_by(array_join(sdp_codecs, ','), struct(place, packet)) filter (
            where invite_status between 101 and 199 and sdp_codecs is not null
        ) as early_codecs,

        -- The first 2xx, likewise.
        min_by(
            named_struct(
                'place', place,
                'status', status,
                'reason', reason,
                'user_agent', user_agent,
                'codecs', array_join(sdp_codecs, ','),
                'from_tag', from_tag
            ),
            struct(place, status, packet)
        ) filter (where invite_status between 200 and 299 and is_ascending) as answer_ascending,
        min_by(
            named_struct(
                'place', place,
                'status', status,
                'reason', reason,
                'user_agent', user_agent,
                'codecs', array_join(sdp_codecs, ','),
                'from_tag', from_tag
            ),
            struct(place, status, packet)
        ) filter (where invite_status between 200 and 299 and not is_ascending) as answer_descending,
        min_by(array_join(sdp_codecs, ','), struct(place, packet)) filter (
            where method = 'ACK' and sdp_codecs is not null
        ) as ack_codecs,

        -- The last failure or redirection of the last attempt that got one.
        max_by(
            named_struct(
                'cseq_number', cseq_number,
                'status', status,
                'reason', reason,
                'user_agent', user_agent
            ),
            struct(cseq_number, -hop, instant, status, packet)
        ) filter (where invite_status >= 300) as failure,
        min(
            case
                when invite_status >= 400 and invite_status not in (401, 402, 407) then place
            end
        ) as failed_place,

        -- The end.  The first BYE is the closest to whoever sent it: both sides may send one.
        min(case when method = 'BYE' then instant end) as hung_up_place,
        min_by(from_tag, struct(instant, packet)) filter (
            where method = 'BYE' and from_tag is not null
        ) as hung_up_by,
        min(case when bye_status between 200 and 299 then place end) as released_place,
        min(case when bye_status >= 200 then bye_status end) as bye_status,
        count(case when method = 'CANCEL' then 1 end) as cancels,
        min(case when method = 'BYE' then cause_place end) % 1000 as bye_cause,
        max(case when invite_status > 100 then cause_place end) % 1000 as response_cause,
        min(case when method = 'CANCEL' then cause_place end) % 1000 as cancel_cause
    from placed
    group by call_id
),

-- The responses to the side that sent the first INVITE, if there are any.
chosen as (
    select
        gathered.*,
        case
            when rang_descending is null then rang_ascending
            when rang_ascending is null then rang_descending
            when rang_descending.from_tag <> first_invite.from_tag
                and rang_ascending.from_tag = first_invite.from_tag then rang_ascending
            when rang_ascending.from_tag <> first_invite.from_tag
                and rang_descending.from_tag = first_invite.from_tag then rang_descending
            when rang_ascending.place <= rang_descending.place then rang_ascending
            else rang_descending
        end as ringing,
        case
            when answer_descending is null then answer_ascending
            when answer_ascending is null then answer_descending
            when answer_descending.from_tag <> first_invite.from_tag
                and answer_ascending.from_tag = first_invite.from_tag then answer_ascending
            when answer_ascending.from_tag <> first_invite.from_tag
                and answer_descending.from_tag = first_invite.from_tag then answer_descending
            when answer_ascending.place <= answer_descending.place then answer_ascending
            else answer_descending
        end as answer
    from gathered
    where first_invite is not null
),

-- Moments without their hops; null of messages without times.
timed as (
    select
        chosen.*,
        ringing.status as progress,
        nullif(least(invited_place % 10000000000000000, 9000000000000001), 9000000000000001) as invited,
        nullif(least(ringing.place % 10000000000000000, 9000000000000001), 9000000000000001) as rang,
        nullif(least(answer.place % 10000000000000000, 9000000000000001), 9000000000000001) as answered,
        nullif(least(failed_place % 10000000000000000, 9000000000000001), 9000000000000001) as failed,
        nullif(least(hung_up_place % 10000000000000000, 9000000000000001), 9000000000000001) as hung_up,
        nullif(least(released_place % 10000000000000000, 9000000000000001), 9000000000000001) as released
    from chosen
),

decided as (
    select
        timed.*,
        -- Where the capture begins within a dialog, responses are those to a re-INVITE.
        coalesce(first_invite.is_initial, true) as has_begin,
        case
            when not coalesce(first_invite.is_initial, true) then null
            when answer is not null then answer.status
            when coalesce(failure.cseq_number >= last_attempt, true) then failure.status
        end as status,
        case
            when not coalesce(first_invite.is_initial, true) then null
            when answer is not null then answer.reason
            when coalesce(failure.cseq_number >= last_attempt, true) then failure.reason
        end as reason
    from timed
)

select
    call_id,
    start,
    finish,
    coalesce(first_invite.from_user, first_invite.from_host) as caller,
    coalesce(
        first_invite.uri_user, first_invite.to_user, first_invite.uri_host, first_invite.to_host
    ) as callee,
    first_invite.from_user as from_user,
    first_invite.from_host as from_host,
    first_invite.to_user as to_user,
    first_invite.to_host as to_host,
    first_invite.source_address as source_address,
    first_invite.source_port as source_port,
    first_invite.destination_address as destination_address,
    first_invite.destination_port as destination_port,
    case
        when not has_begin or status between 200 and 299 then 'answered'
        when status in (486, 600) then 'busy'
        when status in (603, 607, 608) then 'declined'
        when status = 487 or (status is null and cancels > 0) then 'cancelled'
        when status = 480 or (status = 408 and progress is not null) then 'no answer'
        when status between 300 and 399 then 'redirected'
        when status in (401, 407) then 'challenged'
        when status is null then 'unfinished'
        else 'failed'
    end as result,
    status,
    reason,
    case when has_begin then progress end as progress,
    (
        case
            when rang is not null then rang
            when status between 200 and 299 then answered
            when status >= 400 and status not in (401, 402, 407) then failed
        end - invited
    ) / 1e6 as post_dial_delay,
    (answered - invited) / 1e6 as setup_time,
    case when has_begin then timestamp_micros(answered) end as answered,
    timestamp_micros(hung_up) as hung_up,
    case when has_begin then (hung_up - answered) / 1e6 end as duration,
    (released - hung_up) / 1e6 as disconnect_delay,
    case
        when hung_up_by = first_invite.from_tag then 'caller'
        when hung_up_by is not null and first_invite.from_tag is not null then 'callee'
    end as hangup,
    bye_status,
    coalesce(bye_cause, response_cause, cancel_cause) as cause,
    nullif(
        case
            -- Without an offer in the INVITE, the 2xx has it, and the ACK the answer.
            when first_invite.codecs is null then common_items(ack_codecs, answer.codecs)
            else common_items(coalesce(answer.codecs, early_codecs), first_invite.codecs)
        end,
        ''
    ) as codecs,
    retransmissions,
    first_invite.user_agent as caller_agent,
    coalesce(answer.user_agent, failure.user_agent) as callee_agent,
    messages,
    invites,
    correlation,
    cast(1 as bigint) as legs, -- of the same correlation
    first_invite.file as file
from decided
