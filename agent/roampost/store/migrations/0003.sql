-- What a hub calls an exchange by, for its support, in a word that is no hub's own.
alter table outbox rename column last_process_id to last_hub_reference;
alter table delivery rename column process_id to hub_reference;
