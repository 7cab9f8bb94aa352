-- registrations: a row for each Call-ID and address-of-record (To) with a REGISTER (RFC 3261 10).
--
-- A device keeps the Call-ID of its refreshes.  A REGISTER that answers a challenge (401, 407) belongs
-- to the attempt before: it has the next CSeq, and follows within the 32 seconds of Timer F.  What
-- comes later is a new attempt, as that of a device that tries a wrong password every minute.
--
-- Reads transactions.  Runs on DuckDB (with the macros of duckdb.sql) and on Spark SQL.

with

ordered as (
    select transactions.*, struct(coalesce(unix_micros(start), 9000000000000001), packet) as place
    from transactions
    where method = 'REGISTER'
),

-- Of several hops, the one on which the REGISTER was seen first.
registers as (
    select
        call_id,
        to_user,
        to_host,
        cseq_number,
        min(start) as start,
        max(finish) as finish,
        cast(sum(messages) as bigint) as messages,
        cast(sum(retransmissions) as bigint) as retransmissions,
        min(request_time) as request_time,
        min_by(status, place) filter (where status is not null) as status,
        min_by(coalesce(reason, ''), place) filter (where status is not null) as reason,
        min_by(final_time, place) filter (where final_time is not null) as final_time,
        min_by(source_address, place) filter (where source_address is not null) as source_address,
        min_by(source_port, place) filter (where source_port is not null) as source_port,
        min_by(destination_address, place) filter (
            where destination_address is not null
        ) as destination_address,
        min_by(destination_port, place) filter (
            where destination_port is not null
        ) as destination_port,
        min_by(user_agent, place) filter (where user_agent is not null) as user_agent,
        min_by(contact_user, place) filter (where contact_user is not null) as contact_user,
        min_by(contact_host, place) filter (where contact_host is not null) as contact_host,
        min_by(asked_expires, place) filter (where asked_expires is not null) as asked_expires,
        min_by(granted_expires, place) filter (
            where granted_expires is not null
        ) as granted_expires,
        min_by(file, place) filter (where file is not null) as file
    from ordered
    group by call_id, to_user, to_host, cseq_number
),

begun as (
    select
        registers.*,
        case
            when lag(status) over by_cseq in (401, 407)
                and coalesce(
                    unix_micros(start) - unix_micros(lag(final_time) over by_cseq) <= 32000000, true
                ) then 0
            else 1
        end as begins
    from registers
    window by_cseq as (partition by call_id, to_user, to_host order by cseq_number)
),

counted as (
    select
        begun.*,
        sum(begins) over (
            partition by call_id, to_user, to_host
            order by cseq_number
            rows between unbounded preceding and current row
        ) as attempt
    from begun
),

attempts as (
    select
        call_id,
        to_user,
        to_host,
        attempt,
        min(start) as start,
        max(finish) as finish,
        cast(sum(messages) as bigint) as messages,
        cast(sum(retransmissions) as bigint) as retransmissions,
        min(request_time) as request_time,
        max(cseq_number) as last_cseq,
        count(case when status in (401, 407) then 1 end) as challenges,
        max(cseq_number) filter (where status is not null) as final_cseq,
        max_by(status, cseq_number) filter (where status is not null) as final_status,
        max_by(reason, cseq_number) filter (where status is not null) as final_reason,
        max_by(final_time, cseq_number) filter (where final_time is not null) as final_time,
        max_by(asked_expires, cseq_number) filter (
            where asked_expires is not null
        ) as asked_expires,
        max_by(granted_expires, cseq_number) filter (
            where granted_expires is not null
        ) as granted_expires,
        min_by(source_address, cseq_number) filter (
            where source_address is not null
        ) as source_address,
        min_by(source_port, cseq_number) filter (where source_port is not null) as source_port,
        min_by(destination_address, cseq_number) filter (
            where destination_address is not null
        ) as destination_address,
        min_by(destination_port, cseq_number) filter (
            where destination_port is not null
        ) as destination_port,
        min_by(user_agent, cseq_number) filter (where user_agent is not null) as user_agent,
        min_by(contact_user, cseq_number) filter (where contact_user is not null) as contact_user,
        min_by(contact_host, cseq_number) filter (where contact_host is not null) as contact_host,
        min_by(file, cseq_number) filter (where file is not null) as file
    from counted
    group by call_id, to_user, to_host, attempt
),

ended as (
    select
        attempts.*,
        case when final_cseq = last_cseq then final_status end as status,
        case when final_cseq = last_cseq then final_reason end as reason
    from attempts
),

gathered as (
    select
        call_id,
        to_user,
        to_host,
        min(start) as start,
        max(finish) as finish,
        min_by(source_address, attempt) filter (where source_address is not null) as source_address,
        min_by(source_port, attempt) filter (where source_port is not null) as source_port,
        min_by(destination_address, attempt) filter (
            where destination_address is not null
        ) as destination_address,
        min_by(destination_port, attempt) filter (
            where destination_port is not null
        ) as destination_port,
        min_by(contact_user, -attempt) filter (where contact_user is not null) as contact_user,
        min_by(contact_host, -attempt) filter (where contact_host is not null) as contact_host,
        min_by(user_agent, attempt) filter (where user_agent is not null) as user_agent,
        max(attempt) as last_attempt,
        max_by(attempt, attempt) filter (where status is not null) as final_attempt,
        max_by(status, attempt) filter (where status is not null) as final_status,
        max_by(reason, attempt) filter (where status is not null) as final_reason,
        max_by(coalesce(asked_expires, -1), attempt) filter (
            where status is not null
        ) as asked_expires,
        max_by(granted_expires, attempt) filter (
            where status between 200 and 299 and granted_expires is not null
        ) as expires,
        avg((unix_micros(final_time) - unix_micros(request_time)) / 1e6) filter (
            where status between 200 and 299
        ) as delay,
        count(*) as attempts,
        count(case when status between 200 and 299 then 1 end) as accepted,
        count(
            case when status >= 400 and status not in (401, 402, 407) then 1 end
        ) as refused,
        count(case when status is null then 1 end) as unanswered,
        cast(sum(challenges) as bigint) as challenges,
        cast(sum(retransmissions) as bigint) as retransmissions,
        cast(sum(messages) as bigint) as messages,
        min_by(file, attempt) filter (where file is not null) as file
    from ended
    group by call_id, to_user, to_host
),

decided as (
    select
        gathered.*,
        case when final_attempt = last_attempt then final_status end as status,
        case when final_attempt = last_attempt then final_reason end as reason
    from gathered
)

select
    call_id,
    to_user,
    to_host,
    start,
    finish,
    source_address,
    source_port,
    destination_address,
    destination_port,
    contact_user,
    contact_host,
    user_agent,
    case
        when status is null then 'unanswered'
        when status between 200 and 299 and asked_expires = 0 then 'removed'
        when status between 200 and 299 then 'registered'
        when status between 300 and 399 then 'redirected'
        when status in (401, 407) then 'challenged'
        else 'refused'
    end as result,
    status,
    reason,
    expires,
    delay,
    attempts,
    accepted,
    greatest(accepted - 1, 0) as refreshes,
    refused,
    unanswered,
    challenges,
    retransmissions,
    messages,
    file
from decided
