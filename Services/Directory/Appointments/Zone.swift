import Foundation

/// A time zone of IANA.
struct Zone: Hashable, Sendable {
    /// A change of the clocks.
    struct Transition: Hashable, Sendable {
        var at: Date
        /// Seconds east of UTC before and after it.
        var offsetBefore, offsetAfter: Int
        var isDaylightAfter: Bool

        /// What a clock that was not changed shows.
        var wallBefore: WallTime { WallTime(secondsSince1970: Int(at.timeIntervalSince1970) + offsetBefore) }
    }

    private static let nameLimit = 64

    let name: String
    /// Otherwise it is only a name, and moments are those of UTC.
    let isKnown: Bool
    private let rules: TimeZone

    /// `nil` when there is no such zone. Other names that Foundation takes, such as `EST` or `GMT+3`, are none: calendars don't
    /// know them.
    init?(_ name: String) {
        guard name.utf8.count <= Self.nameLimit, name == "UTC" || name.contains("/"), !name.hasPrefix("SystemV/"),
            name.utf8.allSatisfy(Self.isOfNames), let rules = TimeZone(identifier: name),
            name == "UTC" || rules.identifier == name
        else { return nil }
        self.name = name
        self.rules = rules
        isKnown = true
    }

    /// One that was accepted before, perhaps by a machine with newer tables of time zones than this one has.
    init(stored name: String) {
        let zone = Zone(name)
        self.name = name
        isKnown = zone != nil
        rules = zone?.rules ?? .gmt
    }

    var isUTC: Bool { ["UTC", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu"].contains(name) }

    /// Seconds east of UTC.
    func offset(at moment: Date) -> Int { rules.secondsFromGMT(for: moment) }

    func wall(_ moment: Date) -> WallTime {
        WallTime(secondsSince1970: Int(moment.timeIntervalSince1970.rounded(.down)) + offset(at: moment))
    }

    /// When clocks show the time; the first time if they do twice. `nil`: they leave it out.
    func moment(_ wall: WallTime) -> Date? {
        let candidates = candidates(wall)
        return candidates.first { self.wall($0) == wall }
    }

    /// As `moment`; a time that is left out is counted with the clocks of before (RFC 5545, 3.3.5).
    func nearestMoment(_ wall: WallTime) -> Date {
        if let moment = moment(wall) { return moment }
        let utc = Date(timeIntervalSince1970: Double(wall.secondsSince1970))
        return utc.addingTimeInterval(-Double(offset(at: utc.addingTimeInterval(-86_400))))
    }

    /// Those after the one and not after the other moment, in their order.
    func transitions(after start: Date, through end: Date) -> [Transition] {
        var transitions: [Transition] = []
        var moment = start
        while let next = rules.nextDaylightSavingTimeTransition(after: moment), next > moment, next <= end {
            let before = offset(at: next.addingTimeInterval(-1))
            let after = offset(at: next)
            if before != after {
                transitions.append(
                    Transition(
                        at: next, offsetBefore: before, offsetAfter: after,
                        isDaylightAfter: rules.isDaylightSavingTime(for: next)))
            }
            moment = next
        }
        return transitions
    }

    /// The time under the offsets of the day before and the day after, the earlier one first.
    private func candidates(_ wall: WallTime) -> [Date] {
        let utc = Date(timeIntervalSince1970: Double(wall.secondsSince1970))
        return [-86_400.0, 86_400].map { utc.addingTimeInterval(-Double(offset(at: utc.addingTimeInterval($0)))) }
            .sorted()
    }

    private static func isOfNames(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
