-- What identity tells of organizations.
create table organization (
    id uuid primary key,
    is_disabled boolean not null
);
