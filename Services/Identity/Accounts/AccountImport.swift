import Foundation
import ParleyProtocol
import Postgres
import SwiftCSV

/// Accounts from a CSV file (RFC 4180): all or none.
public struct AccountImport: Sendable {
    /// What is wrong in one line.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// From 1; the first has the names of the columns.
        public let line: Int
        public let message: String

        public var description: String { "line \(line): \(message)" }
    }

    /// Everything that is wrong.
    public struct Refused: Error, Sendable {
        public let problems: [Problem]
    }

    struct Row: Sendable {
        let line: Int
        let account: NewAccount
    }

    private enum Column: String, CaseIterable {
        case userName, displayName, email, language, permissions

        var isRequired: Bool { self == .userName || self == .displayName }
    }

    /// A row more than anybody needs; each costs a password hash.
    static let mostRows = 10_000

    let rows: [Row]

    /// - Throws: `Refused` with every problem that the text has by itself.
    public init(csv text: String) throws {
        // Spreadsheets put a mark before UTF-8.
        let plain = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
        let csv: EnumeratedCSV
        do {
            csv = try EnumeratedCSV(string: plain, loadColumns: false)
        } catch {
            throw Refused(problems: [Problem(line: 1, message: "This is no CSV: \(error).")])
        }
        let columns = try Self.columns(csv.header)
        guard csv.rows.count <= Self.mostRows else {
            throw Refused(problems: [Problem(line: 1, message: "There are more than \(Self.mostRows) accounts.")])
        }
        var problems: [Problem] = []
        var rows: [Row] = []
        var lines: [String: Int] = [:]
        var line = 2
        for fields in csv.rows {
            do throws(InputProblem) {
                let row = Row(line: line, account: try Self.account(fields, columns))
                if let earlier = lines.updateValue(line, forKey: LookupKey.fold(row.account.userName)) {
                    throw InputProblem("The user name stands in line \(earlier) already.")
                }
                rows.append(row)
            } catch {
                problems.append(Problem(line: line, message: error.description))
            }
            line += 1 + fields.reduce(0) { $0 + $1.count(where: \.isNewline) }
        }
        guard problems.isEmpty else { throw Refused(problems: problems) }
        self.rows = rows
    }

    /// How many accounts there are.
    public var count: Int { rows.count }

    private static func columns(_ header: [String]) throws(Refused) -> [Column: Int] {
        var columns: [Column: Int] = [:]
        for (index, name) in header.enumerated() {
            let name = name.trimmingCharacters(in: .whitespaces)
            guard let column = Column(rawValue: name) else {
                let all = Column.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refused(
                    problems: [
                        Problem(line: 1, message: "There is no column \(name.debugDescription); there are \(all).")
                    ])
            }
            guard columns.updateValue(index, forKey: column) == nil else {
                throw Refused(problems: [Problem(line: 1, message: "The column \(name) stands twice.")])
            }
        }
        for column in Column.allCases where column.isRequired && columns[column] == nil {
            throw Refused(problems: [Problem(line: 1, message: "The column \(column.rawValue) is missing.")])
        }
        return columns
    }

    private static func account(
        _ fields: [String], _ columns: [Column: Int]
    ) throws(InputProblem) -> NewAccount {
        func text(_ column: Column) -> String {
            guard let index = columns[column], fields.indices.contains(index) else { return "" }
            return NameRules.tidy(fields[index])
        }
        let names = text(.permissions).split { $0 == " " || $0 == ";" || $0 == "|" }.map(String.init)
        let language = text(.language)
        guard language.isEmpty || Language(rawValue: language) != nil else {
            throw InputProblem("There is no language \(language.debugDescription).")
        }
        return try NewAccount(
            AccountDraft(
                userName: text(.userName), displayName: text(.displayName), email: text(.email),
                language: Language(rawValue: language), permissions: try NewAccount.permissions(names)))
    }
}

extension Administration {
    /// Adds all accounts, each with a one-time password, or none of them.
    /// - Parameter isDryRun: whether it is only looked at whether they could be added.
    /// - Returns: CSV with the user names and their one-time passwords; nothing after a dry run.
    /// - Throws: `AccountImport.Refused`, or `InputProblem` when there is no such organization.
    public func run(_ file: AccountImport, into handle: String, isDryRun: Bool) async throws -> String? {
        let organization = try await organization(handle)
        var problems: [AccountImport.Problem] = []
        for row in file.rows
        where try await accounts.find(userName: row.account.userName, in: organization.id) != nil {
            problems.append(.init(line: row.line, message: "There is an account with this user name already."))
        }
        guard problems.isEmpty else { throw AccountImport.Refused(problems: problems) }
        guard !isDryRun else { return nil }
        let passwords = file.rows.map { _ in OneTimePassword.make() }
        let hashes = try await hash(passwords)
        try await add(Array(zip(file.rows, hashes)), to: organization.id)
        let lines = zip(file.rows, passwords).map { row, password in
            "\(Self.cell(row.account.userName)),\(password)"
        }
        return (["userName,oneTimePassword"] + lines).joined(separator: "\n")
    }

    private func hash(_ passwords: [String]) async throws -> [PasswordHash] {
        let hasher = PasswordHasher(cost: .standard(logN: scryptLogN), threads: 1)
        return try await hasher.once { hasher in
            var hashes: [PasswordHash] = []
            for password in passwords { hashes.append(try await hasher.hash(try Password(password))) }
            return hashes
        }
    }

    /// Somebody may have added one of them in the meantime.
    private func add(
        _ rows: [(AccountImport.Row, PasswordHash)], to organization: OrganizationID
    ) async throws {
        do {
            try await accounts.pool.transaction { connection in
                for (row, hash) in rows {
                    _ = try AccountStore.add(
                        row.account, password: hash, kind: .oneTime, origin: .local, to: organization,
                        by: .commandLine, connection)
                }
            }
        } catch let error as PostgresError where error.constraint == "account_user_name_taken" {
            throw InputProblem("One of the accounts was added in the meantime; nothing was imported.")
        }
    }

    /// A cell that no spreadsheet takes for a formula.
    private static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t".contains($0) } ?? false
        return "\"" + (isFormula ? "'" : "") + text.replacing("\"", with: "\"\"") + "\""
    }
}
