import Hummingbird
import ParleyProtocol

extension Request {
    /// A whole number of the query, such as `?limit=20`. Throws 400 `validation_failed` when it is none or outside of `range`.
    public func queryInt(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(ProblemError) -> Int
    {
        guard let text = uri.queryParameters.get(name) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw .validation([FieldProblem(name, .badFormat)])
        }
        return number
    }

    /// A text of the query, such as `?cursor=…`, of at most `maximumBytes`.
    public func queryText(_ name: String, maximumBytes: Int = 512) throws(ProblemError) -> String? {
        guard let text = uri.queryParameters.get(name) else { return nil }
        guard text.utf8.count <= maximumBytes else { throw .validation([FieldProblem(name, .tooLong)]) }
        return text
    }
}
