import Redis

/// The scripts over the people of one organization. All its keys share a hash tag, and the clock is that of Redis.
///
/// - `person:ACCOUNT`, a hash: `settings` (what PostgreSQL holds: its version and JSON), `until` (when what was set by hand ends), and a lease for
///   each meeting (`m:PARTICIPANT`) and device (`d:DEVICE`): when it ends, in milliseconds since 1970, and for a device whether it is used.
/// - `due`, a sorted set: whose lease or `until` ends next, and when.
/// - `seen`, a hash: what others see of each account, as JSON; nothing for who is simply offline.
/// - `meta`, a hash: `epoch` and `seq` of the changes, which there are only after the organization's settings have been read, and `stirred`: when
///   somebody said something last.
/// - `log`, a stream: the last changes, by `seq`.
enum PeopleScript {
    /// How many changes are kept for those who were away for a moment.
    static let logLength = 2_000
    /// Seconds that a person's hash is kept without a change.
    private static let kept = 86_400

    /// What every script over one person begins with. KEYS: person, due, seen, meta.
    private static let person = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local account = ARGV[1]

        -- Answers what decides, and notes what ends next. What has ended stays due until others see it: whoever was about to let
        -- them see it may have died.
        local function look(isSettling, isDue)
          local meetings, active, inactive, settings, next = 0, 0, 0, '', nil
          if isDue and not isSettling then next = now end
          local fields = redis.call('HGETALL', KEYS[1])
          for index = 1, #fields, 2 do
            local name, value = fields[index], fields[index + 1]
            if name == 'settings' then
              settings = value
            else
              local ends, mark = string.match(value, '^(%d+)(.?)$')
              ends = tonumber(ends or '0')
              if ends <= now and isSettling then
                redis.call('HDEL', KEYS[1], name)
              elseif ends <= now then
                next = now
              else
                if next == nil or ends < next then next = ends end
                local kind = string.sub(name, 1, 2)
                if kind == 'm:' then meetings = meetings + 1
                elseif kind == 'd:' and mark == 'a' then active = active + 1
                elseif kind == 'd:' then inactive = inactive + 1 end
              end
            end
          end
          if next then redis.call('ZADD', KEYS[2], next, account) else redis.call('ZREM', KEYS[2], account) end
          return {settings, meetings, active, inactive, next and next <= now and 1 or 0}
        end

        local function answer(status, found)
          return {status, string.format('%.0f', now), redis.call('HGET', KEYS[4], 'epoch') or '', found[1], found[2], found[3], found[4],
            redis.call('HGET', KEYS[3], account) or '', found[5]}
        end

        """

    /// ARGV: account, channel, then operations: `hold` FIELD MILLISECONDS MARK; `drop` FIELD; `forget`, which drops everything; `settings` VERSION
    /// JSON UNTIL (empty for none), which leaves newer ones alone and tells the channel `own ACCOUNT` of others.
    static let change = RedisScript(
        person + """
            redis.call('HSET', KEYS[4], 'stirred', string.format('%.0f', now))
            local index, isDue = 3, false
            while index <= #ARGV do
              if ARGV[index] == 'hold' then
                local ends = string.format('%.0f', now + tonumber(ARGV[index + 2]))
                redis.call('HSET', KEYS[1], ARGV[index + 1], ends .. ARGV[index + 3])
                index = index + 4
              elseif ARGV[index] == 'drop' then
                isDue = redis.call('HDEL', KEYS[1], ARGV[index + 1]) > 0 or isDue
                index = index + 2
              elseif ARGV[index] == 'forget' then
                isDue = redis.call('DEL', KEYS[1]) > 0 or isDue
                index = index + 1
              else
                local before, new = redis.call('HGET', KEYS[1], 'settings') or '', ARGV[index + 1] .. ' ' .. ARGV[index + 2]
                if tonumber(ARGV[index + 1]) >= tonumber(string.match(before, '^%d+') or '-1') then
                  redis.call('HSET', KEYS[1], 'settings', new)
                  if before ~= new then redis.call('SPUBLISH', ARGV[2], 'own ' .. account) end
                  if ARGV[index + 3] == '' then redis.call('HDEL', KEYS[1], 'until')
                  else redis.call('HSET', KEYS[1], 'until', ARGV[index + 3]) end
                end
                index = index + 4
              end
            end
            local found = look(false, isDue)
            redis.call('EXPIRE', KEYS[1], \(kept))
            return answer('ok', found)
            """)

    /// Tells what others see from now on, if it was made from what still holds. KEYS: also log. ARGV: account, settings, meetings, active
    /// and inactive devices that it was made from, the new view as JSON, `1` if it says no more than offline, channel.
    static let settle = RedisScript(
        person + """
            local found = look(true)
            local epoch = redis.call('HGET', KEYS[4], 'epoch')
            if not epoch then return answer('unbegun', found) end
            local function some(number) return tonumber(number) > 0 end
            if found[1] ~= ARGV[2] or some(found[2]) ~= some(ARGV[3]) or some(found[3]) ~= some(ARGV[4])
                or some(found[4]) ~= some(ARGV[5]) then
              return answer('other', found)
            end
            local old, isOffline = redis.call('HGET', KEYS[3], account), ARGV[7] == '1'
            if old == ARGV[6] or (not old and isOffline) then return answer('same', found) end
            if isOffline then redis.call('HDEL', KEYS[3], account) else redis.call('HSET', KEYS[3], account, ARGV[6]) end
            local seq = string.format('%.0f', redis.call('HINCRBY', KEYS[4], 'seq', 1))
            redis.call('XADD', KEYS[5], 'MAXLEN', '~', \(logLength), seq .. '-0', 'v', ARGV[6])
            redis.call('SPUBLISH', ARGV[8], epoch .. ' ' .. seq .. ' ' .. ARGV[6])
            return answer('changed', found)
            """)

    /// KEYS: meta. ARGV: an epoch for an organization that has none. Returns the epoch that it has.
    static let begin = RedisScript(
        """
        redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
        return redis.call('HGET', KEYS[1], 'epoch')
        """)

    /// KEYS: meta, seen. Returns epoch, seq, and accounts and views by turns; an empty epoch for an organization that has not begun.
    static let snapshot = RedisScript(
        """
        return {redis.call('HGET', KEYS[1], 'epoch') or '', redis.call('HGET', KEYS[1], 'seq') or '0', redis.call('HGETALL', KEYS[2])}
        """)

    /// KEYS: meta, seen. ARGV: accounts. Like `snapshot`, of these alone.
    static let views = RedisScript(
        """
        local views = {}
        for _, account in ipairs(ARGV) do
          local view = redis.call('HGET', KEYS[2], account)
          if view then views[#views + 1] = account; views[#views + 1] = view end
        end
        return {redis.call('HGET', KEYS[1], 'epoch') or '', redis.call('HGET', KEYS[1], 'seq') or '0', views}
        """)

    /// KEYS: meta. Returns epoch and seq; an empty epoch for an organization that has not begun.
    static let position = RedisScript(
        """
        return {redis.call('HGET', KEYS[1], 'epoch') or '', redis.call('HGET', KEYS[1], 'seq') or '0'}
        """)

    /// KEYS: meta, log. ARGV: epoch and the last known seq. Returns `seq view` of each change since, in order; nothing when the log does not
    /// reach back so far or another one has begun.
    static let since = RedisScript(
        """
        if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return false end
        local known, last = tonumber(ARGV[2]), tonumber(redis.call('HGET', KEYS[1], 'seq') or '0')
        if known > last then return false end
        local entries, changes = redis.call('XRANGE', KEYS[2], string.format('%.0f-0', known + 1), '+'), {}
        if #entries ~= last - known then return false end
        for index, entry in ipairs(entries) do changes[index] = string.match(entry[1], '^%d+') .. ' ' .. entry[2][2] end
        return changes
        """)

    /// KEYS: due, meta. ARGV: how many, milliseconds. Returns accounts with something that has ended, and `1` unless nothing waits for an end and
    /// nobody has said anything for so long.
    static let ended = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local stirred = tonumber(redis.call('HGET', KEYS[2], 'stirred') or '0')
        local isAlive = redis.call('ZCARD', KEYS[1]) > 0 or now - stirred < tonumber(ARGV[2])
        return {redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1]), isAlive and 1 or 0}
        """)

    /// The organizations in which something can end, by when they are to be looked at next. KEYS: that set. ARGV: milliseconds until the next
    /// look, how many. Returns organizations whose time has come, which are the caller's until then.
    static let claim = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[2])
        for _, organization in ipairs(due) do
          redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + tonumber(ARGV[1])), organization)
        end
        return due
        """)
}
