import Redis

/// The scripts over one organization's sorted set of `account/participant` by expiry, in milliseconds since 1970.
/// The clock is that of Redis, never a node's.
enum MeetingLeaseScripts {
    /// KEYS: the set. ARGV: milliseconds of a lease, members. Grants or renews, and removes what has expired. All leases are of
    /// one length, so the set lives as long as its newest.
    static let renew = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        for index = 2, #ARGV do
            redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[index])
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return #ARGV - 1
        """)

    /// KEYS: the set. Returns the members whose lease has not expired.
    static let members = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
        """)
}
