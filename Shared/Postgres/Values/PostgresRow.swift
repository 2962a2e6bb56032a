/// One row of an answer; its columns are read by name.
public struct PostgresRow: Sendable {
    /// The names of the columns, shared by all rows of an answer.
    final class Columns: Sendable {
        let positions: [String: Int]

        init(_ names: [String]) {
            positions = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
        }
    }

    let columns: Columns
    let values: [String?]

    /// - Throws: `PostgresError` `.decoding` when the column is missing, is NULL for a `T` that can't be, or no `T`.
    public func decode<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws -> T {
        let text = try text(column)
        do {
            return try T.decode(postgres: text)
        } catch {
            throw PostgresError(.decoding, "Column `\(column)` is \(error == .null ? "NULL" : "no \(T.self)").")
        }
    }

    public func decode<T: RawRepresentable>(_ column: String, as type: T.Type = T.self) throws -> T
    where T.RawValue: PostgresDecodable {
        let raw = try decode(column, as: T.RawValue.self)
        guard let value = T(rawValue: raw) else {
            throw PostgresError(.decoding, "Column `\(column)` is no \(T.self).")
        }
        return value
    }

    public func decode<T: RawRepresentable>(_ column: String, as type: T?.Type = T?.self) throws -> T?
    where T.RawValue: PostgresDecodable {
        guard try text(column) != nil else { return nil }
        return try decode(column, as: T.self)
    }

    private func text(_ column: String) throws -> String? {
        guard let position = columns.positions[column], position < values.count else {
            throw PostgresError(.decoding, "The answer has no column `\(column)`.")
        }
        return values[position]
    }
}
