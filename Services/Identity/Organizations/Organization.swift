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
    init(_ written: String, _ what: String, field: String) throws(InputProblem) {
        let text = NameRules.tidy(written)
        guard Limits.ucsid.contains(text.unicodeScalars.count) else {
            throw InputProblem(
                "\(what) must have \(Limits.ucsid.lowerBound) to \(Limits.ucsid.upperBound) characters.",
                field: FieldProblem(field, text.isEmpty ? .missing : .tooLong))
        }
        guard text.unicodeScalars.allSatisfy(Self.allows) else {
            throw InputProblem(
                "\(what) may contain letters, digits, '-', '.' and '_' only: \(text.debugDescription).",
                field: FieldProblem(field, .badFormat))
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
    let ucsid: OrganizationHandle
    let settings: OrganizationSettings

    /// - Throws: the first thing that is wrong.
    public init(ucsid: String, draft: OrganizationDraft) throws(InputProblem) {
        self.ucsid = try OrganizationHandle(ucsid, "The UCSID", field: "ucsid")
        settings = try OrganizationSettings(draft, ucsid: self.ucsid)
    }

    public init(ucsid: String, name: String, aliases: [String]) throws(InputProblem) {
        try self.init(ucsid: ucsid, draft: OrganizationDraft(name: name, aliases: aliases))
    }
}

/// What an administrator sets of an organization, checked.
struct OrganizationSettings: Hashable, Sendable {
    /// Characters of an organization's name.
    static let nameLength = 1...100

    /// With names and domains as they are stored.
    let draft: OrganizationDraft
    let aliases: [OrganizationHandle]

    /// - Throws: the first thing that is wrong.
    init(_ draft: OrganizationDraft, ucsid: OrganizationHandle) throws(InputProblem) {
        var checked = draft
        checked.name = try NameRules.readable(
            draft.name, "The organization's name", field: "name", characters: Self.nameLength)
        guard Limits.passwordMinimum.contains(draft.passwordMinimum) else {
            throw InputProblem(
                """
                The least length of passwords must be \(Limits.passwordMinimum.lowerBound) to \
                \(Limits.passwordMinimum.upperBound) characters.
                """, field: FieldProblem("passwordMinimum", .badFormat))
        }
        aliases = try Self.aliases(draft.aliases, ucsid: ucsid)
        checked.aliases = aliases.map(\.text)
        checked.signInDomains = try Self.domains(draft.signInDomains)
        self.draft = checked
    }

    private static func aliases(
        _ written: [String], ucsid: OrganizationHandle
    ) throws(InputProblem) -> [OrganizationHandle] {
        guard written.count <= Limits.organizationAliases else {
            throw InputProblem(
                "An organization may have \(Limits.organizationAliases) aliases.",
                field: FieldProblem("aliases", .tooLong))
        }
        var keys: Set<String> = [ucsid.key]
        var handles: [OrganizationHandle] = []
        for alias in written {
            let handle = try OrganizationHandle(alias, "The alias", field: "aliases")
            guard keys.insert(handle.key).inserted else {
                throw InputProblem(
                    "The alias \(handle.text.debugDescription) is given twice or is the UCSID.",
                    field: FieldProblem("aliases", .taken))
            }
            handles.append(handle)
        }
        return handles
    }

    private static func domains(_ written: [String]) throws(InputProblem) -> [String] {
        guard written.count <= Limits.signInDomains else {
            throw InputProblem(
                "An organization may have \(Limits.signInDomains) domains.",
                field: FieldProblem("signInDomains", .tooLong))
        }
        var domains: [String] = []
        for domain in written {
            let domain = try OrganizationHandle(domain, "The domain", field: "signInDomains").text
            if !domains.contains(where: { LookupKey.fold($0) == LookupKey.fold(domain) }) { domains.append(domain) }
        }
        return domains
    }
}
