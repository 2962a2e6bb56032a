/// The stable, program-readable name of an error. It stands in problem documents, in answers on the socket and in
/// refusals. Codes are added, never renamed; the browser client has a sentence for each in every language.
public enum ErrorCode: String, Codable, CaseIterable, Sendable {
    // Any request
    case badRequest = "bad_request"
    case validationFailed = "validation_failed"
    case unauthenticated = "unauthenticated"
    case forbidden = "forbidden"
    case originRefused = "origin_refused"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case conflict = "conflict"
    case preconditionFailed = "precondition_failed"
    case preconditionRequired = "precondition_required"
    case payloadTooLarge = "payload_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case tooManyRequests = "too_many_requests"
    case internalError = "internal_error"
    case unavailable = "unavailable"

    // Identity
    case credentialsWrong = "credentials_wrong"
    case accountDisabled = "account_disabled"
    case passwordChangeRequired = "password_change_required"
    case passwordExpired = "password_expired"
    case secondFactorRequired = "second_factor_required"
    case secondFactorWrong = "second_factor_wrong"
    case secondFactorSetupRequired = "second_factor_setup_required"
    case secondFactorUnconfirmed = "second_factor_unconfirmed"
    case passwordNeeded = "password_needed"
    case noPassword = "no_password"
    case enrollmentInvalid = "enrollment_invalid"
    case signInUnavailable = "sign_in_unavailable"
    case signInDeclined = "sign_in_declined"
    case keptElsewhere = "kept_elsewhere"
    case lastAdministrator = "last_administrator"
    case userNameTaken = "user_name_taken"
    case organizationTaken = "organization_taken"

    // Directory
    case aliasTaken = "alias_taken"
    case roomNotFound = "room_not_found"
    case roomExpired = "room_expired"
    case pinRequired = "pin_required"
    case pinWrong = "pin_wrong"
    case pinLocked = "pin_locked"
    case banned = "banned"
    case limitReached = "limit_reached"
    case personalRoom = "personal_room"
    case mailUnavailable = "mail_unavailable"

    // Signaling: refusals of a seat
    case roomFull = "room_full"
    case lobbyFull = "lobby_full"
    case roomLocked = "room_locked"
    case ticketInvalid = "ticket_invalid"
    case rebuilding = "rebuilding"
    case gone = "gone"
    case waiting = "waiting"
    case admissionDenied = "admission_denied"

    // Signaling: answers to requests
    case unknownType = "unknown_type"
    case malformedMessage = "malformed_message"
    case messageTooLarge = "message_too_large"
    case unknownParticipant = "unknown_participant"
    case mediaUnavailable = "media_unavailable"
    case mediaRefused = "media_refused"
}
