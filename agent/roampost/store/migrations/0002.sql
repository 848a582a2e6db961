-- Sessions that begin while no hub can be asked, and what a hub has acknowledged.
--
-- SQLite cannot change a check: outbox is written anew, and delivery with it (dropping outbox alone would take the
-- log of attempts along).

-- queued, held ──► sending ──► delivered | unconfirmed | queued (retry) | held (hold) | parked (reject)
--                     └──► refused (a late authorization; everything unfinished in its lane with it)
-- queued, held, parked ──► superseded | discarded
-- parked, discarded, unconfirmed ──► queued (by a person)
-- refused ──► queued (by a person: the whole lane, from its late authorization on)
create table outbox_2 (
  seq integer primary key,
  hub text not null,
  lane text not null,                  -- one message in flight per (hub, lane)
  kind text not null,                  -- the kinds of domain/messages.py, without progress
  evse_id text not null,               -- '*': about all of them
  session_id text,
  body text not null check (json_valid(body)),
  remembers text check (remembers is null or json_valid(remembers)),  -- [[name, value], ...] for memory
  created_boot text not null,
  created_mono_ms integer not null,
  created_wall_ms integer not null,
  created_trusted integer not null,
  state text not null check (state in (
    'queued', 'sending', 'held', 'parked', 'delivered', 'unconfirmed', 'superseded', 'discarded', 'refused')),
  attempts integer not null default 0,
  unknown_outcome integer not null default 0,  -- 1: an earlier attempt may have arrived
  offline integer not null default 0,          -- 1: the last attempt did not reach the hub
  next_attempt_ms integer not null default 0,
  trying_since_ms integer,                     -- first attempt that reached the hub
  last_code text,
  last_text text,
  last_process_id text,
  last_http_status integer,
  finished_ms integer,
  check ((finished_ms is null) = (state in ('queued', 'sending', 'held', 'parked')))
) strict;
insert into outbox_2 (seq, hub, lane, kind, evse_id, session_id, body,
  created_boot, created_mono_ms, created_wall_ms, created_trusted,
  state, attempts, unknown_outcome, offline, next_attempt_ms, trying_since_ms,
  last_code, last_text, last_process_id, last_http_status, finished_ms)
select seq, hub, lane, kind, evse_id, session_id, body,
  created_boot, created_mono_ms, created_wall_ms, created_trusted,
  state, attempts, unknown_outcome, offline, next_attempt_ms, trying_since_ms,
  last_code, last_text, last_process_id, last_http_status, finished_ms
from outbox;

create table delivery_2 (
  seq integer not null references outbox_2 (seq) on delete cascade,
  attempt integer not null,
  at_ms integer not null,
  verdict text not null,
  arrival text not null,
  code text,
  http_status integer,
  process_id text,
  text text not null,
  primary key (seq, attempt)
) strict, without rowid;
insert into delivery_2 (seq, attempt, at_ms, verdict, arrival, code, http_status, process_id, text)
select seq, attempt, at_ms, verdict, arrival, code, http_status, process_id, text from delivery;

drop table delivery;
drop table outbox;
alter table outbox_2 rename to outbox;
alter table delivery_2 rename to delivery;
create index outbox_live on outbox (hub, lane) where finished_ms is null;

-- What a late authorization has brought: the hub's own ID of the session, or its no.
create table hub_session (
  hub text not null,
  session_id text not null,            -- our own
  hub_session_id text,
  refused text,                        -- the hub's word; null: not refused
  changed_ms integer not null,
  primary key (hub, session_id)
) strict, without rowid;

-- What a hub has said yes to and that must be known later (which EVSE data it has). Written with that yes.
create table memory (
  hub text not null,
  name text not null,
  value text not null,
  changed_ms integer not null,
  primary key (hub, name)
) strict, without rowid;
