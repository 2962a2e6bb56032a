import Foundation
import ParleyProtocol
import TestSupport

@testable import SignalingService

extension TestCluster {
    /// Somebody whose ticket says what holds in the room, and who has said `hello`.
    func knock(
        _ name: String, policy: RoomPolicy?, node: Int = 0, role: Role = .participant, colleague: Bool = false,
        microphone: Bool = false, key: String? = nil
    ) async throws -> TestPerson {
        var claims = claims(name: name, role: role, account: colleague ? name : nil)
        if colleague { claims.accountOrganization = claims.organization }
        claims.policy = policy
        let person = try await connect(node: node)
        try await person.say(
            .hello(
                .init(
                    ticket: try await ticket(claims), key: key, state: ParticipantState(microphone: microphone),
                    wait: true)))
        return person
    }

    func moderator(_ policy: RoomPolicy?, node: Int = 0) async throws -> TestPerson {
        let person = try await knock("Mod", policy: policy, node: node, role: .moderator)
        try await person.welcome()
        return person
    }
}

extension TestPerson {
    func waits(for reason: ServerMessage.Waiting.Reason) async throws {
        _ = try await event("waiting") { (try? $0.body(ServerMessage.Waiting.self))?.reason == reason }
    }

    /// Waits until the newest list of the lobby has these people.
    @discardableResult
    func lobby(_ names: [String]) async throws -> [ServerMessage.Lobby.Person] {
        var newest: [ServerMessage.Lobby.Person] = []
        try await eventually("the lobby has \(names)") {
            let lists = messages.filter { $0.type == "lobby" }
            guard let last = lists.last else { return "no list" }
            newest = try last.body(ServerMessage.Lobby.self).people
            return newest.map(\.name) == names ? nil : "\(newest.map(\.name))"
        }
        return newest
    }
}
