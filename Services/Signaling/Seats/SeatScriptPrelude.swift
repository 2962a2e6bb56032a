extension SeatScript {
    /// Shared by all: the clock, the epoch, fences, events, and the end of leases and meetings.
    static let prelude = """
        local seats, roster, meta, log, chat, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
        local cap, lease, logged = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local epoch = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
        local ended = {'', ''}

        local function text(number) return string.format('%.0f', number) end

        local function keep()
          for i = 1, 5 do redis.call('EXPIRE', KEYS[i], 86400) end
        end

        local function fence_of(entry) return string.match(entry, '^{"fence":(%d+),') end

        local function body_of(entry) return '{' .. string.match(entry, '^{"fence":%d+,(.*)$') end

        local function entry_of(fence, body) return '{"fence":' .. fence .. ',' .. string.sub(body, 2) end

        local function field(name) return redis.call('HGET', meta, name) or '' end

        local function position() return redis.call('HGET', meta, 'seq') or '0' end

        local function next_fence()
          local fence = text(math.max(tonumber(redis.call('HGET', meta, 'fence') or 0) + 1, now))
          redis.call('HSET', meta, 'fence', fence)
          return fence
        end

        local function hold(participant, entry)
          redis.call('ZADD', seats, now + lease, participant)
          redis.call('HSET', roster, participant, entry)
        end

        local function emit(kind, participant, fence, node, body)
          local seq = text(redis.call('HINCRBY', meta, 'seq', 1))
          local message = seq .. ' ' .. kind .. ' ' .. participant .. ' ' .. fence .. ' ' .. node
            .. '\\n{"seq":' .. seq .. ',' .. string.sub(body, 2)
          redis.call('XADD', log, 'MAXLEN', '~', logged, seq .. '-0', 'e', message)
          redis.call('PUBLISH', channel, epoch .. ' ' .. message)
        end

        local function finish_when_empty()
          if redis.call('ZCARD', seats) > 0 then return end
          if field('meeting') ~= '' then ended = {field('meeting'), field('mediaNode')} end
          redis.call('HDEL', meta, 'meeting', 'mediaNode', 'startedAt', 'chatBytes')
          redis.call('DEL', roster, chat, log)
        end

        local function begin(meeting, mediaNode, startedAt)
          if field('meeting') == '' then
            redis.call('HSET', meta, 'meeting', meeting, 'mediaNode', mediaNode, 'startedAt', startedAt)
          elseif field('mediaNode') == '' then
            redis.call('HSET', meta, 'mediaNode', mediaNode)
          end
        end

        local function snapshot()
          return {position(), field('meeting'), field('mediaNode'), field('startedAt'),
            redis.call('HVALS', roster), redis.call('LRANGE', chat, 0, -1)}
        end

        local function open()
          if field('epoch') == epoch then return end
          redis.call('DEL', log)
          redis.call('HSET', meta, 'epoch', epoch)
          redis.call('EXPIRE', meta, 86400)
        end

        if field('epoch') ~= '' and field('epoch') ~= epoch then
          for _, participant in ipairs(redis.call('ZRANGE', seats, 0, -1)) do
            redis.call('ZADD', seats, now + lease, participant)
          end
          open()
        end
        for _, participant in ipairs(redis.call('ZRANGEBYSCORE', seats, '-inf', now)) do
          redis.call('ZREM', seats, participant)
          redis.call('HDEL', roster, participant)
          emit('left', participant, '0', '-',
            '{"id":"' .. participant .. '","reason":"gone","type":"participant.left"}')
        end
        finish_when_empty()

        """
}
