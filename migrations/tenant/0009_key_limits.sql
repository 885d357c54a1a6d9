-- Limits of a single key, beside those of the organisation; null: none.
alter table api_key
  add column rpm integer check (rpm > 0),
  add column tpm integer check (tpm > 0),
  add column concurrent integer check (concurrent > 0);
