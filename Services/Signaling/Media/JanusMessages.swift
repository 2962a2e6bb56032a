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
        var mid: String
        var active: Bool?
        var feedID: String?
        var feedMid: String?

        private enum CodingKeys: String, CodingKey {
            case mid, active
            case feedID = "feed_id"
            case feedMid = "feed_mid"
        }
    }

    var videoroom: String?
    var errorCode: Int?
    var error: String?
    var privateID: UInt64?
    var publishers: [Publisher]?
    var streams: [Stream]?
    var switched: String?

    private enum CodingKeys: String, CodingKey {
        case videoroom, error, publishers, streams, switched
        case errorCode = "error_code"
        case privateID = "private_id"
    }
}

/// VideoRoom's error codes that Parley acts on.
enum VideoRoomErrorCode {
    static let noSuchRoom = 426
    static let roomExists = 427
    static let noSuchFeed = 428
    static let idExists = 436
}

/// The requests of VideoRoom that Parley makes. The names of the fields are Janus', in snake case on the wire.
enum VideoRoomRequest {
    struct Create: Encodable, Sendable {
        struct DummyStream: Encodable, Sendable {
            var codec: String
            var fmtp: String?
        }

        let request = "create"
        var room: String
        var adminKey: String
        var secret: String
        /// Not the limit of seats, which Janus can't keep: only out of the way (its default is 3).
        let publishers = 110
        let bitrate = 0
        let audiocodec = "opus"
        let videocodec = "vp8"
        let opusFec = true
        let requirePvtid = true
        let isPrivate = true
        let notifyJoining = false
        /// Slots are negotiated before anybody's extensions are known, so a phone's rotation must be in the picture.
        let videoorientExt = false
        let dummyPublisher = true
        let dummyStreams = [
            DummyStream(codec: "opus", fmtp: "useinbandfec=1;usedtx=1"), DummyStream(codec: "vp8"),
        ]
    }

    struct Destroy: Encodable, Sendable {
        let request = "destroy"
        var room: String
        var secret: String
    }

    struct List: Encodable, Sendable {
        let request = "list"
    }

    struct Kick: Encodable, Sendable {
        let request = "kick"
        var room: String
        var secret: String
        var id: String
    }

    struct JoinAsPublisher: Encodable, Sendable {
        let request = "join"
        let ptype = "publisher"
        var room: String
        var id: String
    }

    struct Publish: Encodable, Sendable {
        let request = "publish"
    }

    struct Unpublish: Encodable, Sendable {
        let request = "unpublish"
    }

    struct FeedStream: Encodable, Hashable, Sendable {
        var feed: String
        var mid: String
        var subMid: String?
    }

    struct JoinAsSubscriber: Encodable, Sendable {
        let request = "join"
        let ptype = "subscriber"
        var room: String
        var privateID: UInt64
        let autoupdate = false
        let useMsid = false
        var streams: [FeedStream]
    }

    struct Start: Encodable, Sendable {
        let request = "start"
    }

    struct Switch: Encodable, Sendable {
        let request = "switch"
        var streams: [FeedStream]
    }

    struct Configure: Encodable, Sendable {
        struct Stream: Encodable, Sendable {
            var mid: String
            var substream: Int?
            /// `true` also asks the publisher for a key frame.
            var send: Bool?
        }

        let request = "configure"
        var streams: [Stream]
    }
}
