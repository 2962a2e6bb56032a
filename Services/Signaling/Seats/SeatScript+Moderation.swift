import Redis

/// What moderators do with people who are inside. All begin with `moderatorPrelude`. They answer `missing` when somebody is not there,
/// and `forbidden` when somebody manages the room and is to be left alone.
extension SeatScript {
    static let order = RedisScript(prelude + moderatorPrelude + orderBody)
    static let remove = RedisScript(prelude + moderatorPrelude + removeBody)
    static let spotlight = RedisScript(prelude + moderatorPrelude + spotlightBody)
    static let blockAll = RedisScript(prelude + moderatorPrelude + blockAllBody)
    static let endAsModerator = RedisScript(prelude + moderatorPrelude + "arg = {arg[3], '0'}\n" + endBody)

    /// Arguments: 3 an order as JSON, 4 whether those who manage the room are left alone ('1'), 5 for whom it is: `all` others,
    /// `participants` who are not moderators, or `named`: those who follow.
    ///
    /// It is no event of the log: the node of each seat carries it out, and what comes of it is told as a change of the seat. Of many
    /// who are named those who are not there are left out.
    private static let orderBody = """
        local found = {}
        local function is_left_alone(participant, entry)
          return arg[4] == '1' and participant ~= arg[1] and says(entry, '"manages":true')
        end
        if arg[5] == 'named' then
          for i = 6, #arg do
            local entry = redis.call('HGET', roster, arg[i])
            if entry and not is_left_alone(arg[i], entry) then table.insert(found, arg[i])
            elseif #arg == 6 then return {entry and 'forbidden' or 'missing', epoch, ended, removed} end
          end
        else
          local all = redis.call('HGETALL', roster)
          for i = 1, #all, 2 do
            local isMeant = arg[5] == 'all' or not moderates(all[i + 1])
            if isMeant and all[i] ~= arg[1] and not is_left_alone(all[i], all[i + 1]) then table.insert(found, all[i]) end
          end
        end
        if #found > 0 then redis.call('SPUBLISH', channel, 'order ' .. table.concat(found, ',') .. ' ' .. arg[3]) end
        return {'ok', epoch, ended, removed}
        """

    /// Arguments: 3 whose seat ends, 4 event, 5 whether they have to knock when they come again ('1').
    private static let removeBody = """
        local held = redis.call('HGET', roster, arg[3])
        if not held then return {'missing', epoch, ended, removed} end
        if arg[3] == arg[1] or says(held, '"manages":true') then return {'forbidden', epoch, ended, removed} end
        redis.call('ZREM', seats, arg[3])
        redis.call('HDEL', roster, arg[3])
        redis.call('SET', farewell(arg[3]), '1', 'PX', lease)
        if arg[5] == '1' then expect_knock(held) end
        emit('left', arg[3], fence_of(held), '-', arg[4])
        finish_when_empty()
        return {'ok', epoch, ended, removed}
        """

    /// Argument: 3 who is shown large to all, or nothing.
    private static let spotlightBody = """
        if arg[3] ~= '' and redis.call('HEXISTS', roster, arg[3]) == 0 then return {'missing', epoch, ended, removed} end
        if field('spotlight') ~= arg[3] then
          redis.call('HSET', meta, 'spotlight', arg[3])
          emit_room()
        end
        return {'ok', epoch, ended, removed}
        """

    /// Arguments: 3 a source that nobody but moderators may turn on from now on, 4 whether that holds ('1').
    private static let blockAllBody = """
        local kept = arg[4] == '1' and {arg[3]} or {}
        for source in string.gmatch(field('blocked'), '[^,]+') do
          if source ~= arg[3] then table.insert(kept, source) end
        end
        table.sort(kept)
        local blocked = table.concat(kept, ',')
        if blocked ~= field('blocked') then
          redis.call('HSET', meta, 'blocked', blocked)
          emit_room()
        end
        return {'ok', epoch, ended, removed}
        """
}
