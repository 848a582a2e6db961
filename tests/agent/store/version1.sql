-- What version 1 of the schema left behind: messages in every state, one of them in flight.
pragma application_id = 1383031149;
pragma user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE audit (
  id integer primary key,
  at_ms integer not null,
  uid integer,                         -- of the person's process; null: the agent itself
  pid integer,
  what text not null,
  target text not null,
  reason text not null
) strict;
INSERT INTO "audit" VALUES(1,1790000000000,1000,42,'disable','DE*ABC*E1','broken flap');
CREATE TABLE boot (
  boot text primary key,               -- the kernel's boot id
  first_seen_ms integer not null,
  trusted_offset_ms integer            -- wall minus monotonic, once the clock was synchronized in that boot
) strict;
INSERT INTO "boot" VALUES('5d6f1c52-boot',1790000000000,77);
CREATE TABLE delivery (
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
INSERT INTO "delivery" VALUES(1,1,1790000000005,'reject','yes','018',200,'p-1','018: EVSE unknown');
INSERT INTO "delivery" VALUES(2,1,1790000000005,'reject','yes','018',200,'p-1','018: EVSE unknown');
INSERT INTO "delivery" VALUES(3,1,1790000000005,'reject','yes','018',200,'p-1','018: EVSE unknown');
INSERT INTO "delivery" VALUES(4,1,1790000000005,'reject','yes','018',200,'p-1','018: EVSE unknown');
INSERT INTO "delivery" VALUES(6,1,1790000000005,'reject','yes','018',200,'p-1','018: EVSE unknown');
INSERT INTO "delivery" VALUES(9,1,1790000000005,'reject','yes','018',200,'p-1','018: EVSE unknown');
CREATE TABLE evse (
  evse_id text primary key,
  state text not null,
  context text not null check (json_valid(context)),
  permitted_ma integer not null,       -- 0: charging is forbidden
  changed_boot text not null,
  changed_mono_ms integer not null,
  changed_wall_ms integer not null,
  changed_trusted integer not null
) strict;
INSERT INTO "evse" VALUES('DE*ABC*E1','charging','{"session": "s1"}',16000,'5d6f1c52-boot',5,1790000000005,1);
CREATE TABLE fault_latch (
  evse_id text not null,
  fault text not null,
  since_boot text not null,
  since_mono_ms integer not null,
  since_wall_ms integer not null,
  since_trusted integer not null,
  primary key (evse_id, fault)
) strict, without rowid;
INSERT INTO "fault_latch" VALUES('DE*ABC*E2','residual current','5d6f1c52-boot',7,1790000000007,0);
CREATE TABLE outbox (
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
INSERT INTO "outbox" VALUES(1,'hub','session/s0','start','DE*ABC*E1','s0','{"kind":"start","session":{"session_id":"s0","hub_session_id":"h-s0","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"session_start":{"boot":"5d6f1c52-boot","mono_ms":1,"wall_ms":1790000000001,"trusted":true},"charging_start":{"boot":"5d6f1c52-boot","mono_ms":2,"wall_ms":1790000000002,"trusted":true},"meter_start_wh":null}','5d6f1c52-boot',1000,1790000001000,1,'delivered',1,0,0,0,1790000000005,'018','018: EVSE unknown','p-1',200,1790000000005);
INSERT INTO "outbox" VALUES(2,'hub','session/s0','end','DE*ABC*E1','s0','{"kind":"end","session":{"session_id":"s0","hub_session_id":"h-s0","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"session_start":{"boot":"5d6f1c52-boot","mono_ms":1,"wall_ms":1790000000001,"trusted":true},"session_end":{"boot":"5d6f1c52-boot","mono_ms":9,"wall_ms":1790000000009,"trusted":true},"charging_start":null,"charging_end":{"boot":"5d6f1c52-boot","mono_ms":9,"wall_ms":1790000000009,"trusted":true},"meter_start_wh":null,"meter_end_wh":null,"energy_wh":null}','5d6f1c52-boot',1000,1790000001000,1,'delivered',1,0,0,0,1790000000005,'018','018: EVSE unknown','p-1',200,1790000000005);
INSERT INTO "outbox" VALUES(3,'hub','session/s0','cdr','DE*ABC*E1','s0','{"kind":"cdr","session":{"session_id":"s0","hub_session_id":"h-s0","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"session_start":{"boot":"5d6f1c52-boot","mono_ms":1,"wall_ms":1790000000001,"trusted":true},"session_end":{"boot":"5d6f1c52-boot","mono_ms":9,"wall_ms":1790000000009,"trusted":true},"charging_start":{"boot":"5d6f1c52-boot","mono_ms":2,"wall_ms":1790000000002,"trusted":true},"charging_end":{"boot":"5d6f1c52-boot","mono_ms":8,"wall_ms":1790000000008,"trusted":true},"meter_start_wh":100,"meter_end_wh":350,"energy_wh":250,"flag":null}','5d6f1c52-boot',1000,1790000001000,1,'queued',1,1,0,1790000060000,1790000000005,'018','018: EVSE unknown','p-1',200,NULL);
INSERT INTO "outbox" VALUES(4,'hub','session/s1','start','DE*ABC*E1','s1','{"kind":"start","session":{"session_id":"s1","hub_session_id":"h-s1","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"session_start":{"boot":"5d6f1c52-boot","mono_ms":1,"wall_ms":1790000000001,"trusted":true},"charging_start":{"boot":"5d6f1c52-boot","mono_ms":2,"wall_ms":1790000000002,"trusted":true},"meter_start_wh":null}','5d6f1c52-boot',1000,1790000001000,1,'held',1,0,0,1790000600000,1790000000005,'018','018: EVSE unknown','p-1',200,NULL);
INSERT INTO "outbox" VALUES(5,'hub','session/s1','error','DE*ABC*E1','s1','{"kind":"error","session":{"session_id":"s1","hub_session_id":"h-s1","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"error":"critical","text":"the contactor does not close"}','5d6f1c52-boot',1000,1790000001000,1,'queued',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "outbox" VALUES(6,'hub','status/hub','status','DE*ABC*E1',NULL,'{"kind":"status","evse_id":"DE*ABC*E1","status":"available"}','5d6f1c52-boot',1000,1790000001000,1,'superseded',1,1,0,1790000001000,1790000000005,'018','018: EVSE unknown','p-1',200,1790000000000);
INSERT INTO "outbox" VALUES(7,'hub','status/hub','status','DE*ABC*E2',NULL,'{"kind":"status","evse_id":"DE*ABC*E2","status":"available"}','5d6f1c52-boot',1000,1790000001000,1,'queued',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "outbox" VALUES(8,'hub','status/hub','status','DE*ABC*E1',NULL,'{"kind":"status","evse_id":"DE*ABC*E1","status":"occupied"}','5d6f1c52-boot',1000,1790000001000,1,'queued',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "outbox" VALUES(9,'hub','session/s9','cdr','DE*ABC*E1','s9','{"kind":"cdr","session":{"session_id":"s9","hub_session_id":"h-s9","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"session_start":{"boot":"5d6f1c52-boot","mono_ms":1,"wall_ms":1790000000001,"trusted":true},"session_end":{"boot":"5d6f1c52-boot","mono_ms":9,"wall_ms":1790000000009,"trusted":true},"charging_start":{"boot":"5d6f1c52-boot","mono_ms":2,"wall_ms":1790000000002,"trusted":true},"charging_end":{"boot":"5d6f1c52-boot","mono_ms":8,"wall_ms":1790000000008,"trusted":true},"meter_start_wh":100,"meter_end_wh":350,"energy_wh":250,"flag":null}','5d6f1c52-boot',1000,1790000001000,1,'parked',1,0,0,0,1790000000005,'018','018: EVSE unknown','p-1',200,NULL);
INSERT INTO "outbox" VALUES(10,'second','session/s8','start','DE*ABC*E1','s8','{"kind":"start","session":{"session_id":"s8","hub_session_id":"h-s8","evse_id":"DE*ABC*E1","uid":"04A1B2C3D4"},"session_start":{"boot":"5d6f1c52-boot","mono_ms":1,"wall_ms":1790000000001,"trusted":true},"charging_start":{"boot":"5d6f1c52-boot","mono_ms":2,"wall_ms":1790000000002,"trusted":true},"meter_start_wh":null}','5d6f1c52-boot',1000,1790000001000,1,'sending',1,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE session (
  session_id text primary key,         -- our own
  hub text,
  hub_session_id text,
  evse_id text not null,
  body text not null check (json_valid(body)),
  state text not null check (state in ('open', 'closing', 'closed')),
  why text,
  changed_ms integer not null
) strict;
INSERT INTO "session" VALUES('s1','hub','h-s1','DE*ABC*E1','{"uid": "04A1B2C3D4"}','open',NULL,1790000000000);
INSERT INTO "session" VALUES('s0','hub','h-s0','DE*ABC*E1','{"uid": "04A1B2C3D4"}','closed','unplugged',1790000000000);
CREATE TABLE status_echo (
  hub text not null,
  evse_id text not null,
  seq integer not null,
  until_ms integer not null,
  primary key (hub, evse_id)
) strict, without rowid;
INSERT INTO "status_echo" VALUES('hub','DE*ABC*E1',6,1790000060005);
CREATE INDEX outbox_live on outbox (hub, lane) where finished_ms is null;
COMMIT;
