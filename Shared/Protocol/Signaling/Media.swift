/// Where a track comes from. Each participant publishes over one connection with exactly these three, in this order.
public enum MediaSource: String, Codable, CaseIterable, Sendable {
    case microphone
    case camera
    case screen
}

/// A fixed place of the receiving connection. Who is in it changes without renegotiation.
public struct MediaSlot: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable {
        case audio, video, screen
    }

    /// The `mid` of the place in the receiving connection's SDP.
    public var mid: String
    public var kind: Kind

    public init(mid: String, kind: Kind) {
        self.mid = mid
        self.kind = kind
    }
}

/// What a slot carries now; nobody when `participant` is absent.
public struct SlotContent: Codable, Hashable, Sendable {
    public var mid: String
    public var participant: ParticipantID?
    public var source: MediaSource?

    public init(mid: String, participant: ParticipantID? = nil, source: MediaSource? = nil) {
        self.mid = mid
        self.participant = participant
        self.source = source
    }
}

/// What a client wants to see in a video or screen slot. Audio is placed by signaling.
public struct SlotWish: Codable, Hashable, Sendable {
    public var mid: String
    /// Absent: nothing, send me no bytes.
    public var participant: ParticipantID?
    public var source: MediaSource?
    /// 0 small, 1 middle, 2 large.
    public var layer: Int?

    public init(mid: String, participant: ParticipantID? = nil, source: MediaSource? = nil, layer: Int? = nil) {
        self.mid = mid
        self.participant = participant
        self.source = source
        self.layer = layer
    }
}

/// A STUN or TURN server, in the form that browsers take (W3C WebRTC, RTCIceServer).
public struct ICEServer: Codable, Hashable, Sendable {
    public var urls: [String]
    public var username: String?
    public var credential: String?

    public init(urls: [String], username: String? = nil, credential: String? = nil) {
        self.urls = urls
        self.username = username
        self.credential = credential
    }
}
