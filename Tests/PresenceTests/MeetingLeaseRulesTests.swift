import ParleyProtocol
import Testing

@testable import PresenceService

@Suite("Meeting leases: rules")
struct MeetingLeaseRulesTests {
    @Test("somebody in two meetings is busy once, and the list is in order")
    func snapshot() {
        let members = ["b/1", "a/2", "b/3"].compactMap(MeetingMember.init(text:))
        #expect(
            MeetingLeaseRules.snapshot(of: members)
                == PresenceSnapshot(items: [
                    PresenceView(account: AccountID("a"), seen: .inMeeting),
                    PresenceView(account: AccountID("b"), seen: .inMeeting),
                ]))
        #expect(MeetingLeaseRules.snapshot(of: []).items.isEmpty)
    }

    @Test("a lease reads itself from its text, and nothing else is read")
    func members() {
        let lease = Sample.lease()
        #expect(MeetingMember(text: MeetingMember(lease).text) == MeetingMember(lease))
        for text in ["", "/", "a/", "/b", "a", "a/b/c"] {
            #expect(MeetingMember(text: text) == nil)
        }
    }

    @Test("well-formed leases are accepted, up to the limit")
    func acceptance() {
        let leases = Array(repeating: Sample.lease(), count: MeetingLeaseRules.maximumLeases)
        #expect(MeetingLeaseRules.problems(in: []).isEmpty)
        #expect(MeetingLeaseRules.problems(in: leases).isEmpty)
        #expect(
            MeetingLeaseRules.problems(in: leases + [Sample.lease()]) == [FieldProblem("leases", .tooLong)])
    }

    @Test(
        "ids that are none are refused",
        arguments: ["", "x", "}", "0b5c1f4e-9f5e-4c0e-8f0a-4f7b3c2d1e0", "0B5C1F4E-9F5E-4C0E-8F0A-4F7B3C2D1E0F"])
    func refusals(text: String) {
        let wrong = [
            MeetingLease(
                participant: Sample.participant(), account: AccountID(text), organization: Sample.organization()),
            MeetingLease(
                participant: Sample.participant(), account: Sample.account(), organization: OrganizationID(text)),
        ]
        for lease in wrong {
            #expect(MeetingLeaseRules.problems(in: [lease]) == [FieldProblem("leases", .badFormat)])
        }
    }

    @Test("a participant id that would break the store's text is refused", arguments: ["", "a/b", "a b", "ä", "\n"])
    func participants(text: String) {
        let lease = Sample.lease(participant: ParticipantID(text))
        #expect(MeetingLeaseRules.problems(in: [lease]) == [FieldProblem("leases", .badFormat)])
    }
}
