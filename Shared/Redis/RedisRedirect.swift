/// A node's answer that it cannot carry out a command now, and what to do instead.
enum RedisRedirect: Hashable, Sendable {
    /// The slot has another owner, for this and all later commands.
    case moved(RedisSlot, to: RedisNode)
    /// The slot is on its way to another owner, and this key is there already. Says nothing of later commands.
    case ask(RedisNode)
    /// It passes by itself: keys of one command are on their way, or the cluster has no owner of the slot just now.
    case later

    /// - Parameters:
    ///   - line: of an error.
    ///   - teller: the node that answered.
    init?(line: String, by teller: RedisNode) {
        // Most errors are none of these, so nothing is split before the first word is right.
        if line.hasPrefix("TRYAGAIN") || line.hasPrefix("CLUSTERDOWN") {
            self = .later
            return
        }
        guard line.hasPrefix("MOVED ") || line.hasPrefix("ASK ") else { return nil }
        let words = line.split(separator: " ")
        guard words.count >= 3, let slot = Int(words[1]).flatMap(RedisSlot.init(number:)),
            let node = RedisNode(announced: words[2], by: teller)
        else { return nil }
        self = words[0] == "ASK" ? .ask(node) : .moved(slot, to: node)
    }

    init?(_ reply: RESPValue, by teller: RedisNode) {
        guard case .error(let line) = reply else { return nil }
        self.init(line: line, by: teller)
    }
}
