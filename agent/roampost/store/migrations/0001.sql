-- What the agent must not forget: its EVSEs, its sessions, and what it still has to tell.
--
-- *_ms are Unix milliseconds by the wall clock, *_mono_ms milliseconds of one boot. A time taken before the clock
-- was synchronized is told right by boot.trusted_offset_ms + its *_mono_ms. Order is seq, never a time.
-- Few indexes, on purpose: each one costs a 4 KiB page of flash per message and state change.

pragma application_id = 0x526f616d;

create table boot (
  boot text primary key,               -- the kernel's boot id
  first_seen_ms integer not null,
  trusted_offset_ms integer            -- wall minus monotonic, once the clock was synchronized in that boot
) strict;

create table evse (
  evse_id text primary key,
  state text not null,
  context text not null check (json_valid(context)),
  permitted_ma integer not null,       -- 0: charging is forbidden
  changed_boot text not null,
  changed_mono_ms integer not null,
  changed_wall_ms integer not null,
  changed_trusted integer not null
) strict;

create table session (
  session_id text primary key,         -- our own
  hub text,
  hub_session_id text,
  evse_id text not null,
  body text not null check (json_valid(body)),
  state text not null check (state in ('open', 'closing', 'closed')),
  why text,
  changed_ms integer not null
) strict;

-- queued, held ──► sending ──► delivered | unconfirmed | queued (retry) | held (hold) | parked (reject)
-- queued, held, parked ──► superseded | discarded        parked, discarded, unconfirmed ──► queued (by a person)
create table outbox (
  seq integer primary key,
  hub text not null,
  lane text not null,                  -- one message in flight per (hub, lane)
  kind text not null,                  -- status, start, error, end, cdr
  evse_id text not null,
  session_id text,
  body text not null check (json_valid(body)),
  created_boot text not null,
  created_mono_ms integer not null,
  created_wall_ms integer not null,
  created_trusted integer not null,
  state text not null check (state in (
    'queued', 'sending', 'held', 'parked', 'delivered', 'unconfirmed', 'superseded', 'discarded')),
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
create index outbox_live on outbox (hub, lane) where finished_ms is null;

-- The log of attempts: the first and the latest ones of each message.
create table delivery (
  seq integer not null references outbox (seq) on delete cascade,
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

-- A status whose answer was lost may still land at the hub, over its successor, until until_ms.
create table status_echo (
  hub text not null,
  evse_id text not null,
  seq integer not null,
  until_ms integer not null,
  primary key (hub, evse_id)
) strict, without rowid;

create table fault_latch (
  evse_id text not null,
  fault text not null,
  since_boot text not null,
  since_mono_ms integer not null,
  since_wall_ms integer not null,
  since_trusted integer not null,
  primary key (evse_id, fault)
) strict, without rowid;

create table audit (
  id integer primary key,
  at_ms integer not null,
  uid integer,                         -- of the person's process; null: the agent itself
  pid integer,
  what text not null,
  target text not null,
  reason text not null
) strict;
