import Testing

@testable import Redis

@Suite("Redis slots")
struct RedisSlotTests {
    /// From the specification, and what `CLUSTER KEYSLOT` of Redis 7.0 says.
    @Test(
        "a key has the slot that Redis gives it",
        arguments: [
            ("123456789", 12_739), ("", 0), ("foo", 12_182), ("bar", 5_061), ("foo{hash_tag}", 2_515),
            ("bar{hash_tag}", 2_515), ("hash_tag", 2_515), ("{p:07}:room:ev", 816), ("p:07", 816),
            ("{}abc", 5_980), ("a{}{b}", 15_033), ("a{{b}}c", 6_215), ("a{b", 13_340), ("ä{ö}", 1_050),
        ])
    func vectors(key: String, slot: Int) {
        #expect(RedisSlot(key: key).number == slot)
        #expect(RedisSlot(key: Array(key.utf8)).number == slot)
    }

    @Test("only 0 to 16,383 are slots")
    func bounds() {
        #expect(RedisSlot(number: -1) == nil && RedisSlot(number: 16_384) == nil)
        #expect(RedisSlot(number: 16_383)?.number == 16_383)
    }

    @Test("a command belongs to its first word's slot, a script to that of its first key")
    func commands() throws {
        let slot = RedisSlot(key: "k")
        #expect(try RedisCommand(["GET", "k"]).slot == slot)
        #expect(try RedisCommand(["SET", .bytes([0x6B]), "v"]).slot == slot)
        #expect(try RedisCommand(["GET", 7]).slot == RedisSlot(key: "7"))
        #expect(try RedisCommand(["EVALSHA", "abc", 1, "k", "argument"]).slot == slot)
        #expect(try RedisCommand(["EVAL", "return 1", 0, "k"]).slot == nil)
        #expect(try RedisCommand(["TIME"]).slot == nil)
        #expect(throws: RedisError.self) { try RedisCommand([]) }
    }
}
