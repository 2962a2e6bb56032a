import ParleyProtocol
import Redis

// What moderators do with people who are inside. `moderator` is who asks for it, with the fence of the seat.
extension SeatStore {
    /// For whom an order is.
    enum Addressees: Hashable, Sendable {
        /// All but the moderator who gives it.
        case all
        /// All who are not moderators.
        case participants
        /// Of many those who are not there are left out.
        case named([ParticipantID])
    }

    /// Brings an order to the nodes that serve these people. One that is lost on its way changes nothing, and may be given again.
    func order(
        _ order: SeatOrder, to people: Addressees, in room: RoomID, by moderator: ParticipantID, fence: Int
    ) async throws -> ModerationOutcome {
        let (kind, names) =
            switch people {
            case .all: ("all", [])
            case .participants: ("participants", [])
            case .named(let named): ("named", named)
            } as (String, [ParticipantID])
        return try await call(
            SeatScript.order, room,
            [
                .init(moderator.rawValue), .init(fence), .init(try WireJSON.encode(order)),
                .init(order.action.sparesManagers ? "1" : "0"), .init(kind),
            ] + names.map { .init($0.rawValue) }
        ).moderation()
    }

    /// Ends somebody's seat.
    ///
    /// - Parameter knocks: whether they wait in the lobby when they come again.
    func remove(
        _ person: ParticipantID, knocks: Bool, from room: RoomID, by moderator: ParticipantID, fence: Int
    ) async throws -> ModerationOutcome {
        let event = RoomEvent.left(.init(id: person, reason: knocks ? .lobby : .removed))
        return try await call(
            SeatScript.remove, room,
            [
                .init(moderator.rawValue), .init(fence), .init(person.rawValue), .init(try event.encodedBody()),
                .init(knocks ? "1" : "0"),
            ]
        ).moderation()
    }

    func spotlight(
        _ person: ParticipantID?, in room: RoomID, by moderator: ParticipantID, fence: Int
    ) async throws -> ModerationOutcome {
        try await call(
            SeatScript.spotlight, room,
            [
                .init(moderator.rawValue), .init(fence), .init(person?.rawValue ?? ""),
            ]
        ).moderation()
    }

    /// Nobody but moderators may turn the source on from now on, or everybody may; who is inside is told by an order.
    func blockAll(
        _ source: MediaSource, _ blocked: Bool, in room: RoomID, by moderator: ParticipantID, fence: Int
    ) async throws -> ModerationOutcome {
        try await call(
            SeatScript.blockAll, room,
            [
                .init(moderator.rawValue), .init(fence), .init(source.rawValue), .init(blocked ? "1" : "0"),
            ]
        ).moderation()
    }

    func end(_ room: RoomID, by moderator: ParticipantID, fence: Int) async throws -> ModerationOutcome {
        let event = try RoomEvent.meetingEnded(.endedByModerator).encodedBody()
        return try await call(
            SeatScript.endAsModerator, room, [.init(moderator.rawValue), .init(fence), .init(event)]
        ).moderation()
    }
}
