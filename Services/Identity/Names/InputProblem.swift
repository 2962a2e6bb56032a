import HTTPTypes
import ParleyProtocol
import ServiceKit

/// What somebody typed and Parley can't take, in a sentence for people.
public struct InputProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    /// For programs, where it is a field of a request.
    let field: FieldProblem?
    let code: ErrorCode

    public init(_ description: String) {
        self.init(description, field: nil)
    }

    init(_ description: String, field: FieldProblem?, code: ErrorCode = .validationFailed) {
        self.description = description
        self.field = field
        self.code = code
    }
}

extension InputProblem: ProblemConvertible {
    public var problemError: ProblemError {
        let isTaken = code != .validationFailed
        return ProblemError(
            isTaken ? .conflict : .badRequest, code, isTaken ? description : "Some fields can't be accepted.",
            detail: isTaken ? nil : description, fields: field.map { [$0] })
    }
}
