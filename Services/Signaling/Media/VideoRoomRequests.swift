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
        /// Without it private rooms, which all of ours are, are left out.
        var adminKey: String
    }

    struct ListParticipants: Encodable, Sendable {
        let request = "listparticipants"
        var room: String
        var secret: String
    }

    struct Kick: Encodable, Sendable {
        let request = "kick"
        var room: String
        var secret: String
        var id: String
    }

    /// Lets a stream of a publisher through, or not. Janus forgets it with the publication.
    struct Moderate: Encodable, Sendable {
        let request = "moderate"
        var room: String
        var secret: String
        var id: String
        var mid: String
        var mute: Bool
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
