-- How far lists of other services were read.
create table list_position (
    list text primary key,
    position bigint not null
);
