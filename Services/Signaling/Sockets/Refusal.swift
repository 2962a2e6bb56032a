import ParleyProtocol

/// Why somebody gets no seat. It is said in `refused`, and then the socket is closed.
struct Refusal: Error {
    var code: ErrorCode
    var message: String
    /// Seconds.
    var retryAfter: Int?
    /// 4490 when it is worth coming back without being asked.
    var close: CloseCode = .refused

    static let roomFull = Refusal(code: .roomFull, message: "All \(Limits.seats) seats of this room are taken.")
    static let ticketInvalid = Refusal(
        code: .ticketInvalid, message: "The ticket is not valid for this room, has expired or was used before.")
    static let roomDeleted = Refusal(code: .roomNotFound, message: "This room was deleted.")
    static let denied = Refusal(code: .admissionDenied, message: "A moderator has not let you in.")
    static let crowded = Refusal(
        code: .lobbyFull, message: "\(Limits.lobby) people wait to be let in already.")
    static let superseded = Refusal(
        code: .gone, message: "A later attempt with the same key has the seat.", close: .superseded)
    static let gone = Refusal(code: .gone, message: "The seat is not kept any more.")
    /// Told as the end of the session, as to those who are inside.
    static let signedOut = Refusal(
        code: .unauthenticated, message: "The session that the ticket was made for has ended.", close: .signedOut)
    static let helloExpected = Refusal(code: .badRequest, message: "The first message is `hello` or `resume`.")
    static let unavailable = Refusal(
        code: .unavailable, message: "Nobody can come in at the moment.", retryAfter: 2, close: .unavailable)
    /// Not `unavailable`: no other process would do it sooner, so nobody is to be sent to look for one.
    static let soon = Refusal(
        code: .tooManyRequests, message: "The seat was taken up just now.", retryAfter: 1, close: .unavailable)
}

extension Refusal {
    /// - Parameter milliseconds: until others can come in.
    static func rebuilding(_ milliseconds: Int) -> Refusal {
        Refusal(
            code: .rebuilding, message: "Those who were inside come back first.",
            retryAfter: max(1, (milliseconds + 999) / 1_000), close: .unavailable)
    }

    /// Nobody is there to hear it.
    static let leftLine = Refusal(code: .gone, message: "The place in line was left.")
}

/// Why a request of somebody who has a seat is not carried out.
struct RequestFailure: Error {
    var code: ErrorCode
    var message: String
    /// Seconds.
    var retryAfter: Int?

    static let unavailable = RequestFailure(
        code: .unavailable, message: "This cannot be done at the moment.", retryAfter: 2)
    static let seatLost = RequestFailure(code: .gone, message: "The seat is not held here any more.")
    static let ticketInvalid = RequestFailure(
        code: .ticketInvalid, message: "The ticket is not valid for this room, has expired or was used before.")
    static let otherAccount = RequestFailure(
        code: .conflict, message: "The seat belongs to another account. Leave, and come in anew.")
    static let signedOut = RequestFailure(
        code: .unauthenticated, message: "The session that the ticket was made for has ended.")
    static let forbidden = RequestFailure(code: .forbidden, message: "Only moderators may do this here.")
    static let notFound = RequestFailure(code: .notFound, message: "This person is not there.")
    static let noMedia = RequestFailure(
        code: .mediaUnavailable, message: "There is no media at the moment.", retryAfter: 5)
    static let tooMany = RequestFailure(
        code: .tooManyRequests, message: "Too many messages in a short time.", retryAfter: 1)

    static func invalid(_ message: String) -> RequestFailure {
        RequestFailure(code: .validationFailed, message: message)
    }
}
