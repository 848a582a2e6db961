"""Every SQL statement of the agent, by name. Nothing else in the code holds SQL, except the migrations."""

# ruff: noqa: S608 - the statements are put together from constants of this file only

from collections.abc import Sequence
from typing import Final

# One live outbox row as the lanes see it; the order is the order of the fields of changes.LiveRow.
_LIVE: Final = (
    "seq, hub, lane, kind, evse_id, session_id, state, attempts, unknown_outcome, offline, next_attempt_ms, "
    "trying_since_ms, created_boot, created_mono_ms, created_trusted"
)
# Kinds of which only the newest counts, of each EVSE or station or of the hub ('*').
_NEWEST_ONLY: Final = (
    "('status', 'full_load', 'evse_data', 'evse_data_set', 'station_data', 'pricing_products', 'evse_pricing')"
)
# True for such a message that a younger, still unfinished one has made obsolete.
_HAS_YOUNGER: Final = f"""exists (select 1 from outbox as y
  where y.hub = outbox.hub and y.lane = outbox.lane and y.finished_ms is null and y.seq > outbox.seq and (
    (y.kind = outbox.kind and y.evse_id = outbox.evse_id and outbox.kind in {_NEWEST_ONLY})
    or (y.kind = 'evse_data_set' and outbox.kind = 'evse_data')))"""
_HUB_SESSION_ID: Final = (
    "(select h.hub_session_id from hub_session as h where h.hub = outbox.hub and h.session_id = outbox.session_id)"
)

# --- connection and schema -------------------------------------------------------------------------------------

# FULL: an acknowledged commit survives a power cut (NORMAL does not). One connection writes, ever.
WRITER_PRAGMAS: Final = (
    "pragma busy_timeout = 5000",
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma journal_size_limit = 4194304",
    "pragma cache_size = -256",  # KiB; rows are small and read by key, the default of 2 MiB would fill for nothing
    "pragma secure_delete = fast",
)
READER_PRAGMAS: Final = ("pragma busy_timeout = 5000", "pragma query_only = on")
SCHEMA_VERSION: Final = "pragma user_version"
APPLICATION_ID: Final = "pragma application_id"
COUNT_TABLES: Final = "select count(*) from sqlite_master"
# Also the indexes, by which what waits is found; hardly slower than quick_check.
CHECK: Final = "pragma integrity_check(1)"
TABLES: Final = (
    "select name, wr from pragma_table_list where schema = 'main' and name not like 'sqlite_%' order by name"
)
COLUMNS: Final = 'select name, type, "notnull", pk from pragma_table_info(?) order by cid'
SCHEMA: Final = """
select m.name, c.name from sqlite_master as m join pragma_table_info(m.name) as c
where m.type = 'table' and m.name not like 'sqlite_%'
"""
CHECKPOINT: Final = "pragma wal_checkpoint(truncate)"
MIGRATION: Final = "begin immediate;\n{script}\n;pragma user_version = {number};\ncommit;"
# Refused where the file says that it must not be written; begin immediate is not.
WRITE_NOTHING: Final = "delete from boot where false"
BEGIN: Final = "begin immediate"
COMMIT: Final = "commit"
ROLLBACK: Final = "rollback"
SAVE: Final = "savepoint job"
UNSAVE: Final = "rollback to job"
RELEASE: Final = "release job"

# --- what the state loop writes --------------------------------------------------------------------------------

SEE_BOOT: Final = "insert into boot (boot, first_seen_ms) values (?, ?) on conflict do nothing"
SET_OFFSET: Final = "update boot set trusted_offset_ms = ? where boot = ?"
PUT_EVSE: Final = """
insert into evse (evse_id, state, context, permitted_ma,
  changed_boot, changed_mono_ms, changed_wall_ms, changed_trusted)
values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (evse_id) do update set state = excluded.state, context = excluded.context,
  permitted_ma = excluded.permitted_ma, changed_boot = excluded.changed_boot,
  changed_mono_ms = excluded.changed_mono_ms, changed_wall_ms = excluded.changed_wall_ms,
  changed_trusted = excluded.changed_trusted
"""
PUT_SESSION: Final = """
insert into session (session_id, hub, hub_session_id, evse_id, body, state, why, changed_ms)
values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (session_id) do update set hub = excluded.hub, hub_session_id = excluded.hub_session_id,
  evse_id = excluded.evse_id, body = excluded.body, state = excluded.state, why = excluded.why,
  changed_ms = excluded.changed_ms
"""
SET_LATCH: Final = """
insert into fault_latch (evse_id, fault, since_boot, since_mono_ms, since_wall_ms, since_trusted)
values (?, ?, ?, ?, ?, ?) on conflict do nothing
"""
CLEAR_LATCH: Final = "delete from fault_latch where evse_id = ? and fault = ?"
ADD_AUDIT: Final = "insert into audit (at_ms, uid, pid, what, target, reason) values (?, ?, ?, ?, ?, ?)"
ADD_MESSAGE: Final = f"""
insert into outbox (hub, lane, kind, evse_id, session_id, body, remembers,
  created_boot, created_mono_ms, created_wall_ms, created_trusted, state, finished_ms, last_text)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning {_LIVE}
"""
# What is in flight is left alone: its answer decides (see SUPERSEDE_OLDER).
SUPERSEDE_WAITING: Final = f"""
update outbox set state = 'superseded', finished_ms = :now_ms
where hub = :hub and lane = :lane and finished_ms is null and state in ('queued', 'held', 'parked') and seq < :seq
  and ((kind = :kind and evse_id = :evse_id and kind in {_NEWEST_ONLY})
       or (kind = 'evse_data' and :kind = 'evse_data_set'))
returning {_LIVE}
"""
REFUSED_SESSION: Final = """
select refused from hub_session where hub = :hub and session_id = :session_id and refused is not null
  and json_extract(:body, '$.session.hub_session_id') is null
"""

# --- what the lanes write --------------------------------------------------------------------------------------

# Parked ones hold up nobody, but for a late authorization: nothing of its session can go without it.
LIVE_ROWS: Final = f"""
select {_LIVE} from outbox
where hub = ? and finished_ms is null and (state <> 'parked' or kind = 'late_authorization') order by seq
"""
MARK_SENDING: Final = f"""
update outbox set state = 'sending', attempts = attempts + 1
where seq = ? and state in ('queued', 'held') returning {_LIVE}, body, {_HUB_SESSION_ID}
"""
# The attempt was given up before a byte left.
UNMARK_SENDING: Final = f"""
update outbox set state = 'queued', attempts = attempts - 1 where seq = ? and state = 'sending' returning {_LIVE}
"""
# It cannot be said now: the same, and not before next_attempt_ms.
PUT_OFF: Final = f"""
update outbox set state = 'queued', attempts = attempts - 1, offline = 0, next_attempt_ms = ?
where seq = ? and state = 'sending' returning {_LIVE}
"""
# The process ended, or the lane did, between `sending` and the outcome: the hub may have the message.
RECOVER_SENDING: Final = f"""
update outbox set state = 'queued', unknown_outcome = 1
where finished_ms is null and state = 'sending' and (:hub is null or hub = :hub) returning {_LIVE}
"""
SETTLE: Final = f"""
update outbox set state = :state, unknown_outcome = max(unknown_outcome, :unknown_outcome), offline = :offline,
  next_attempt_ms = :next_attempt_ms, trying_since_ms = coalesce(trying_since_ms, :trying_since_ms),
  last_code = :code, last_text = :text, last_hub_reference = :hub_reference, last_http_status = :http_status,
  finished_ms = :finished_ms
where seq = :seq and state = 'sending' returning {_LIVE}
"""
LOG_DELIVERY: Final = """
insert into delivery (seq, attempt, at_ms, verdict, arrival, code, http_status, hub_reference, text)
values (:seq, :attempt, :at_ms, :verdict, :arrival, :code, :http_status, :hub_reference, :text)
"""
TRIM_DELIVERIES: Final = "delete from delivery where seq = ? and attempt = ? and attempt > 1"
SUPERSEDE_OLDER: Final = f"""
update outbox set state = 'superseded', finished_ms = :now_ms
where seq = :seq and finished_ms is null and {_HAS_YOUNGER} returning {_LIVE}
"""
SUPERSEDE_NOTIFICATIONS: Final = f"""
update outbox set state = 'superseded', finished_ms = :now_ms, last_text = :why
where hub = :hub and lane = :lane and finished_ms is null and kind in ('start', 'error', 'end')
  and state in ('queued', 'held')
returning {_LIVE}
"""
REMEMBERS: Final = "select remembers from outbox where seq = ? and remembers is not null"
PUT_MEMORY: Final = """
insert into memory (hub, name, value, changed_ms) values (?, ?, ?, ?)
on conflict (hub, name) do update set value = excluded.value, changed_ms = excluded.changed_ms
"""
FORGET_MEMORY: Final = "delete from memory where hub = ? and name = ?"
MEMORY: Final = "select name, value from memory where hub = ?"
# What memory will say once the unfinished messages are acknowledged, in their order.
MEMORY_WAITING: Final = """
select remembers from outbox where hub = ? and finished_ms is null and remembers is not null order by seq
"""
# The hub has data of these EVSEs now. Only the first times: what it refuses even so keeps its slow pace.
TELL_AGAIN: Final = f"""
update outbox set next_attempt_ms = 0
where hub = :hub and finished_ms is null and kind = 'status' and state = 'held' and attempts < 4 and evse_id in (
  select case when told.kind = 'evse_data' then told.evse_id
    when json_valid(one.value) then json_extract(one.value, '$.evse_id') end
  from outbox as told, json_each(told.body, '$.data') as one where told.seq = :seq)
returning {_LIVE}
"""
PUT_HUB_SESSION: Final = """
insert into hub_session (hub, session_id, hub_session_id, refused, changed_ms) values (?, ?, ?, ?, ?)
on conflict (hub, session_id) do update set hub_session_id = excluded.hub_session_id, refused = excluded.refused,
  changed_ms = excluded.changed_ms
  where hub_session.hub_session_id is null
"""
IS_OPENED: Final = """
select 1 from outbox join hub_session as h using (hub, session_id)
where outbox.seq = ? and h.hub_session_id is not null
"""
# One in flight is left alone: its answer finds the session opened.
SUPERSEDE_LATE: Final = f"""
update outbox set state = 'superseded', finished_ms = :now_ms, last_text = 'the hub has said yes by itself'
where hub = :hub and lane = :lane and kind = 'late_authorization' and state in ('queued', 'held', 'parked')
returning {_LIVE}
"""
# What names a session of the hub closes another one there, which a late yes has opened: it goes all the same.
REFUSE_LANE: Final = f"""
update outbox set state = 'refused', finished_ms = :now_ms, last_text = :why
where hub = :hub and lane = :lane and finished_ms is null
  and json_extract(body, '$.session.hub_session_id') is null returning {_LIVE}
"""
# What late authorizations have brought to sessions that still go on.
HUB_SESSIONS: Final = """
select h.session_id, h.hub_session_id, h.refused from hub_session as h join session as s using (session_id)
where h.hub = ? and s.state <> 'closed' order by h.session_id
"""
# How far the open sessions have been told; they are among the latest messages, so that history is not read.
OPEN_SESSIONS_TOLD: Final = f"""
select session_id, kind, state, {_HUB_SESSION_ID} from outbox
where hub = ? and kind in ('start', 'end', 'cdr') and seq > (select max(seq) - 5000 from outbox)
  and session_id in (select session_id from session where state = 'open')
order by seq
"""
# The hub's sessions of which the end is told or waits to be, the latest ones, and what paid for them.
ENDED_SESSIONS: Final = """
select hub, lower(json_extract(body, '$.session.hub_session_id')) as id,
  json_extract(body, '$.session.provider_session_id') as payment
from outbox
where kind in ('end', 'cdr') and seq > (select max(seq) - 5000 from outbox) and id is not null
order by seq desc limit 500
"""
# Of several that may still land the oldest is kept: whichever of the younger ones is acknowledged, it is not that one.
PUT_ECHO: Final = """
insert into status_echo (hub, evse_id, seq, until_ms) values (:hub, :evse_id, :seq, :until_ms)
on conflict (hub, evse_id) do update set
  seq = iif(until_ms > :now_ms and until_ms <= excluded.until_ms, min(seq, excluded.seq), excluded.seq),
  until_ms = excluded.until_ms
"""
# The delivered status once more, for when an older one whose answer was lost lands after it.
REPEAT_STATUS: Final = f"""
insert into outbox (hub, lane, kind, evse_id, session_id, body,
  created_boot, created_mono_ms, created_wall_ms, created_trusted, state, next_attempt_ms)
select hub, lane, kind, evse_id, session_id, body,
  created_boot, created_mono_ms, created_wall_ms, created_trusted, 'queued', :due_ms
from outbox
where seq = :seq and not {_HAS_YOUNGER}
  and exists (select 1 from status_echo as e where e.hub = outbox.hub and e.evse_id = outbox.evse_id
              and e.seq <> outbox.seq and e.until_ms > :now_ms and e.until_ms <= :due_ms)
returning {_LIVE}
"""
# An end that is further away than an echo lasts comes from a wall clock that has since been set back.
DROP_ECHO: Final = (
    "delete from status_echo where hub = ? and evse_id = ? and seq <> ? and (until_ms <= ? or until_ms > ?)"
)

# --- what a person does ----------------------------------------------------------------------------------------

STATE_OF: Final = "select state from outbox where seq = ?"
# An old status would overwrite a newer one at the hub; so would old data.
OUTDATED: Final = f"""
select o.kind from outbox as o join outbox as y on y.seq > o.seq and y.hub = o.hub and y.lane = o.lane
  and ((y.kind = o.kind and y.evse_id = o.evse_id) or (o.kind, y.kind) in
    (values ('evse_data', 'evse_data_set'), ('evse_data_set', 'evse_data')))
where o.seq = ? and o.kind in {_NEWEST_ONLY} limit 1
"""
REQUEUE: Final = f"""
update outbox set state = 'queued', next_attempt_ms = 0, trying_since_ms = null, offline = 0, finished_ms = null
where seq = ? returning {_LIVE}
"""
# A refused session is asked for again as a whole; RETURNING tells the late authorization and all that waits for it.
REQUEUE_REFUSED: Final = f"""
update outbox set state = 'queued', next_attempt_ms = 0, trying_since_ms = null, offline = 0, finished_ms = null
where state = 'refused' and (hub, lane) = (select r.hub, r.lane from outbox as r where r.seq = ?) returning {_LIVE}
"""
FORGET_HUB_SESSION: Final = "delete from hub_session where hub = ? and session_id = ?"
DISCARD: Final = (
    f"update outbox set state = 'discarded', finished_ms = ?, last_text = ? where seq = ? returning {_LIVE}"
)

# --- retention -------------------------------------------------------------------------------------------------

PRUNE_STEP: Final = "select max(seq) from (select seq from outbox where seq > ? order by seq limit 200)"
# The youngest row stays, so that a seq is never given twice (people quote it).
PRUNE_OUTBOX: Final = """
delete from outbox where seq > :after and seq <= :upto and seq < (select max(seq) from outbox)
  and finished_ms < case when kind = 'cdr' or state = 'refused' then :cdrs_before_ms else :before_ms end
"""
# Without its session an unbilled record would say nothing to a person.
PRUNE_SESSIONS: Final = """
delete from session where rowid in
  (select rowid from session where state = 'closed' and changed_ms < :before_ms
   and session_id not in (select session_id from outbox where finished_ms is null and session_id is not null)
   limit :most)
returning session_id
"""
PRUNE_HUB_SESSIONS: Final = """
delete from hub_session where changed_ms < ? and session_id not in (select session_id from session)
  and session_id not in (select session_id from outbox where finished_ms is null and session_id is not null)
"""
# A boot is kept while its offset may tell a time right: of a row, or of a stamp inside one. Boots whose clock never
# was right tell nothing.
PRUNE_BOOTS: Final = """
delete from boot where coalesce(trusted_offset_ms, first_seen_ms) < ? and boot <> ?
  and boot not in (select changed_boot from evse) and boot not in (select since_boot from fault_latch)
  and boot not in (select created_boot from outbox)
"""
PRUNE_AUDITS: Final = "delete from audit where at_ms < ? and id < (select max(id) from audit)"

# --- reading ---------------------------------------------------------------------------------------------------

BOOTS: Final = "select boot, trusted_offset_ms from boot where trusted_offset_ms is not null"
EVSES: Final = """
select evse_id, state, context, permitted_ma, changed_boot, changed_mono_ms, changed_wall_ms, changed_trusted
from evse order by evse_id
"""
LATCHES: Final = """
select evse_id, fault, since_boot, since_mono_ms, since_wall_ms, since_trusted from fault_latch order by evse_id, fault
"""
SESSIONS: Final = """
select session_id, hub, hub_session_id, evse_id, body, state, why, changed_ms
from session order by rowid desc limit ?
"""
# With the youngest charge detail record of each; the messages are gone through once.
SESSION_RECORDS: Final = """
select s.session_id, s.hub, coalesce(s.hub_session_id, h.hub_session_id), s.evse_id, s.body, s.state, s.why,
  s.changed_ms, c.seq, c.state, c.last_text
from session as s
left join hub_session as h on h.hub = s.hub and h.session_id = s.session_id
left join (select session_id, max(seq) as seq from outbox where kind = 'cdr' group by session_id) as newest
  on newest.session_id = s.session_id
left join outbox as c on c.seq = newest.seq
where not :unbilled or c.state in ('queued', 'sending', 'held', 'parked', 'refused')
order by s.rowid desc limit :limit
"""
_CREATED: Final = "coalesce(b.trusted_offset_ms + o.created_mono_ms, o.created_wall_ms)"
_OUTBOX_ROW: Final = f"""
select o.seq, o.hub, o.lane, o.kind, o.evse_id, o.session_id, o.body, {_CREATED}, o.state, o.attempts,
  o.unknown_outcome, o.offline, o.next_attempt_ms, o.trying_since_ms, o.last_code, o.last_text, o.last_hub_reference,
  o.last_http_status, o.finished_ms
from outbox as o left join boot as b on b.boot = o.created_boot
"""
# +: else SQLite goes through the whole history for the order.
OUTBOX_LIVE: Final = (
    _OUTBOX_ROW + "where o.finished_ms is null and (:hub is null or o.hub = :hub) order by +o.seq limit :limit"
)
OUTBOX_ALL: Final = (
    _OUTBOX_ROW + "where o.seq < :before_seq and (:hub is null or o.hub = :hub) "
    "and (:state is null or o.state = :state) and (:kind is null or o.kind = :kind) order by o.seq desc limit :limit"
)
OUTBOX_ONE: Final = _OUTBOX_ROW + "where o.seq = ?"
DELIVERIES: Final = """
select attempt, at_ms, verdict, arrival, code, http_status, hub_reference, text
from delivery where seq = ? order by attempt
"""
AUDITS: Final = "select id, at_ms, uid, pid, what, target, reason from audit order by id desc limit ?"

# --- damage ----------------------------------------------------------------------------------------------------


def everything(table: str) -> str:
    return f"select * from {table}"


def restore(table: str, columns: Sequence[str]) -> str:
    """Put back one row of a table; names are those of the schema."""
    return f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
