extension SeatScript {
    /// The clock, the epoch, and whether leases began anew. Keys: the mark is the last one of the common keys.
    ///
    /// A new epoch begins when Redis runs as another process or has no mark: what it holds may be old or nothing. Leases begin
    /// anew in a new epoch, and after a time in which no node has called or the clock was set: nobody could renew them.
    static let markPrelude = """
        local function text(number) return string.format('%.0f', number) end

        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
        local marked = redis.call('HMGET', mark, 'run', 'epoch', 'until', 'seen', 'term')
        local epoch, term = marked[2], marked[5]
        local opens = math.min(tonumber(marked[3] or 0), now + lost_window)
        local pause = now - tonumber(marked[4] or now)
        if marked[1] ~= run then
          epoch, term = string.sub(run, 1, 8) .. '.' .. text(now), text(now)
          -- A restart within the window of a loss does not shorten it.
          opens = math.max(opens, now + (marked[1] and kept_window or lost_window))
          redis.call('HSET', mark, 'run', run, 'epoch', epoch, 'until', text(opens), 'seen', text(now), 'term', term)
        elseif math.abs(pause) > silence then
          term = text(now)
          redis.call('HSET', mark, 'until', text(opens), 'seen', text(now), 'term', term)
        elseif pause * 10 >= silence then
          redis.call('HSET', mark, 'seen', text(now))
        end

        """

    /// Shared by all scripts of a room: fences, events, and the end of leases and meetings.
    static let prelude =
        """
        local seats, roster, meta, log, chat = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
        local line, line_leases, lobby, lobby_leases = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
        local channel, mark = KEYS[10], KEYS[11]
        local cap, lease, logged = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
        local lost_window, kept_window, silence = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
        local retention = tonumber(ARGV[7])
        local arg = {unpack(ARGV, 8)}

        """ + markPrelude + """
            local ended, removed = {'', ''}, {}

            local function fence_of(entry) return string.match(entry, '^{"fence":(%d+),') end

            local function body_of(entry) return '{' .. string.match(entry, '^{"fence":%d+,(.*)$') end

            local function entry_of(fence, body) return '{"fence":' .. fence .. ',' .. string.sub(body, 2) end

            -- A name can't look like it: quotes in JSON's strings are escaped.
            local function attempt_of(entry) return tonumber(string.match(entry, '"attempt":(%d+)') or 0) end

            local function field(name) return redis.call('HGET', meta, name) or '' end

            -- The numbers of the log outlive the chat, whose messages they name.
            local function keep_meta() redis.call('EXPIRE', meta, math.max(retention, 86400) + 3600) end

            local function keep()
              for _, key in ipairs({seats, roster, log, line, line_leases, lobby, lobby_leases}) do
                redis.call('EXPIRE', key, 86400)
              end
              if field('meeting') ~= '' then redis.call('EXPIRE', chat, math.max(retention, 86400)) end
              keep_meta()
            end

            local function position() return redis.call('HGET', meta, 'seq') or '0' end

            local function next_fence()
              local fence = text(math.max(tonumber(redis.call('HGET', meta, 'fence') or 0) + 1, now))
              redis.call('HSET', meta, 'fence', fence)
              return fence
            end

            -- Whether the owner of a seat changed less than so many ms ago. A fence is the time at which it was given, or later.
            local function is_soon(fence, pause)
              local age = now - tonumber(fence)
              return age >= 0 and age < tonumber(pause)
            end

            -- Stands for as long as a node may believe that it has the seat.
            local function farewell(participant) return string.sub(seats, 1, -2) .. 'g:' .. participant end

            local function hold(participant, entry)
              redis.call('ZADD', seats, now + lease, participant)
              redis.call('HSET', roster, participant, entry)
            end

            local function next_seq() return text(redis.call('HINCRBY', meta, 'seq', 1)) end

            local function emit_as(seq, kind, participant, fence, node, body)
              local message = seq .. ' ' .. kind .. ' ' .. participant .. ' ' .. fence .. ' ' .. node
                .. '\\n{"seq":' .. seq .. ',' .. string.sub(body, 2)
              redis.call('XADD', log, 'MAXLEN', '~', logged, seq .. '-0', 'e', message)
              redis.call('SPUBLISH', channel, epoch .. ' ' .. message)
            end

            local function emit(kind, participant, fence, node, body)
              emit_as(next_seq(), kind, participant, fence, node, body)
            end

            -- A policy is nothing but names, switches and a number, so that its text can be searched.
            local function says(text, what) return string.find(text, what, 1, true) ~= nil end

            local function version_of(policy) return tonumber(string.match(policy, '"version":(%-?%d+)') or -1) end

            local function lock_version_of(policy)
              return tonumber(string.match(policy, '"lockVersion":(%d+)') or version_of(policy))
            end

            -- Names can't look like it, see `attempt_of`.
            local function moderates(entry) return says(entry, '"role":"moderator"') end

            -- A participant's JSON in an entry or in what is told of it, with the role of a moderator or without it.
            local function with_role(text, moderator)
              text = (string.gsub(text, ',"role":"moderator"', '', 1))
              text = (string.gsub(text, '"role":"moderator",', '', 1))
              return moderator and (string.gsub(text, '"participants?":%[?{', '%0"role":"moderator",', 1)) or text
            end

            -- An entry, and what is told of it, as the policy has it: where everybody moderates, so does who was not given the
            -- role. An entry of an earlier release does not say what was given, and stays.
            local function seated(entry, event)
              local given = string.match(entry, '"granted":"(%a+)"')
              if not given then return entry, event end
              local moderator = given == 'moderator' or says(field('policy'), '"everyoneModerates":true')
              return with_role(entry, moderator), with_role(event, moderator)
            end

            -- Another policy: each role is what it makes of it, and who has another one by it is told of.
            local function give_roles()
              local all = redis.call('HGETALL', roster)
              for i = 1, #all, 2 do
                local fence, entry = fence_of(all[i + 1]), seated(body_of(all[i + 1]), '')
                if moderates(entry) ~= moderates(all[i + 1]) then
                  redis.call('HSET', roster, all[i], entry_of(fence, entry))
                  local seat = cjson.decode(entry)
                  emit('updated', all[i], fence, seat.node,
                    '{"type":"updated","participant":' .. cjson.encode(seat.participant) .. '}')
                end
              end
            end

            local function emit_room()
              local policy, spotlight, blocked = field('policy'), field('spotlight'), field('blocked')
              emit('room', '-', '0', '-', '{"type":"room",' .. (policy ~= '' and '"policy":' .. policy .. ',' or '')
                .. (spotlight ~= '' and '"spotlight":"' .. spotlight .. '",' or '')
                .. (blocked ~= '' and '"blocked":["' .. (string.gsub(blocked, ',', '","')) .. '"],' or '')
                .. '"locked":' .. (field('locked') == '1' and 'true' or 'false') .. '}')
            end

            -- Takes a policy that is newer than the one that is known. It locks and unlocks a running meeting only if that is what
            -- has changed: moderators may have done otherwise, and directory may not have heard of it yet.
            local function adopt(policy)
              if policy == '' or version_of(policy) <= version_of(field('policy')) then return end
              if field('meeting') == '' or lock_version_of(policy) > lock_version_of(field('policy')) then
                redis.call('HSET', meta, 'locked', says(policy, '"locked":true') and '1' or '0')
              end
              redis.call('HSET', meta, 'policy', policy)
              if says(policy, '"keepChat":false') then redis.call('DEL', chat) end
              if field('meeting') ~= '' then emit_room() end
              give_roles()
            end

            -- No event of the log: nodes ask what the lobby is now. These people have been answered.
            local function tell_lobby(answered) redis.call('SPUBLISH', channel, 'lobby ' .. answered) end

            local function leave_lobby(participant)
              redis.call('HDEL', lobby, participant)
              return redis.call('ZREM', lobby_leases, participant) == 1
            end

            -- Who was admitted is not in the lobby any more, though the hash says so.
            local function leave_waiting(participant)
              return redis.call('ZSCORE', lobby_leases, participant) and leave_lobby(participant)
            end

            -- Stands for as long as the ticket with which somebody was not let in could be shown again.
            local function denial(participant) return string.sub(seats, 1, -2) .. 'd:' .. participant end

            local function is_moderated()
              for _, entry in ipairs(redis.call('HVALS', roster)) do
                if moderates(entry) then return true end
              end
              return false
            end

            -- Who was sent to the lobby: an account, or for guests where they come from.
            local knockers = string.sub(seats, 1, -2) .. 'k'

            -- Keys of an entry can't stand in a name, see `attempt_of`.
            local function identity_of(entry)
              local account = string.match(entry, '"account":"([^"]+)"')
              local source = string.match(entry, '"source":"([^"]+)"')
              return account and 'a:' .. account or source and 's:' .. source
            end

            local function expect_knock(entry)
              local identity = identity_of(entry)
              if not identity then return end
              redis.call('SADD', knockers, identity)
              redis.call('EXPIRE', knockers, 86400)
            end

            local function must_knock(entry)
              local identity = identity_of(entry)
              return identity and redis.call('SISMEMBER', knockers, identity) == 1
            end

            -- Why somebody can't come in without a moderator; nothing when they can.
            local function why_wait(kind, entry)
              local policy = field('policy')
              if kind == 'moderator' then return nil end
              if must_knock(entry) then return 'lobby' end
              if field('locked') == '1' then return 'locked' end
              if says(policy, '"lobby":"everyone"') then return 'lobby' end
              if kind == 'guest' and says(policy, '"lobby":"guests"') then return 'lobby' end
              if says(policy, '"waitForModerator":true') and not is_moderated() then return 'moderator' end
              return nil
            end

            -- Who was admitted to it has to knock again.
            local function leave_line(participant)
              redis.call('ZREM', line, participant)
              redis.call('ZREM', line_leases, participant)
              if redis.call('HGET', lobby, participant) == 'a' then redis.call('HDEL', lobby, participant) end
            end

            -- While Redis is rebuilt, a room is not empty because nobody has come back yet.
            local function finish_when_empty(now_at_once)
              if field('meeting') == '' or redis.call('ZCARD', seats) > 0 then return end
              if now < opens and not now_at_once then return end
              ended = {field('meeting'), field('mediaNode')}
              redis.call('HDEL', meta, 'meeting', 'mediaNode', 'startedAt', 'spotlight', 'blocked')
              redis.call('DEL', roster, log, knockers)
              -- What directory could not be told of opens no room.
              if says(field('policy'), '"locked":true') then redis.call('HSET', meta, 'locked', '1') end
              if retention > 0 then redis.call('EXPIRE', chat, retention) else redis.call('DEL', chat) end
              keep_meta()
            end

            local function begin(meeting, mediaNode, startedAt)
              if field('meeting') == '' then
                redis.call('HSET', meta, 'meeting', meeting, 'mediaNode', mediaNode, 'startedAt', startedAt)
              elseif field('mediaNode') == '' then
                redis.call('HSET', meta, 'mediaNode', mediaNode)
              end
            end

            local function snapshot(with_chat)
              local policy = field('policy')
              local shows_chat = with_chat and not says(policy, '"keepChat":false')
              return {position(), field('meeting'), field('mediaNode'), field('startedAt'), redis.call('HVALS', roster),
                shows_chat and redis.call('LRANGE', chat, 0, -1) or {}, policy, field('locked'),
                redis.call('ZCARD', lobby_leases), field('spotlight'), field('blocked')}
            end

            -- The events after `seq`, or nothing when the log does not reach back so far or they are more than `most` bytes.
            local function events_after(seq, most)
              local last = tonumber(position())
              if seq > last then return false end
              local found, events = redis.call('XRANGE', log, '(' .. text(seq) .. '-0', '+'), {}
              if #found ~= last - seq then return false end
              local bytes = 0
              for i, entry in ipairs(found) do
                events[i] = entry[2][2]
                bytes = bytes + #events[i]
              end
              return bytes <= most and events
            end

            local function open()
              if field('epoch') ~= epoch then redis.call('DEL', log) end
              redis.call('HSET', meta, 'epoch', epoch, 'term', term)
              keep_meta()
            end

            if field('term') ~= '' and (field('term') ~= term or field('epoch') ~= epoch) then
              for _, participant in ipairs(redis.call('ZRANGE', seats, 0, -1)) do
                redis.call('ZADD', seats, now + lease, participant)
              end
              for _, leases in ipairs({line_leases, lobby_leases}) do
                for _, participant in ipairs(redis.call('ZRANGE', leases, 0, -1)) do
                  redis.call('ZADD', leases, now + lease, participant)
                end
              end
              open()
            end
            local over = redis.call('ZRANGEBYSCORE', seats, '-inf', now, 'WITHSCORES')
            for i = 1, #over, 2 do
              local participant, entry = over[i], redis.call('HGET', roster, over[i])
              if entry then
                removed[#removed + 1] = entry
                removed[#removed + 1] = text(over[i + 1])
              end
              redis.call('ZREM', seats, participant)
              redis.call('HDEL', roster, participant)
              emit('left', participant, '0', '-', '{"type":"left","id":"' .. participant .. '","reason":"gone"}')
            end
            for _, participant in ipairs(redis.call('ZRANGEBYSCORE', line_leases, '-inf', now)) do
              leave_line(participant)
            end
            local vanished = redis.call('ZRANGEBYSCORE', lobby_leases, '-inf', now)
            for _, participant in ipairs(vanished) do leave_lobby(participant) end
            if #vanished > 0 then tell_lobby('') end
            finish_when_empty()

            """
}
