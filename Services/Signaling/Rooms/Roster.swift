import ParleyProtocol

/// The people in a room as this node knows them, kept up to date by the room's events.
struct Roster: Sendable {
    private(set) var participants: [ParticipantID: Participant] = [:]

    init() {}

    init(_ participants: [Participant]) {
        self.participants = Dictionary(participants.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// Answers whether anything changed.
    mutating func apply(_ message: RoomMessage) -> Bool {
        switch message.kind {
        case .joined, .updated:
            guard let participant = message.content else { return false }
            return participants.updateValue(participant, forKey: participant.id) != participant
        case .left:
            return participants.removeValue(forKey: message.participant) != nil
        case .meetingEnded:
            participants = [:]
            return true
        case .chat, .room, .mediaMoved:
            return false
        }
    }

    var hasModerator: Bool { participants.values.contains { $0.role == .moderator } }

    /// All but one, in an order that does not depend on chance.
    func others(than participant: ParticipantID) -> [Participant] {
        participants.values.filter { $0.id != participant }.sorted { $0.id.rawValue < $1.id.rawValue }
    }
}
