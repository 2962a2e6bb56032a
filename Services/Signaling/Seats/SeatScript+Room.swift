extension SeatScript {
    /// Key 12: the idempotency key. Arguments: 1 participant, 2 fence, 3 message without number, 4 event, 5 messages that are
    /// kept, 6 bytes that are kept, 7 seconds for which the idempotency key is remembered or 0 when there is none.
    ///
    /// Answers the number of the message, which is that of its event.
    static let chatBody = """
        local held = redis.call('HGET', roster, arg[1])
        if not held then return {'gone', epoch, ended, removed} end
        if fence_of(held) ~= arg[2] then return {'stale', epoch, ended, removed} end
        if arg[7] ~= '0' then
          local before = redis.call('GET', KEYS[12])
          if before then return {'ok', epoch, ended, removed, before} end
        end
        local seq = next_seq()
        if arg[7] ~= '0' then redis.call('SET', KEYS[12], seq, 'EX', arg[7]) end
        if retention > 0 and not says(field('policy'), '"keepChat":false') then
          local message = '{"seq":' .. seq .. ',' .. string.sub(arg[3], 2)
          local count = redis.call('RPUSH', chat, message)
          if count == 1 then
            redis.call('HDEL', meta, 'chatBytes')
            redis.call('EXPIRE', chat, math.max(retention, 86400))
          end
          local bytes = redis.call('HINCRBY', meta, 'chatBytes', #message)
          while count > 1 and (count > tonumber(arg[5]) or bytes > tonumber(arg[6])) do
            bytes = redis.call('HINCRBY', meta, 'chatBytes', -#redis.call('LPOP', chat))
            count = count - 1
          end
        end
        emit_as(seq, 'chat', arg[1], arg[2], '-', arg[4])
        return {'ok', epoch, ended, removed, seq}
        """

    static let snapshotBody = """
        return {'ok', epoch, ended, removed, snapshot(true)}
        """

    /// Arguments: 1 epoch and 2 position that the caller knows, 3 most bytes. Answers what came after it, or nothing when the log
    /// does not reach back so far or it is more.
    static let eventsBody = """
        return {'ok', epoch, ended, removed, arg[1] == epoch and events_after(tonumber(arg[2]), tonumber(arg[3]))}
        """

    /// Answers the meeting that runs, or nothing.
    static let runningBody = """
        return {'ok', epoch, ended, removed, field('meeting')}
        """

    /// Arguments: 1 the media node that the caller knows ('' for none), 2 the one that it proposes, 3 event. The first one wins;
    /// the answer names it, or is empty when there is no meeting. That a meeting has got its first one is no event.
    static let pinBody = """
        if field('meeting') ~= '' and field('mediaNode') == arg[1] then
          redis.call('HSET', meta, 'mediaNode', arg[2])
          if arg[1] ~= '' then emit('media.moved', '-', '0', arg[2], arg[3]) end
        end
        return {'ok', epoch, ended, removed, field('mediaNode')}
        """

    /// Arguments: 1 event, 2 whether nobody may come in any more ('1'). What is not known here any more, because Redis has lost
    /// its memory, is ended too: it is not put back.
    static let endBody = """
        open()
        redis.call('HSET', meta, 'endedIn', epoch)
        if arg[2] == '1' then redis.call('HSET', meta, 'closed', '1') end
        if field('meeting') ~= '' then
          redis.call('DEL', seats)
          emit('meeting.ended', '-', '0', '-', arg[1])
          finish_when_empty(true)
        end
        return {'ok', epoch, ended, removed}
        """
}
