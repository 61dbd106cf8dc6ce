-- +goose Up
-- One table for each of the engine's: a key in byte order and its value. What
-- an analyst asks for, and what must be unique whatever a program does, stands
-- beside it in columns of its own.

create table meta (key bytea primary key, value bytea not null);
create table institutions_removed (key bytea primary key, value bytea not null);
create table institution_versions (key bytea primary key, value bytea not null);
create table codes (key bytea primary key, value bytea not null);
create table accounts (key bytea primary key, value bytea not null);
create table sessions (key bytea primary key, value bytea not null);
create table sessions_by_institution (key bytea primary key, value bytea not null);
create table survey (key bytea primary key, value bytea not null);
create table questionnaires (key bytea primary key, value bytea not null);
create table submission_ids (key bytea primary key, value bytea not null);
create table receipts (key bytea primary key, value bytea not null);
create table messages (key bytea primary key, value bytea not null);
create table notes (key bytea primary key, value bytea not null);
create table heartbeats (key bytea primary key, value bytea not null);
create table reminders (key bytea primary key, value bytea not null);

create table institutions (
    key    bytea primary key,
    value  bytea not null,
    record jsonb not null -- the value, for analysts
);

create table parts (
    key            bytea primary key,
    value          bytea not null,
    institution_id text not null,
    part           text not null,
    state          text not null,
    revision       integer not null,
    unique (institution_id, part)
);

create table submissions (
    key            bytea primary key,
    value          bytea not null, -- the record and the exact bytes that were sent
    institution_id text not null,
    part           text not null,
    revision       integer not null check (revision > 0),
    submission_id  text not null unique,
    number         text not null unique,
    content_digest text not null,
    questionnaire  text not null,
    received_at    timestamptz not null,
    late           boolean not null,
    device         text not null,
    log            integer not null,
    leaf_index     bigint not null,
    answers        jsonb not null,
    unavailable    jsonb not null,
    explanations   jsonb not null,
    unique (institution_id, part, revision),
    unique (log, leaf_index)
);

-- What is stored packs no further, and lz4 takes a third of pglz's time for the
-- answers; a PostgreSQL that was built without it keeps to pglz.
alter table submissions alter column value set storage external;
-- +goose StatementBegin
do $$
begin
    alter table submissions alter column answers set compression lz4;
exception when feature_not_supported then null;
end $$;
-- +goose StatementEnd

-- What was accepted before a restore and found other content in its place.
create table beside (like submissions including defaults including constraints);
alter table beside add primary key (key), add unique (submission_id), add unique (number);

-- The sync log. The present one has no epoch; a restore gives it that of the
-- store as it was, and begins another.
create table log_leaves (epoch text collate "C" not null default '', key bytea not null, value bytea not null, primary key (epoch, key));
create table log_hashes (epoch text collate "C" not null default '', key bytea not null, value bytea not null, primary key (epoch, key));
create table past_logs (epoch text collate "C" primary key, head bytea not null);

-- For analysts, see views.go: what follows from the tables above, none of it
-- copied. Which variables each published version has, and what the checks say
-- of each return.
create table variables (
    questionnaire text not null,
    part          text not null,
    variable      text not null,
    place         integer not null, -- in the order of the form
    kind          text not null,
    title         text not null,
    grid_row      text not null,
    at            jsonb not null, -- item by axis
    primary key (questionnaire, part, variable)
);
create table judged (
    institution_id text primary key,
    inputs         text not null, -- digest of all that was judged
    state          text not null,
    findings       jsonb not null,
    judged_at      timestamptz not null
);
