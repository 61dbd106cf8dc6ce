-- +goose Up
-- Failed sign-ins of the last hour, which slow the next ones down whichever
-- server is asked. Not logged: nothing here is worth the wait for a disk or a
-- standby; after a crash it is empty, and whoever guesses begins anew.
create unlogged table failures (
    key   bytea primary key, -- whatever was typed
    count integer not null,
    last  timestamptz not null,
    until timestamptz not null
);
create index on failures (last);
