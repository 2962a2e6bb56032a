-- Whether lists of who was in a meeting are kept.
alter table organization add column attendance text not null default 'off' check (attendance in ('off', 'owner'));
