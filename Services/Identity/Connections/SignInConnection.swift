import Foundation
import LDAP
import OpenIDConnect
import ParleyProtocol

/// A directory or a provider that people of one organization may sign in with, beside local accounts.
struct SignInConnection: Sendable {
    enum Settings: Sendable {
        case ldap(LDAPSettings)
        case openIDConnect(OIDCSettings)
    }

    let id: UUID
    let organization: OrganizationID
    /// What people read: "sign in with …".
    let name: String
    let isEnabled: Bool
    let settings: Settings
    /// Which permissions the members of a group have; the names of groups are folded.
    let groups: [String: [Permission]]
    /// Changes with the settings.
    let version: Int

    var origin: AccountOrigin { settings.kind }

    /// What the groups of a person permit; nothing when no group of this connection means anything, so that permissions are
    /// given here.
    func permissions(of groups: [String]) -> [Permission]? {
        guard !self.groups.isEmpty else { return nil }
        let granted = Set(groups.flatMap { self.groups[LookupKey.fold($0)] ?? [] })
        return Permission.allCases.filter(granted.contains)
    }
}

/// A connection as an operator describes it, in JSON: `{"name": …, "kind": "ldap" | "oidc", "settings": {…}, "groups": {"name of
/// a group": ["rooms.create"]}}`. The settings are those of `LDAPSettings` or `OIDCSettings`.
public struct ConnectionDraft: Sendable {
    static let nameLength = 1...60
    private static let mostGroups = 200

    let name: String
    let settings: SignInConnection.Settings
    let groups: [String: [Permission]]

    private struct Head: Decodable {
        var name: String
        var kind: AccountOrigin
        var groups: [String: [String]]?
    }

    private struct Body<Settings: Decodable>: Decodable {
        var settings: Settings
    }

    /// - Throws: `InputProblem` with the first thing that is wrong.
    public init(json: String) throws {
        let data = Data(json.utf8)
        do {
            try StrictJSON.check(Array(data))
            let head = try JSONDecoder().decode(Head.self, from: data)
            name = try NameRules.readable(
                head.name, "The connection's name", field: "name", characters: Self.nameLength)
            groups = try Self.groups(head.groups ?? [:])
            settings = try Self.settings(head.kind, data)
        } catch let problem as InputProblem {
            throw problem
        } catch let error as DecodingError {
            throw InputProblem("The connection is not described as it must be: \(Self.text(error)).")
        } catch {
            throw InputProblem("The connection can't be used: \(error).")
        }
    }

    private static func settings(_ kind: AccountOrigin, _ data: Data) throws -> SignInConnection.Settings {
        switch kind {
        case .ldap:
            let settings = try JSONDecoder().decode(Body<LDAPSettings>.self, from: data).settings
            try settings.validate()
            return .ldap(settings)
        case .openIDConnect:
            let settings = try JSONDecoder().decode(Body<OIDCSettings>.self, from: data).settings
            try settings.validate()
            return .openIDConnect(settings)
        case .local: throw InputProblem("The kind must be ldap or oidc.")
        }
    }

    /// No group makes a system administrator: that is not for an organization's directory to say.
    private static func groups(_ written: [String: [String]]) throws(InputProblem) -> [String: [Permission]] {
        guard written.count <= mostGroups else { throw InputProblem("There are more than \(mostGroups) groups.") }
        var groups: [String: [Permission]] = [:]
        for (name, permissions) in written {
            let permissions = try NewAccount.permissions(permissions)
            guard !permissions.contains(.administerSystem) else {
                throw InputProblem("No group can give the permission \(Permission.administerSystem.rawValue).")
            }
            groups[LookupKey.fold(name), default: []] += permissions
        }
        return groups
    }

    private static func text(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
            "\(path(context.codingPath)) has the wrong form"
        @unknown default: "it has the wrong form"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "it" : keys.map(\.stringValue).joined(separator: ".")
    }
}
