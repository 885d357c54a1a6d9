-- The epoch this schema is served under. A process that knows another one is out of date and gets nothing.
create table tenancy (
  id integer primary key default 1 check (id = 1),
  epoch integer not null
);

create function check_epoch(expected integer) returns void language plpgsql stable as $$
begin
  perform from tenancy where epoch = expected;
  if not found then
    raise exception 'this schema is served under another epoch' using errcode = 'WH001';
  end if;
end
$$;
