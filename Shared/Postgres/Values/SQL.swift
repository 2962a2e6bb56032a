/// A statement whose values travel apart from its text, so that no value can become SQL.
///
/// `"select name from room where id = \(id)"` is sent as `select name from room where id = $1`.
/// The server infers the type of a parameter from its place; where it can't, write a cast: `\(value)::text`.
public struct SQL: ExpressibleByStringInterpolation, Sendable {
    fileprivate enum Piece: Sendable {
        case text(String)
        case value(PostgresValue)
    }

    fileprivate var pieces: [Piece]

    public init(stringLiteral value: String) {
        pieces = [.text(value)]
    }

    public init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount * 2 + 1)
        }

        public mutating func appendLiteral(_ literal: String) {
            pieces.append(.text(literal))
        }

        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            pieces.append(.value(value.postgresValue))
        }

        /// `nil` is NULL.
        public mutating func appendInterpolation<V: PostgresEncodable>(_ value: V?) {
            pieces.append(.value(value?.postgresValue ?? .null))
        }

        public mutating func appendInterpolation<R: RawRepresentable>(_ value: R) where R.RawValue: PostgresEncodable {
            pieces.append(.value(value.rawValue.postgresValue))
        }

        public mutating func appendInterpolation<R: RawRepresentable>(_ value: R?) where R.RawValue: PostgresEncodable {
            pieces.append(.value(value?.rawValue.postgresValue ?? .null))
        }

        /// Part of a statement, with its own values.
        public mutating func appendInterpolation(_ part: SQL) {
            pieces.append(contentsOf: part.pieces)
        }

        /// Text of the program itself, such as a list of columns.
        public mutating func appendInterpolation(raw text: StaticString) {
            pieces.append(.text("\(text)"))
        }
    }

    /// The text with `$1`, `$2` …, and the values in that order.
    func compiled() -> (text: String, values: [PostgresValue]) {
        var text = ""
        var values: [PostgresValue] = []
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .value(let value):
                values.append(value)
                text += "$\(values.count)"
            }
        }
        return (text, values)
    }
}

/// A parameter as it is sent.
public enum PostgresValue: Hashable, Sendable {
    case null
    case text(String)
    /// `bytea`
    case bytes([UInt8])
    /// The value has no form in PostgreSQL; the statement is not sent.
    case impossible(reason: String)
}

/// The parameters of one execution in the form that libpq takes.
struct EncodedParameters {
    private var storage: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Int(UInt16.max) else {
            throw PostgresError(.encoding, "A statement has at most 65535 parameters.")
        }
        for value in values { try append(value) }
        // Never empty, so that the buffer has an address.
        storage.append(0)
    }

    private mutating func append(_ value: PostgresValue) throws(PostgresError) {
        switch value {
        case .null: append(offset: nil, length: 0, format: 0)
        case .text(let text):
            let start = storage.count
            storage.append(contentsOf: text.utf8)
            let length = storage.count - start
            guard !storage[start...].contains(0) else {
                throw PostgresError(.encoding, "Text for the database can't hold a NUL.")
            }
            storage.append(0)
            append(offset: start, length: length, format: 0)
        case .bytes(let bytes):
            append(offset: storage.count, length: bytes.count, format: 1)
            storage.append(contentsOf: bytes)
        case .impossible(let reason): throw PostgresError(.encoding, reason)
        }
    }

    private mutating func append(offset: Int?, length: Int, format: Int32) {
        offsets.append(offset)
        lengths.append(Int32(clamping: length))
        formats.append(format)
    }

    typealias Body = (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) ->
        Int32

    func withPointers(_ body: Body) -> Int32 {
        storage.withUnsafeBytes { buffer in
            let pointers = offsets.map { offset -> UnsafePointer<CChar>? in
                offset.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return pointers.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(
                            Int32(clamping: pointers.count), values.baseAddress, lengths.baseAddress,
                            formats.baseAddress)
                    }
                }
            }
        }
    }
}
