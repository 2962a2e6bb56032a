import Logging

/// The name of one request of a person on its way through all services: in their logs, in `X-Request-ID` of every call that
/// it causes and of its answer.
public enum RequestID {
    static let metadataKey = "request.id"

    /// The request that the current task works for.
    @TaskLocal public static var current: String?

    /// Puts `request.id` into every event that is logged while a request is handled, whoever's logger it is.
    public static let metadataProvider = Logger.MetadataProvider {
        current.map { [metadataKey: .string($0)] } ?? [:]
    }

    /// 32 hexadecimal digits.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let halves = (0..<2).map { _ in String(generator.next() as UInt64, radix: 16) }
        return halves.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }

    /// Only what can't forge a log line or a header is taken from outside: 8 to 64 letters, digits and hyphens.
    public static func isAcceptable(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
