import Redis

/// The Lua scripts that are the only writers of a room's state in Redis.
///
/// A script runs as a whole or not at all and nothing runs beside it, so one call is: removal of seats whose lease ended,
/// the decision, the change, the entry in the log, the message to all nodes, and the answer.
///
/// Keys of all of them: those of `SeatKeys.all`. Arguments of all of them: 1 seats in a room, 2 lease in ms, 3 events that the
/// log keeps, 4 rebuild window in ms when Redis has lost its memory and 5 when it has kept it, 6 ms without a call of any node
/// after which leases begin anew, 7 seconds that chat is kept after the last use. What belongs to one script is `arg`.
/// The clock is that of Redis.
///
/// All answers begin with: status, epoch, the meeting that ended (id and media node, both empty for none), and for each seat
/// whose lease ended its entry and that time in ms.
///
/// Nothing is written for a room that nobody is in or waits for, but that it was ended, and a new policy.
///
/// A roster entry begins with its fence, `{"fence":N,…`, which only the script writes. Fences are milliseconds of the
/// clock or one more than the last, whichever is greater, so that they rise across the loss of Redis' memory too. Whether its
/// participant is a moderator is decided by the script that writes it, from the role that was given and the policy.
enum SeatScript {
    static let join = RedisScript(prelude + joinBody)
    static let quit = RedisScript(prelude + quitBody)
    static let admit = RedisScript(prelude + moderatorPrelude + admitBody)
    static let deny = RedisScript(prelude + moderatorPrelude + denyBody)
    static let lock = RedisScript(prelude + moderatorPrelude + lockBody)
    static let policy = RedisScript(prelude + policyBody)
    static let takeOver = RedisScript(prelude + takeOverBody)
    static let restore = RedisScript(prelude + restoreBody)
    static let update = RedisScript(prelude + updateBody)
    static let renew = RedisScript(prelude + renewBody)
    static let leave = RedisScript(prelude + leaveBody)
    static let chat = RedisScript(prelude + chatBody)
    static let snapshot = RedisScript(prelude + snapshotBody)
    static let events = RedisScript(prelude + eventsBody)
    static let running = RedisScript(prelude + runningBody)
    static let pin = RedisScript(prelude + pinBody)
    static let end = RedisScript(prelude + endBody)

    /// Keeps a partition's mark. Key: the mark. Arguments: 1 and 2 rebuild windows, 3 silence, as above. Answers the epoch.
    static let beat = RedisScript(
        """
        local mark = KEYS[1]
        local lost_window, kept_window, silence = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

        """ + markPrelude + """
            return epoch
            """)

    // MARK: The life of a seat

    /// Arguments: 1 participant, 2 node, 3 the entry that was read, 4 new entry without fence, 5 event, 6 epoch and 7 position
    /// that the client knows, or nothing, 8 most bytes of events, 9 ms between two changes of the owner.
    ///
    /// Answers the events that the client has missed and the room without its chat, or the whole room when the log does not
    /// reach back so far or they are too many. `changed` when the entry is not the one that was read: read again. `soon` when
    /// the seat was taken just now. The same call again is fine.
    /// `rebuilding` when there is no seat yet, because Redis has lost its memory: its node may put it back.
    private static let takeOverBody = """
        local participant = arg[1]
        local held = redis.call('HGET', roster, participant)
        if not held and now < opens then return {'rebuilding', epoch, ended, removed, text(opens - now)} end
        if not held then return {'gone', epoch, ended, removed} end
        local fence = fence_of(held)
        local entry, event = seated(arg[4], arg[5])
        if body_of(held) ~= entry then
          if held ~= arg[3] then return {'changed', epoch, ended, removed} end
          if is_soon(fence, arg[9]) then return {'soon', epoch, ended, removed} end
          fence = next_fence()
          hold(participant, entry_of(fence, entry))
          emit('updated', participant, fence, arg[2], event)
        end
        keep()
        local missed = arg[6] == epoch and events_after(tonumber(arg[7]), tonumber(arg[8]))
        return {'ok', epoch, ended, removed, fence, snapshot(not missed), missed}
        """

    /// Arguments: 1 node, 2 meeting, 3 media node, 4 start of the meeting, 5 last number, 6 policy, 7 lock ('1'), 8 spotlight and 9
    /// what is blocked for all, as the node knows them, then per seat: participant, fence, epoch in which it was granted, entry without fence, event.
    ///
    /// A seat that is missing in the epoch in which it was granted was given up, and is never put back. Nor is one that was
    /// given up in a later epoch, at another node, while this one stood still.
    private static let restoreBody = """
        local lost, is_newer = {}, false
        for i = 10, #arg, 5 do
          local participant, fence, granted = arg[i], arg[i + 1], arg[i + 2]
          local held = redis.call('HGET', roster, participant)
          local highest = held and tonumber(fence_of(held)) or 0
          local reason
          if highest > tonumber(fence) then reason = 'superseded'
          elseif field('closed') ~= '' or (granted ~= epoch and field('endedIn') == epoch) then reason = 'gone'
          elseif granted == epoch and highest < tonumber(fence) then reason = 'gone'
          elseif redis.call('EXISTS', farewell(participant)) == 1 then reason = 'gone'
          elseif not held and redis.call('ZCARD', seats) >= cap then reason = 'full' end
          if reason then
            table.insert(lost, participant)
            table.insert(lost, reason)
          else
            open()
            -- The lock of the meeting that comes back goes before what a policy said of the room meanwhile, unless it was locked or
            -- unlocked at directory since.
            if field('locked') == ''
              or (field('meeting') == '' and lock_version_of(field('policy')) <= lock_version_of(arg[6])) then
              redis.call('HSET', meta, 'locked', arg[7])
            end
            if field('meeting') == '' then redis.call('HSET', meta, 'spotlight', arg[8], 'blocked', arg[9]) end
            begin(arg[2], arg[3], arg[4])
            if version_of(arg[6]) > version_of(field('policy')) then
              redis.call('HSET', meta, 'policy', arg[6])
              is_newer = true
            end
            if tonumber(arg[5]) > tonumber(position()) then redis.call('HSET', meta, 'seq', arg[5]) end
            local entry, event = seated(arg[i + 3], arg[i + 4])
            hold(participant, entry_of(fence, entry))
            if tonumber(fence) > tonumber(redis.call('HGET', meta, 'fence') or 0) then
              redis.call('HSET', meta, 'fence', fence)
            end
            if highest < tonumber(fence) then emit('updated', participant, fence, arg[1], event) end
          end
        end
        if is_newer then give_roles() end
        keep()
        return {'ok', epoch, ended, removed, lost, field('meeting'), field('mediaNode')}
        """

    /// Key 12: a ticket that is used up by this, if there is one. Arguments: 1 participant, 2 fence, 3 node, 4 entry without
    /// fence, 5 event, or nothing for none, 6 seconds for which the ticket is remembered.
    private static let updateBody = """
        local held = redis.call('HGET', roster, arg[1])
        if not held then return {'gone', epoch, ended, removed} end
        if fence_of(held) ~= arg[2] then return {'stale', epoch, ended, removed} end
        if KEYS[12] then
          local user = redis.call('GET', KEYS[12])
          if user and user ~= arg[1] then return {'used', epoch, ended, removed} end
          redis.call('SET', KEYS[12], arg[1], 'EX', arg[6])
        end
        local entry, event = seated(arg[4], arg[5])
        redis.call('HSET', roster, arg[1], entry_of(arg[2], entry))
        if event ~= '' then emit('updated', arg[1], arg[2], arg[3], event) end
        return {'ok', epoch, ended, removed}
        """

    /// Arguments: per seat: participant, fence. The answer names the seats that are not held any more, the position of the
    /// log, and the ms until the next lease of the room ends.
    private static let renewBody = """
        local lost = {}
        for i = 1, #arg, 2 do
          local held = redis.call('HGET', roster, arg[i])
          if held and fence_of(held) == arg[i + 1] then
            redis.call('ZADD', seats, now + lease, arg[i])
          else
            table.insert(lost, arg[i])
            table.insert(lost, held and 'superseded' or 'gone')
          end
        end
        keep()
        local first = redis.call('ZRANGE', seats, 0, 0, 'WITHSCORES')
        local rest = first[2] and text(tonumber(first[2]) - now) or '-1'
        return {'ok', epoch, ended, removed, lost, position(), rest}
        """

    /// Arguments: 1 participant, 2 fence or `any`, 3 event.
    private static let leaveBody = """
        local held = redis.call('HGET', roster, arg[1])
        if not held then return {'gone', epoch, ended, removed} end
        local fence = fence_of(held)
        if arg[2] ~= 'any' and fence ~= arg[2] then return {'stale', epoch, ended, removed} end
        redis.call('ZREM', seats, arg[1])
        redis.call('HDEL', roster, arg[1])
        redis.call('SET', farewell(arg[1]), '1', 'PX', lease)
        emit('left', arg[1], fence, '-', arg[3])
        finish_when_empty()
        return {'ok', epoch, ended, removed}
        """
}
