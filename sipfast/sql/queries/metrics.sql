-- metrics: the figures of RFC 6076, and the ratios of ITU-T E.411 and E.425, for all calls and
-- registrations, and for each host that sent or received the first INVITE or REGISTER.
--
-- A call counts once, with its last attempt: challenges and their delay are a part of it (RFC 6076
-- 5.3), and so are the branches of a fork (5.4).  A call whose INVITE lies before the capture counts
-- only in the delays of its end.
--
-- Reads calls and registrations.  Runs on DuckDB and on Spark SQL.

with

judged as (
    select
        calls.*,
        invites > 0 as is_attempt,
        invites > 0 and result = 'answered' as is_answered,
        status >= 400 and status not in (401, 402, 407) as is_failed,
        coalesce(bye_status between 200 and 299, false) as is_released,
        hung_up is not null or hangup is not null as is_hung_up
    from calls
),

of_calls as (
    select
        case
            when grouping(destination_address) = 0 then 'destination_address'
            when grouping(source_address) = 0 then 'source_address'
            else 'all'
        end as scope,
        coalesce(source_address, destination_address) as host,
        count(case when is_attempt then 1 end) as attempts,
        count(case when is_answered then 1 end) as answers,
        count(case when is_attempt and result = 'redirected' then 1 end) as redirections,
        count(case when is_attempt and status in (480, 486, 600, 603) then 1 end) as of_user,
        count(
            case
                when not is_attempt then null
                when result in ('busy', 'declined', 'no answer') then 1
                when result = 'cancelled' and progress is not null then 1
            end
        ) as reached,
        count(case when is_attempt and status in (408, 500, 503, 504) then 1 end) as ineffective,
        count(case when is_answered and is_released then 1 end) as completed,
        avg(case when is_answered then post_dial_delay end) as srd_successful,
        avg(case when is_failed then post_dial_delay end) as srd_failed,
        avg(disconnect_delay) as sdd,
        count(case when is_hung_up and not is_released then 1 end) as sdd_failures,
        avg(case when is_released then duration end) as sdt,
        cast(sum(retransmissions) as bigint) as retransmissions,
        cast(sum(messages) as bigint) as messages
    from judged
    group by grouping sets ((), (source_address), (destination_address))
),

of_registrations as (
    select
        case
            when grouping(destination_address) = 0 then 'destination_address'
            when grouping(source_address) = 0 then 'source_address'
            else 'all'
        end as scope,
        coalesce(source_address, destination_address) as host,
        cast(sum(attempts) as bigint) as attempts,
        cast(sum(refused + unanswered) as bigint) as ineffective,
        sum(delay * accepted) / sum(case when delay is not null then accepted end) as rrd,
        cast(sum(retransmissions) as bigint) as retransmissions,
        cast(sum(messages) as bigint) as messages
    from registrations
    group by grouping sets ((), (source_address), (destination_address))
)

select
    coalesce(c.scope, r.scope) as scope,
    coalesce(c.host, r.host) as host,
    coalesce(c.attempts, 0) as attempts,
    coalesce(c.answers, 0) as answers,
    100e0 * c.answers / nullif(c.attempts, 0) as asr,
    100e0 * (c.answers + c.reached) / nullif(c.attempts, 0) as ner,
    100e0 * c.answers / nullif(c.attempts - c.redirections, 0) as ser,
    100e0 * (c.answers + c.of_user) / nullif(c.attempts - c.redirections, 0) as seer,
    100e0 * c.ineffective / nullif(c.attempts, 0) as isa,
    100e0 * c.completed / nullif(c.attempts, 0) as scr,
    c.srd_successful,
    c.srd_failed,
    c.sdd,
    coalesce(c.sdd_failures, 0) as sdd_failures,
    c.sdt,
    coalesce(r.attempts, 0) as registrations,
    r.rrd,
    100e0 * r.ineffective / nullif(r.attempts, 0) as ira,
    coalesce(c.retransmissions, 0) + coalesce(r.retransmissions, 0) as retransmissions,
    coalesce(c.messages, 0) + coalesce(r.messages, 0) as messages
from of_calls as c
full join of_registrations as r
    on c.scope = r.scope and coalesce(c.host, '') = coalesce(r.host, '')
