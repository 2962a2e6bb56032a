import CLibPQ

/// The answer to one statement, copied out of libpq's memory.
struct StatementResult: Sendable {
    var rows: [PostgresRow] = []
    /// Rows that were inserted, changed, deleted or read; 0 for other statements.
    var affected = 0
    /// What the server says it did, such as `COMMIT` or `INSERT 0 1`.
    var tag = ""
}

/// Owns one `PGresult`.
struct LibPQResult: ~Copyable {
    private let pointer: OpaquePointer

    /// Letters by which libpq names the parts of an error. Its macros are characters, which Swift doesn't import.
    private enum ErrorField {
        static let sqlState = Int32(UInt8(ascii: "C"))
        static let message = Int32(UInt8(ascii: "M"))
        static let constraint = Int32(UInt8(ascii: "n"))
    }

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    /// The connection can't be used again, because the statement asked for a mode that is not spoken here.
    var wantsCopy: Bool {
        let status = PQresultStatus(pointer)
        return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH
    }

    func take() throws(PostgresError) -> StatementResult {
        switch PQresultStatus(pointer) {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
            return StatementResult(rows: rows(), affected: affected, tag: tag)
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return StatementResult(affected: affected, tag: tag)
        default:
            throw error
        }
    }

    private var tag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }
    private var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    private var error: PostgresError {
        guard let sqlState = field(ErrorField.sqlState) else {
            return PostgresError(.connection, "The connection to the database broke.")
        }
        return PostgresError(
            sqlState: sqlState, serverMessage: field(ErrorField.message) ?? "",
            constraint: field(ErrorField.constraint))
    }

    private func field(_ code: Int32) -> String? {
        PQresultErrorField(pointer, code).map { String(cString: $0) }
    }

    private func rows() -> [PostgresRow] {
        let width = PQnfields(pointer)
        var names: [String] = []
        for column in 0..<width {
            names.append(PQfname(pointer, column).map { String(cString: $0) } ?? "")
        }
        let columns = PostgresRow.Columns(names)
        return (0..<PQntuples(pointer)).map { row in
            PostgresRow(columns: columns, values: (0..<width).map { value(row: row, column: $0) })
        }
    }

    private func value(row: Int32, column: Int32) -> String? {
        guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else { return nil }
        let length = Int(PQgetlength(pointer, row, column))
        return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
}
