/// What a server sends to a subscriber without being asked.
enum RedisPush: Equatable {
    case message(channel: [UInt8], payload: [UInt8])
    /// The channel is not subscribed any more: because its slot has moved, or because that was wished.
    case dropped(channel: [UInt8])

    init?(_ reply: RESPValue) {
        guard case .array(let parts) = reply, parts.count == 3, case .bulk(let kind) = parts[0],
            case .bulk(let channel) = parts[1]
        else { return nil }
        if kind.elementsEqual("smessage".utf8), case .bulk(let payload) = parts[2] {
            self = .message(channel: channel, payload: payload)
        } else if kind.elementsEqual("sunsubscribe".utf8) {
            self = .dropped(channel: channel)
        } else {
            return nil
        }
    }
}
