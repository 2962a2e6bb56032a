import NIOCore
import ParleyProtocol
import Testing
import WebSockets

@testable import SignalingService

@Suite("Fan-out", .timeLimit(.minutes(1)))
struct FanOutTests {
    private let ada = ParticipantID("ada")

    private func snapshot(_ epoch: String, _ seq: Int) -> RoomSnapshot {
        RoomSnapshot(
            epoch: epoch, seq: seq, meeting: MeetingID("m"), mediaNode: "", startedAt: 0, people: [], chat: [])
    }

    private func fanOut(at snapshot: RoomSnapshot) -> FanOut {
        let fanOut = FanOut(node: "mine") {}
        fanOut.begin(at: snapshot)
        return fanOut
    }

    private func event(_ head: String) -> ByteBuffer { ByteBuffer(string: head + "\n{}") }

    @Test("after a new epoch what other nodes do to a seat is noticed, though its numbers begin anew")
    func newEpoch() {
        let fanOut = fanOut(at: snapshot("e", 100))
        fanOut.activate(0, participant: ada, fence: 5, greeting: [], snapshot: snapshot("e", 100))
        #expect(!fanOut.takeFindings().needsResync)
        fanOut.receive(event("f 4 updated ada 6 other"))
        #expect(fanOut.takeFindings().hasGap)
        fanOut.resync(snapshot("f", 3), welcomes: [:], notice: [])
        let findings = fanOut.takeFindings()
        #expect(!findings.hasGap)
        #expect(findings.lost.map(\.participant) == [ada])
    }

    @Test("a straggler of a former log does not keep the node looking for what is missing")
    func straggler() {
        let fanOut = fanOut(at: snapshot("f", 3))
        fanOut.receive(event("e 9 chat x 0 -"))
        #expect(fanOut.takeFindings().hasGap)
        fanOut.fill([])
        #expect(!fanOut.takeFindings().hasGap)
        fanOut.receive(event("f 4 chat x 0 -"))
        #expect(fanOut.position == EventOrder(epoch: "f", seq: 4))
    }

    @Test(
        "a socket that was welcomed while a snapshot was on its way is not set back by it",
        arguments: [(683, "says hello"), (681, "is told anew")])
    func welcomedMeanwhile(known: Int, name: String) async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let person = try await cluster.connect()
            let fanOut = fanOut(at: snapshot("e", known))
            let member = fanOut.open(person.connection)
            fanOut.activate(member, participant: ada, fence: 5, greeting: [], snapshot: snapshot("e", known))
            // What arrives first at the other end of this socket is a hello, with the name of who said it.
            func hello(_ name: String) async throws -> [UInt8] {
                let ticket = try await cluster.ticket(cluster.claims(name: name))
                return try ClientRequest(message: .hello(.init(ticket: ticket))).encoded()
            }
            fanOut.resync(snapshot("e", 682), welcomes: [member: []], notice: try await hello("is told anew"))
            person.connection.send(text: try await hello("says hello"))
            #expect(try await person.welcome().participants.map(\.name) == [name])
            #expect(!fanOut.takeFindings().needsResync)
        }
    }

    @Test("of the first who come at once nobody has to be told anew, in whatever order they are welcomed")
    func firstRush() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let fanOut = fanOut(at: snapshot("e", 0))
            let members = [
                fanOut.open(try await cluster.connect().connection),
                fanOut.open(try await cluster.connect().connection),
            ]
            let bob = ParticipantID("bob")
            fanOut.receive(event("e 1 joined ada 5 mine"))
            // The answer to a join may come before the event.
            fanOut.activate(members[1], participant: bob, fence: 6, greeting: [], snapshot: snapshot("e", 2))
            fanOut.activate(members[0], participant: ada, fence: 5, greeting: [], snapshot: snapshot("e", 1))
            fanOut.receive(event("e 2 joined bob 6 mine"))
            #expect(!fanOut.takeFindings().needsResync)
            #expect(fanOut.position == EventOrder(epoch: "e", seq: 2))
        }
    }

    @Test(
        "a socket whose snapshot is older than what was delivered is told anew if events in between were not held for it"
    )
    func missedEvents() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let socket = try await cluster.connect().connection
            let fanOut = fanOut(at: snapshot("e", 0))
            fanOut.receive(event("e 1 chat x 0 -"))
            fanOut.receive(event("e 2 chat x 0 -"))
            let complete = fanOut.open(socket)
            fanOut.activate(complete, participant: ada, fence: 5, greeting: [], snapshot: snapshot("e", 2))
            #expect(!fanOut.takeFindings().needsResync)
            let late = fanOut.open(socket)
            fanOut.activate(late, participant: ada, fence: 5, greeting: [], snapshot: snapshot("e", 1))
            #expect(fanOut.takeFindings().needsResync)
        }
    }
}
