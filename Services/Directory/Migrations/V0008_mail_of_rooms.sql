-- What becomes of mail that waits when the room is deleted to which it leads.
alter table mail
    -- Without this room it is not sent any more; null: it goes all the same.
    add column room_id uuid,
    -- Who gets it has heard nothing of its topic before.
    add column is_first boolean not null default false,
    -- It is being sent, or an attempt broke off when the mail server may have had it already.
    add column may_have_arrived boolean not null default false,
    drop constraint mail_state,
    add constraint mail_state check (state in ('waiting', 'sent', 'failed', 'replaced', 'dropped'));

-- Also what was sent: it tells who has heard of it.
create index mail_of_topic on mail (topic) where topic is not null;
drop index mail_by_topic;
create index mail_by_room on mail (room_id) where state = 'waiting' and room_id is not null;
