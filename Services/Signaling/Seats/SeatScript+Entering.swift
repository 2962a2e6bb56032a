import Redis

// The way to a seat: lobby, line, seat.
extension SeatScript {
    /// Key 12: the ticket. Arguments: 1 participant, 2 node, 3 entry without fence, 4 event of coming in, 5 event of coming in
    /// again, 6 meeting and 7 media node if there are none yet, 8 seconds for which the ticket is remembered, 9 whether to
    /// stand in line ('1'), 10 ms of a place in line or lobby, 11 places in line, 12 whether the ticket is too old ('1') for
    /// anybody but who came with it before, 13 ms between two changes of the owner, 14 the policy that the entry was made for,
    /// or nothing, 15 `moderator`, `guest` (for the lobby) or `colleague`, 16 who that is, for the lobby's list, 17 places in
    /// the lobby.
    ///
    /// The same call again, for instance after a lost answer, finds the seat taken by the same participant and is fine. The
    /// same participant with another entry is somebody who enters again because no answer came: the seat moves to it, if the
    /// attempt is a later one. An earlier one may arrive long after its client has given it up and come in elsewhere. `soon`
    /// when the seat was taken just now.
    ///
    /// `outdated` when there is a newer policy, which is answered: the entry must be made for that one. `knocking` with the
    /// reason when a moderator has to admit the person, or to be there.
    static let joinBody = """
        local participant = arg[1]
        if field('closed') ~= '' then return {'closed', epoch, ended, removed} end
        if redis.call('EXISTS', denial(participant)) == 1 then return {'denied', epoch, ended, removed} end
        local held, fence = redis.call('HGET', roster, participant), nil
        local place, knock = redis.call('ZRANK', line, participant), redis.call('HGET', lobby, participant)
        local user = redis.call('GET', KEYS[12])
        if user and (user ~= participant or not (held or place or knock)) then return {'used', epoch, ended, removed} end
        if not user and arg[12] == '1' then return {'used', epoch, ended, removed} end
        if held then
          local entry, event = seated(arg[3], arg[5])
          fence = fence_of(held)
          if body_of(held) ~= entry then
            if attempt_of(arg[3]) <= attempt_of(held) then return {'late', epoch, ended, removed} end
            if is_soon(fence, arg[13]) then return {'soon', epoch, ended, removed} end
            fence = next_fence()
            hold(participant, entry_of(fence, entry))
            emit('updated', participant, fence, arg[2], event)
          end
        else
          if now < opens then return {'rebuilding', epoch, ended, removed, text(opens - now)} end
          local known = field('policy')
          if version_of(known) > version_of(arg[14]) then return {'outdated', epoch, ended, removed, known} end
          -- Writes only when it is newer, and then it is to hold whatever comes of this.
          if version_of(arg[14]) > version_of(known) then
            open()
            adopt(arg[14])
          end
          local reason = knock ~= 'a' and why_wait(arg[15], arg[3])
          if reason then
            if not knock and redis.call('ZCARD', lobby_leases) >= tonumber(arg[17]) then
              return {'crowded', epoch, ended, removed}
            end
            open()
            leave_line(participant)
            local since = knock and string.match(knock, '^%d+') or text(now)
            local news = since .. ' ' .. reason .. ' ' .. arg[16]
            redis.call('HSET', lobby, participant, news)
            redis.call('ZADD', lobby_leases, now + tonumber(arg[10]), participant)
            redis.call('SET', KEYS[12], participant, 'EX', arg[8])
            if news ~= knock then tell_lobby('') end
            keep()
            return {'knocking', epoch, ended, removed, reason}
          end
          if leave_waiting(participant) then tell_lobby('') end
          local ahead = place or redis.call('ZCARD', line)
          if redis.call('ZCARD', seats) + ahead >= cap then
            if arg[9] ~= '1' or (not place and ahead >= tonumber(arg[11])) then
              return {'full', epoch, ended, removed}
            end
            open()
            if not place then redis.call('ZADD', line, next_fence(), participant) end
            redis.call('ZADD', line_leases, now + tonumber(arg[10]), participant)
            redis.call('SET', KEYS[12], participant, 'EX', arg[8])
            keep()
            return {'waiting', epoch, ended, removed, ahead + 1}
          end
          leave_line(participant)
          -- Who was admitted has knocked.
          if knock == 'a' and must_knock(arg[3]) then redis.call('SREM', knockers, identity_of(arg[3])) end
          open()
          begin(arg[6], arg[7], text(now))
          fence = next_fence()
          local entry, event = seated(arg[3], arg[4])
          hold(participant, entry_of(fence, entry))
          redis.call('SET', KEYS[12], participant, 'EX', arg[8])
          emit('joined', participant, fence, arg[2], event)
        end
        keep()
        return {'ok', epoch, ended, removed, fence, snapshot(true)}
        """

    /// Leaves line and lobby. Argument: 1 participant.
    static let quitBody = """
        leave_line(arg[1])
        if leave_lobby(arg[1]) then tell_lobby('') end
        return {'ok', epoch, ended, removed}
        """

    // MARK: What moderators do

    /// Arguments of those that follow: 1 participant who asks, 2 fence.
    static let moderatorPrelude = """
        local asking = redis.call('HGET', roster, arg[1])
        if not asking then return {'gone', epoch, ended, removed} end
        if fence_of(asking) ~= arg[2] then return {'stale', epoch, ended, removed} end
        if not moderates(asking) then return {'forbidden', epoch, ended, removed} end

        """

    /// Arguments: 3 ms of a place in line, 4 whether all who wait are meant ('1'), then those who are.
    ///
    /// They go to the end of the line in the order of their coming, and come in from there. Who is not in the lobby any more
    /// is left out.
    static let admitBody = """
        local wanted, found, names = {}, {}, {}
        for i = 5, #arg do wanted[arg[i]] = true end
        local all = redis.call('HGETALL', lobby)
        for i = 1, #all, 2 do
          local since = tonumber(string.match(all[i + 1], '^(%d+) '))
          if since and (arg[4] == '1' or wanted[all[i]]) then table.insert(found, {since, all[i]}) end
        end
        table.sort(found, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
        for i, person in ipairs(found) do
          names[i] = person[2]
          leave_lobby(names[i])
          redis.call('HSET', lobby, names[i], 'a')
          redis.call('ZADD', line, next_fence(), names[i])
          redis.call('ZADD', line_leases, now + tonumber(arg[3]), names[i])
        end
        if #names > 0 then tell_lobby(table.concat(names, ',')) end
        keep()
        return {'ok', epoch, ended, removed}
        """

    /// Arguments: 3 the person who does not come in, 4 seconds for which that is remembered. Who was admitted comes in.
    static let denyBody = """
        if leave_waiting(arg[3]) then
          redis.call('SET', denial(arg[3]), '1', 'EX', arg[4])
          tell_lobby(arg[3])
        end
        return {'ok', epoch, ended, removed}
        """

    /// Argument: 3 whether it is locked ('1'). Answers the decision's place among all: the lock version of the policy that holds,
    /// and a number. It has one also when nothing changes by it: directory may have heard otherwise.
    static let lockBody = """
        if (field('locked') == '1') ~= (arg[3] == '1') then
          redis.call('HSET', meta, 'locked', arg[3])
          emit_room()
        end
        keep()
        return {'ok', epoch, ended, removed, text(lock_version_of(field('policy'))), next_fence()}
        """

    /// Argument: 1 a policy, which holds if it is newer than the one that is known.
    static let policyBody = """
        if version_of(arg[1]) > version_of(field('policy')) then
          open()
          adopt(arg[1])
        end
        return {'ok', epoch, ended, removed}
        """

    /// Keys: meta and roster of a room. Answers whether it is locked, and whether a moderator is inside.
    static let state = RedisScript(
        """
        local moderated = '0'
        for _, entry in ipairs(redis.call('HVALS', KEYS[2])) do
          if string.find(entry, '"role":"moderator"', 1, true) then moderated = '1' end
        end
        return {redis.call('HGET', KEYS[1], 'locked') or '0', moderated}
        """)
}
