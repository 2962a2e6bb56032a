import Foundation
import ParleyProtocol

/// A tenant, found by its UCSID or by one of its aliases.
struct Organization: Hashable, Sendable {
    var id: OrganizationID
    var ucsid: String
    var name: String

    var view: OrganizationView { OrganizationView(id: id, ucsid: ucsid, name: name) }
}

/// A UCSID or an alias, as somebody wrote it. Both are looked up in the same way and are unique together.
struct OrganizationHandle: Hashable, Sendable {
    /// As written, for people.
    let text: String
    /// As found, whatever the case.
    let key: String

    /// Checks a handle that is to be stored: 1 to 64 letters, digits, `-`, `.`, `_`.
    init(_ written: String, _ what: String) throws(InputProblem) {
        let text = NameRules.tidy(written)
        guard Limits.ucsid.contains(text.unicodeScalars.count) else {
            throw InputProblem(
                "\(what) must have \(Limits.ucsid.lowerBound) to \(Limits.ucsid.upperBound) characters.")
        }
        guard text.unicodeScalars.allSatisfy(Self.allows) else {
            throw InputProblem("\(what) may contain letters, digits, '-', '.' and '_' only: \(text.debugDescription).")
        }
        self.text = text
        key = LookupKey.fold(text)
    }

    private static func allows(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .nonspacingMark, .spacingMark:
            true
        default: scalar == "-" || scalar == "." || scalar == "_"
        }
    }
}

/// What is needed to add an organization, checked.
public struct NewOrganization: Sendable {
    /// Characters of an organization's name.
    static let nameLength = 1...100

    let ucsid: OrganizationHandle
    let aliases: [OrganizationHandle]
    let name: String

    /// - Throws: the first thing that is wrong.
    public init(ucsid: String, name: String, aliases: [String]) throws(InputProblem) {
        self.ucsid = try OrganizationHandle(ucsid, "The UCSID")
        self.name = try NameRules.readable(name, "The organization's name", characters: Self.nameLength)
        var keys: Set<String> = [self.ucsid.key]
        var handles: [OrganizationHandle] = []
        for alias in aliases {
            let handle = try OrganizationHandle(alias, "The alias")
            guard keys.insert(handle.key).inserted else {
                throw InputProblem("The alias \(handle.text.debugDescription) is given twice or is the UCSID.")
            }
            handles.append(handle)
        }
        self.aliases = handles
    }
}
