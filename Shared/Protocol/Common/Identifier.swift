/// The name of one thing, typed by what it names, so that a room's id cannot be passed for an account's.
///
/// On the wire and in stores it is its plain string.
public struct Identifier<Subject: Sendable>: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// What identifiers name. These types have no values.
public enum Subject {
    public enum Organization: Sendable {}
    public enum Account: Sendable {}
    public enum Session: Sendable {}
    public enum Room: Sendable {}
    public enum Meeting: Sendable {}
    public enum Participant: Sendable {}
    public enum Appointment: Sendable {}
    public enum Ban: Sendable {}
}

/// A UUID in lower case.
public typealias OrganizationID = Identifier<Subject.Organization>
/// A UUID in lower case.
public typealias AccountID = Identifier<Subject.Account>
/// A UUID in lower case; it names a session without giving access to it.
public typealias SessionID = Identifier<Subject.Session>
/// A UUID in lower case.
public typealias RoomID = Identifier<Subject.Room>
/// 12 characters, chosen by signaling when the first seat of a room is taken.
public typealias MeetingID = Identifier<Subject.Meeting>
/// 12 characters, public within its meeting; it is not the resume token.
public typealias ParticipantID = Identifier<Subject.Participant>
/// A UUID in lower case.
public typealias AppointmentID = Identifier<Subject.Appointment>
/// A UUID in lower case.
public typealias BanID = Identifier<Subject.Ban>
