import Foundation

/// A request to Janus over its WebSocket API (Janus 1.x documentation, "WebSockets interface"). VideoRoom's own requests
/// travel in `body`.
struct JanusRequest: Encodable {
    var janus: String
    var transaction: String
    var apisecret: String
    var sessionID: UInt64?
    var handleID: UInt64?
    var plugin: String?
    var opaqueID: String?
    var body: (any Encodable & Sendable)?
    var jsep: JanusDescription?

    private enum Key: String, CodingKey {
        case janus, transaction, apisecret, plugin, body, jsep
        case sessionID = "session_id"
        case handleID = "handle_id"
        case opaqueID = "opaque_id"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(janus, forKey: .janus)
        try container.encode(transaction, forKey: .transaction)
        try container.encode(apisecret, forKey: .apisecret)
        try container.encodeIfPresent(sessionID, forKey: .sessionID)
        try container.encodeIfPresent(handleID, forKey: .handleID)
        try container.encodeIfPresent(plugin, forKey: .plugin)
        try container.encodeIfPresent(opaqueID, forKey: .opaqueID)
        if let body { try body.encode(to: container.superEncoder(forKey: .body)) }
        try container.encodeIfPresent(jsep, forKey: .jsep)
    }
}

struct JanusDescription: Codable, Hashable, Sendable {
    var type: String
    var sdp: String
}

/// Anything that Janus sends.
struct JanusMessage: Decodable, Sendable {
    struct Identified: Decodable, Sendable { var id: UInt64? }
    struct Failure: Decodable, Sendable {
        var code: Int
        var reason: String
    }
    struct PluginData: Decodable, Sendable { var data: VideoRoomAnswer }

    var janus: String
    var transaction: String?
    var sessionID: UInt64?
    /// The handle that it is about.
    var sender: UInt64?
    var data: Identified?
    var error: Failure?
    var plugindata: PluginData?
    var jsep: JanusDescription?

    private enum CodingKeys: String, CodingKey {
        case janus, transaction, sender, data, error, plugindata, jsep
        case sessionID = "session_id"
    }

    var answer: VideoRoomAnswer? { plugindata?.data }
}

extension JanusRequest {
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return [UInt8](try encoder.encode(self))
    }
}

/// The part of VideoRoom's answers and events that Parley reads (Janus 1.1.2, VideoRoom plugin).
struct VideoRoomAnswer: Decodable, Sendable {
    struct Publisher: Decodable, Sendable {
        var id: String
        var dummy: Bool?
    }
    struct Stream: Decodable, Sendable {
        /// A publisher's stream says only `true`.
        struct Simulcast: Decodable, Sendable {
            /// The layer that the subscriber has asked for.
            var target: Int?

            private enum Key: String, CodingKey { case target = "substream-target" }

            init(from decoder: any Decoder) {
                target = try? decoder.container(keyedBy: Key.self).decodeIfPresent(Int.self, forKey: .target)
            }
        }

        var mid: String
        var active: Bool?
        /// Negotiated with the client.
        var ready: Bool?
        var feedID: String?
        var feedMid: String?
        var simulcast: Simulcast?

        private enum CodingKeys: String, CodingKey {
            case mid, active, ready, simulcast
            case feedID = "feed_id"
            case feedMid = "feed_mid"
        }
    }
    /// Somebody who has joined the room to send.
    struct Participant: Decodable, Sendable {
        var id: String
        /// The silent placeholder of the room itself.
        var dummy: Bool?
        /// Whether media of it arrive.
        var publisher: Bool?
    }
    struct Room: Decodable, Sendable {
        var room: String
        /// With the placeholder, without those who only receive.
        var participants: Int

        private enum CodingKeys: String, CodingKey {
            case room
            case participants = "num_participants"
        }
    }

    var videoroom: String?
    var errorCode: Int?
    var error: String?
    var privateID: UInt64?
    var publishers: [Publisher]?
    var streams: [Stream]?
    var switched: String?
    var participants: [Participant]?
    var list: [Room]?
    /// `ok` when it is the one that is told who leaves.
    var leaving: String?

    private enum CodingKeys: String, CodingKey {
        case videoroom, error, publishers, streams, switched, participants, list, leaving
        case errorCode = "error_code"
        case privateID = "private_id"
    }
}
