import Redis

/// The scripts over the people of one organization. All its keys share a hash tag, and the clock is that of Redis.
///
/// - `person:ACCOUNT`, a hash: `settings` (what PostgreSQL holds: its version and JSON), `until` (when what was set by hand ends), a lease for
///   each meeting (`m:PARTICIPANT`) and device (`d:DEVICE`): when it ends, in milliseconds since 1970, and for a device whether it is used. And
///   what others were not told yet: `unsettled`, when something was taken away; an `until` that has passed and is not in `told`.
/// - `due`, a sorted set: whose lease or `until` ends next, and when.
/// - `seen`, a hash: what others see of each account, as JSON; nothing for who is simply offline.
/// - `meta`, a hash: `epoch` and `seq` of the changes, which hold for one `run` of Redis alone, because what it holds after a restart may be old;
///   `stirred`: when somebody said something last.
/// - `log`, a stream: the last changes, by `seq`.
enum PeopleScript {
    /// How many changes are kept for those who were away for a moment.
    static let logLength = 2_000
    /// Seconds that a person's hash is kept without a change: much longer than anybody is late with settings that they have read.
    private static let kept = 86_400
    /// Leases of one person. Whoever has more is no person.
    private static let mostLeases = 200

    /// The epoch that holds; false before the organization's settings have been read since Redis began to run.
    private static let epoch = """
        local function epoch(meta)
          local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
          local known = redis.call('HMGET', meta, 'run', 'epoch')
          return known[1] == run and known[2]
        end

        """

    private static let clock = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """

    /// What every script over one person begins with. KEYS: person, due, seen, meta.
    private static let person =
        epoch + clock + """
            local account = ARGV[1]

            -- What decides, what has ended, and what ends next. What others were not told is due until they are: whoever was about
            -- to tell them may have died.
            local function look()
              local found = {settings = '', over = 0, meetings = 0, active = 0, inactive = 0, unsettled = 0, ended = {}}
              local ends, told
              local function later(time) if not found.next or time < found.next then found.next = time end end
              local fields = redis.call('HGETALL', KEYS[1])
              for index = 1, #fields, 2 do
                local name, value = fields[index], fields[index + 1]
                local kind = string.sub(name, 1, 2)
                if name == 'settings' then found.settings = value
                elseif name == 'unsettled' then found.unsettled = 1
                elseif name == 'until' then ends = value
                elseif name == 'told' then told = value
                else
                  local time, mark = string.match(value, '^(%d+)(.?)$')
                  time = tonumber(time or '0')
                  if time <= now then found.ended[#found.ended + 1] = name
                  else
                    later(time)
                    if kind == 'm:' then found.meetings = found.meetings + 1
                    elseif kind == 'd:' and mark == 'a' then found.active = found.active + 1
                    elseif kind == 'd:' then found.inactive = found.inactive + 1 end
                  end
                end
              end
              if ends and tonumber(ends) > now then later(tonumber(ends))
              elseif ends then
                found.over = 1
                if told ~= ends then found.passed = ends end
              end
              if #found.ended > 0 or found.passed then found.unsettled = 1 end
              return found
            end

            local function note(time)
              if time then redis.call('ZADD', KEYS[2], time, account) else redis.call('ZREM', KEYS[2], account) end
            end

            local function answer(status, found)
              return {status, string.format('%.0f', now), epoch(KEYS[4]) or '', found.settings, found.over, found.meetings, found.active,
                found.inactive, found.unsettled, redis.call('HGET', KEYS[3], account) or ''}
            end

            """

    /// ARGV: account, channel, then operations: `hold` FIELD MILLISECONDS MARK; `drop` FIELD; `forget` VERSION JSON, which drops everything and
    /// leaves these settings; `settings` VERSION JSON UNTIL (empty for none), which leaves newer ones alone and tells the channel `own ACCOUNT`
    /// of others.
    static let change = RedisScript(
        person + """
            -- Digits, because a number of Lua does not hold all versions.
            local function isOlder(version, known)
              if #version ~= #known then return #version < #known end
              return version < known
            end

            redis.call('HSET', KEYS[4], 'stirred', string.format('%.0f', now))
            local index = 3
            while index <= #ARGV do
              local field = ARGV[index + 1]
              if ARGV[index] == 'hold' then
                if redis.call('HLEN', KEYS[1]) < \(mostLeases) or redis.call('HEXISTS', KEYS[1], field) == 1 then
                  redis.call('HSET', KEYS[1], field, string.format('%.0f', now + tonumber(ARGV[index + 2])) .. ARGV[index + 3])
                end
                index = index + 4
              elseif ARGV[index] == 'drop' then
                if redis.call('HDEL', KEYS[1], field) > 0 then redis.call('HSET', KEYS[1], 'unsettled', 1) end
                index = index + 2
              elseif ARGV[index] == 'forget' then
                redis.call('DEL', KEYS[1])
                redis.call('HSET', KEYS[1], 'settings', field .. ' ' .. ARGV[index + 2], 'unsettled', 1)
                index = index + 3
              else
                local before, new = redis.call('HGET', KEYS[1], 'settings') or '', field .. ' ' .. ARGV[index + 2]
                if not isOlder(field, string.match(before, '^%d+') or '') then
                  redis.call('HSET', KEYS[1], 'settings', new, 'unsettled', 1)
                  if before ~= '' and before ~= new then redis.call('SPUBLISH', ARGV[2], 'own ' .. account) end
                  if ARGV[index + 3] == '' then redis.call('HDEL', KEYS[1], 'until')
                  else redis.call('HSET', KEYS[1], 'until', ARGV[index + 3]) end
                end
                index = index + 4
              end
            end
            local found = look()
            note(found.unsettled == 1 and now or found.next)
            redis.call('EXPIRE', KEYS[1], \(kept))
            return answer('ok', found)
            """)

    /// Tells what others see from now on, if it was made from what still holds. KEYS: also log. ARGV: account, settings, whether their end has
    /// passed, meetings, active and inactive devices that it was made from, the new view as JSON, `1` if it says no more than offline, channel.
    static let settle = RedisScript(
        person + """
            local found, epoch = look(), epoch(KEYS[4])
            if not epoch then return answer('unbegun', found) end
            local function some(number) return tonumber(number) > 0 end
            if found.settings ~= ARGV[2] or some(found.over) ~= some(ARGV[3]) or some(found.meetings) ~= some(ARGV[4])
                or some(found.active) ~= some(ARGV[5]) or some(found.inactive) ~= some(ARGV[6]) then
              return answer('other', found)
            end
            local old, isOffline, status = redis.call('HGET', KEYS[3], account), ARGV[8] == '1', 'same'
            if old ~= ARGV[7] and (old or not isOffline) then
              status = 'changed'
              local seq = string.format('%.0f', tonumber(redis.call('HGET', KEYS[4], 'seq')) + 1)
              redis.call('XADD', KEYS[5], 'MAXLEN', '~', \(logLength), seq .. '-0', 'v', ARGV[7])
              redis.call('HSET', KEYS[4], 'seq', seq)
              if isOffline then redis.call('HDEL', KEYS[3], account) else redis.call('HSET', KEYS[3], account, ARGV[7]) end
              redis.call('SPUBLISH', ARGV[9], epoch .. ' ' .. seq .. ' ' .. ARGV[7])
            end
            for _, name in ipairs(found.ended) do redis.call('HDEL', KEYS[1], name) end
            if found.passed then redis.call('HSET', KEYS[1], 'told', found.passed) end
            redis.call('HDEL', KEYS[1], 'unsettled')
            note(found.next)
            return answer(status, found)
            """)

    /// KEYS: meta, seen, log. ARGV: an epoch for an organization that has none; what was seen before it is forgotten.
    static let begin = RedisScript(
        epoch + """
            if epoch(KEYS[1]) then return 0 end
            redis.call('DEL', KEYS[2], KEYS[3])
            local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
            redis.call('HSET', KEYS[1], 'run', run, 'epoch', ARGV[1], 'seq', 0)
            return 1
            """)

    /// KEYS: meta, seen. Returns epoch, seq, and accounts and views by turns; an empty epoch for an organization that has not begun.
    static let snapshot = RedisScript(
        epoch + """
            return {epoch(KEYS[1]) or '', redis.call('HGET', KEYS[1], 'seq') or '0', redis.call('HGETALL', KEYS[2])}
            """)

    /// KEYS: meta, seen. ARGV: accounts. Like `snapshot`, of these alone.
    static let views = RedisScript(
        epoch + """
            local views = {}
            for _, account in ipairs(ARGV) do
              local view = redis.call('HGET', KEYS[2], account)
              if view then views[#views + 1] = account; views[#views + 1] = view end
            end
            return {epoch(KEYS[1]) or '', redis.call('HGET', KEYS[1], 'seq') or '0', views}
            """)

    /// KEYS: meta. Returns epoch and seq; an empty epoch for an organization that has not begun.
    static let position = RedisScript(
        epoch + """
            return {epoch(KEYS[1]) or '', redis.call('HGET', KEYS[1], 'seq') or '0'}
            """)

    /// KEYS: meta, log. ARGV: epoch and the last known seq. Returns `seq view` of each change since, in order; nothing when the log does not
    /// reach back so far or another one has begun.
    static let since = RedisScript(
        epoch + """
            if epoch(KEYS[1]) ~= ARGV[1] then return false end
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
        clock + """
            local stirred = tonumber(redis.call('HGET', KEYS[2], 'stirred') or '0')
            local isAlive = redis.call('ZCARD', KEYS[1]) > 0 or now - stirred < tonumber(ARGV[2])
            return {redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1]), isAlive and 1 or 0}
            """)

    /// The organizations in which something can end, by when they are to be looked at next. KEYS: that set. ARGV: milliseconds until the next
    /// look, how many. Returns organizations whose time has come, which are the caller's until then.
    static let claim = RedisScript(
        clock + """
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[2])
            for _, organization in ipairs(due) do
              redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + tonumber(ARGV[1])), organization)
            end
            return due
            """)
}
