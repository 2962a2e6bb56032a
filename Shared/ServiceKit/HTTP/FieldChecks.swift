import ParleyProtocol

/// Checks one field after the other and keeps what is wrong with each.
public struct FieldChecks {
    public private(set) var problems: [FieldProblem] = []

    public init() {}

    /// `nil` when the field can't be accepted.
    public mutating func check<T>(_ field: String, _ body: () throws(FieldRefusal) -> T) -> T? {
        do throws(FieldRefusal) {
            return try body()
        } catch {
            problems.append(FieldProblem(field, error.reason))
            return nil
        }
    }
}
