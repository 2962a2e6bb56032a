import Redis

/// The Lua scripts that are the only writers of a room's state in Redis.
///
/// A script runs as a whole or not at all and nothing runs beside it, so one call is: removal of seats whose lease ended,
/// the decision, the change, the entry in the log, the message to all nodes, and the answer.
///
/// Keys of all of them: 1 seats (ZSET, participant → end of the lease in ms), 2 roster (HASH, participant → entry),
/// 3 meta (HASH), 4 log (STREAM, ids are `seq-0`), 5 chat (LIST), 6 channel. Arguments of all of them: 1 seats in a room,
/// 2 lease in ms, 3 events that the log keeps. The clock is that of Redis; the epoch is its run id.
///
/// Nothing is written for a room that nobody is in.
///
/// A roster entry begins with its fence, `{"fence":N,…`, which only the script writes. Fences are milliseconds of the
/// clock or one more than the last, whichever is greater, so that they rise across the loss of Redis' memory too.
///
/// In a new epoch (Redis was restarted) the leases that it still knows begin anew, because nobody could renew them.
enum SeatScript {
    static let join = RedisScript(prelude + joinBody)
    static let takeOver = RedisScript(prelude + takeOverBody)
    static let restore = RedisScript(prelude + restoreBody)
    static let update = RedisScript(prelude + updateBody)
    static let renew = RedisScript(prelude + renewBody)
    static let leave = RedisScript(prelude + leaveBody)
    static let chat = RedisScript(prelude + chatBody)
    static let snapshot = RedisScript(prelude + snapshotBody)
    static let pin = RedisScript(prelude + pinBody)
    static let end = RedisScript(prelude + endBody)

    /// Key 7: the ticket. Arguments: 4 participant, 5 node, 6 entry without fence, 7 event, 8 meeting and 9 media node if
    /// there are none yet, 10 seconds for which the ticket is remembered.
    ///
    /// The same call again, for instance after a lost answer, finds the seat taken by the same participant and is fine.
    private static let joinBody = """
        local participant = ARGV[4]
        if field('closed') ~= '' then return {'closed', epoch, ended} end
        local user = redis.call('GET', KEYS[7])
        if user and user ~= participant then return {'used', epoch, ended} end
        local fence
        local held = redis.call('HGET', roster, participant)
        if held then
          fence = fence_of(held)
        else
          if redis.call('ZCARD', seats) >= cap then return {'full', epoch, ended} end
          open()
          begin(ARGV[8], ARGV[9], text(now))
          fence = next_fence()
          hold(participant, entry_of(fence, ARGV[6]))
          redis.call('SET', KEYS[7], participant, 'EX', ARGV[10])
          emit('joined', participant, fence, ARGV[5], ARGV[7])
        end
        keep()
        return {'ok', epoch, ended, fence, snapshot()}
        """

    /// Arguments: 4 participant, 5 node, 6 the entry that was read, 7 new entry without fence, 8 event.
    ///
    /// `changed` when the entry is not the one that was read: read again. The same call again is fine.
    private static let takeOverBody = """
        local participant = ARGV[4]
        local held = redis.call('HGET', roster, participant)
        if not held then return {'gone', epoch, ended} end
        local fence = fence_of(held)
        if body_of(held) ~= ARGV[7] then
          if held ~= ARGV[6] then return {'changed', epoch, ended} end
          fence = next_fence()
          hold(participant, entry_of(fence, ARGV[7]))
          emit('updated', participant, fence, ARGV[5], ARGV[8])
        end
        keep()
        return {'ok', epoch, ended, fence, snapshot()}
        """

    /// Arguments: 4 node, 5 meeting, 6 media node, 7 start of the meeting, then per seat: participant, fence, epoch in
    /// which it was granted, entry without fence, event.
    ///
    /// A seat that is missing in the epoch in which it was granted was given up, and is never put back.
    private static let restoreBody = """
        local lost = {}
        for i = 8, #ARGV, 5 do
          local participant, fence, granted = ARGV[i], ARGV[i + 1], ARGV[i + 2]
          local held = redis.call('HGET', roster, participant)
          local highest = held and tonumber(fence_of(held)) or 0
          local reason
          if highest > tonumber(fence) then reason = 'superseded'
          elseif granted == epoch and highest < tonumber(fence) then reason = 'gone'
          elseif not held and redis.call('ZCARD', seats) >= cap then reason = 'full' end
          if reason then
            table.insert(lost, participant)
            table.insert(lost, reason)
          else
            open()
            begin(ARGV[5], ARGV[6], ARGV[7])
            hold(participant, entry_of(fence, ARGV[i + 3]))
            if tonumber(fence) > tonumber(redis.call('HGET', meta, 'fence') or 0) then
              redis.call('HSET', meta, 'fence', fence)
            end
            if highest < tonumber(fence) then emit('updated', participant, fence, ARGV[4], ARGV[i + 4]) end
          end
        end
        keep()
        return {'ok', epoch, ended, lost, field('meeting'), field('mediaNode')}
        """

    /// Arguments: 4 participant, 5 fence, 6 node, 7 entry without fence, 8 event, or nothing for none.
    private static let updateBody = """
        local held = redis.call('HGET', roster, ARGV[4])
        if not held then return {'gone', epoch, ended} end
        if fence_of(held) ~= ARGV[5] then return {'stale', epoch, ended} end
        redis.call('HSET', roster, ARGV[4], entry_of(ARGV[5], ARGV[7]))
        if ARGV[8] ~= '' then emit('updated', ARGV[4], ARGV[5], ARGV[6], ARGV[8]) end
        return {'ok', epoch, ended}
        """

    /// Arguments: from 4 on, per seat: participant, fence. The answer names the seats that are not held any more, the
    /// position of the log, and the ms until the next lease of the room ends.
    private static let renewBody = """
        local lost = {}
        for i = 4, #ARGV, 2 do
          local held = redis.call('HGET', roster, ARGV[i])
          if held and fence_of(held) == ARGV[i + 1] then
            redis.call('ZADD', seats, now + lease, ARGV[i])
          else
            table.insert(lost, ARGV[i])
            table.insert(lost, held and 'superseded' or 'gone')
          end
        end
        keep()
        local first = redis.call('ZRANGE', seats, 0, 0, 'WITHSCORES')
        local rest = first[2] and text(tonumber(first[2]) - now) or '-1'
        return {'ok', epoch, ended, lost, position(), rest}
        """

    /// Arguments: 4 participant, 5 fence or `any`, 6 event.
    private static let leaveBody = """
        local held = redis.call('HGET', roster, ARGV[4])
        if not held then return {'gone', epoch, ended} end
        local fence = fence_of(held)
        if ARGV[5] ~= 'any' and fence ~= ARGV[5] then return {'stale', epoch, ended} end
        redis.call('ZREM', seats, ARGV[4])
        redis.call('HDEL', roster, ARGV[4])
        emit('left', ARGV[4], fence, '-', ARGV[6])
        finish_when_empty()
        return {'ok', epoch, ended}
        """

    /// Key 7: the idempotency key. Arguments: 4 participant, 5 fence, 6 message id, 7 message, 8 event, 9 messages that
    /// are kept, 10 seconds for which the idempotency key is remembered or 0 when there is none, 11 bytes that are kept.
    private static let chatBody = """
        local held = redis.call('HGET', roster, ARGV[4])
        if not held then return {'gone', epoch, ended} end
        if fence_of(held) ~= ARGV[5] then return {'stale', epoch, ended} end
        if ARGV[10] ~= '0' then
          local before = redis.call('GET', KEYS[7])
          if before then return {'ok', epoch, ended, before} end
          redis.call('SET', KEYS[7], ARGV[6], 'EX', ARGV[10])
        end
        local count = redis.call('RPUSH', chat, ARGV[7])
        if count == 1 then redis.call('HDEL', meta, 'chatBytes') end
        local bytes = redis.call('HINCRBY', meta, 'chatBytes', #ARGV[7])
        while count > 1 and (count > tonumber(ARGV[9]) or bytes > tonumber(ARGV[11])) do
          bytes = redis.call('HINCRBY', meta, 'chatBytes', -#redis.call('LPOP', chat))
          count = count - 1
        end
        redis.call('EXPIRE', chat, 86400)
        emit('chat', ARGV[4], ARGV[5], '-', ARGV[8])
        return {'ok', epoch, ended, ARGV[6]}
        """

    private static let snapshotBody = """
        return {'ok', epoch, ended, snapshot()}
        """

    /// Arguments: 4 the media node that the caller knows ('' for none), 5 the one that it proposes. The first one wins;
    /// the answer names it, or is empty when there is no meeting.
    private static let pinBody = """
        if field('meeting') ~= '' and field('mediaNode') == ARGV[4] then
          redis.call('HSET', meta, 'mediaNode', ARGV[5])
        end
        return {'ok', epoch, ended, field('mediaNode')}
        """

    /// Arguments: 4 event, 5 whether nobody may come in any more ('1').
    private static let endBody = """
        if ARGV[5] == '1' then
          open()
          redis.call('HSET', meta, 'closed', '1')
        end
        if field('meeting') ~= '' then
          redis.call('DEL', seats)
          emit('ended', '-', '0', '-', ARGV[4])
          finish_when_empty()
        end
        return {'ok', epoch, ended}
        """
}
