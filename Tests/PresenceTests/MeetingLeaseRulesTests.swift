import ParleyProtocol
import Testing

@testable import PresenceService

@Suite("Meeting leases: rules")
struct MeetingLeaseRulesTests {
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

    @Test("a participant id that is none is refused", arguments: ["", "a b", "ä", "\n"])
    func participants(text: String) {
        let lease = Sample.lease(participant: ParticipantID(text))
        #expect(MeetingLeaseRules.problems(in: [lease]) == [FieldProblem("leases", .badFormat)])
    }
}
