import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol
import ServiceKit

/// The appointments of a room over HTTP, for those who manage it.
struct AppointmentRoutes: Sendable {
    let rooms: RoomStore
    let store: AppointmentStore
    let vault: PINVault
    let links: RoomLinks

    func add(to group: RouterGroup<ServiceRequestContext>) {
        let path = "rooms/{room}/appointments"
        group.get("\(path)") { try await list($0, $1) }
        group.post("\(path)") { try await create($0, $1) }
        group.get("\(path)/{appointment}") { try await show($0, $1) }
        group.put("\(path)/{appointment}") { try await change($0, $1) }
        group.delete("\(path)/{appointment}") { try await delete($0, $1) }
        group.get("\(path)/{appointment}/calendar") { try await calendar($0, $1) }
    }

    // MARK: Reading

    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let room = try await room(context)
        return try jsonResponse(AppointmentList(items: inOrder(try await store.appointments(of: room.id))))
    }

    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try answer(try await appointment(of: try await room(context), context))
    }

    /// `GET …/calendar?pin=&language=`: without them as the appointment says.
    private func calendar(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let language = try request.invitationLanguage()
        let wantsPIN = try request.wantsPIN()
        let room = try await room(context)
        let appointment = try await appointment(of: room, context)
        let pin = wantsPIN ?? appointment.includesPIN ? try vault.pin(of: room) : nil
        let letter = appointment.letter(in: room, link: links.link(to: room), pin: pin, language: language)
        guard let file = CalendarFile(appointment, letter, .publish, stamp: appointment.readAt) else {
            throw ProblemError.unavailable()
        }
        let body = ByteBuffer(string: file.text)
        let headers: HTTPFields = [
            .contentType: "text/calendar; charset=utf-8; method=\(file.method.rawValue)",
            .contentLength: String(body.readableBytes),
            .contentDisposition: AttachmentName.header(appointment.title, extension: "ics"),
            .cacheControl: "no-store",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    // MARK: Changing

    private func create(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let room = try await room(context)
        let content = try AppointmentContent(
            try await decodeBody(AppointmentDraft.self, from: request, context: context))
        do {
            let appointment = try await store.create(.random(), in: room, content: content, by: account)
            return try answer(appointment, status: .created)
        } catch is AppointmentStore.LimitReached {
            throw ProblemError.tooManyAppointments
        } catch is AppointmentStore.NoSuchRoom {
            throw ProblemError.noSuchRoom
        }
    }

    private func change(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let room = try await room(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let content = try AppointmentContent(
            try await decodeBody(AppointmentDraft.self, from: request, context: context))
        let change = try await store.change(
            try Self.id(context), in: room, wanted: wanted, content: content, by: account)
        return try answer(try change.get())
    }

    private func delete(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let room = try await room(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        _ = try await store.delete(try Self.id(context), in: room, wanted: wanted, by: account).get()
        return emptyResponse()
    }

    // MARK: Parts

    private func room(_ context: ServiceRequestContext) async throws -> Room {
        try await rooms.managed(context, by: try context.requireAccount())
    }

    private func appointment(of room: Room, _ context: ServiceRequestContext) async throws -> Appointment {
        guard let appointment = try await store.appointment(try Self.id(context), of: room.id) else {
            throw ProblemError.noSuchAppointment
        }
        return appointment
    }

    private func answer(_ appointment: Appointment, status: HTTPResponse.Status = .ok) throws -> Response {
        var headers: HTTPFields = [.eTag: WantedVersion.entityTag(appointment.version)]
        if status == .created {
            headers[.location] = "/api/directory/rooms/\(appointment.room)/appointments/\(appointment.id)"
        }
        return try jsonResponse(appointment.view, status: status, headers: headers)
    }

    private static func id(_ context: ServiceRequestContext) throws(ProblemError) -> AppointmentID {
        guard let id = AppointmentID(path: try context.parameter("appointment")) else { throw .noSuchAppointment }
        return id
    }
}

extension CalendarFile {
    /// An appointment with the text about it. `nil` when the time zone is not known here: calendars want its rules in the file.
    /// - Parameter sequence: absent: that of the appointment.
    init?(
        _ appointment: Appointment, _ letter: InvitationLetter, _ method: CalendarMethod, sequence: Int? = nil,
        stamp: Date, organizer: Organizer? = nil, attendees: [String] = []
    ) {
        guard appointment.schedule.zone.isKnown else { return nil }
        self.init(
            uid: appointment.id.rawValue, sequence: sequence ?? appointment.sequence, schedule: appointment.schedule,
            title: appointment.title, description: letter.text, link: letter.link, method: method, stamp: stamp,
            organizer: organizer, attendees: attendees)
    }
}

extension AppointmentStore.Change {
    /// - Throws: 404 and 412.
    func get() throws(ProblemError) -> Appointment {
        switch self {
        case .done(let appointment): return appointment
        case .noSuchAppointment: throw .noSuchAppointment
        case .otherVersion:
            throw ProblemError(.preconditionFailed, .preconditionFailed, "The appointment was changed in the meantime.")
        }
    }
}

extension ProblemError {
    static let noSuchAppointment = ProblemError(.notFound, .notFound, "There is no such appointment.")
    static let tooManyAppointments = ProblemError(
        .conflict, .limitReached,
        "This room has \(Limits.appointmentsPerRoom) appointments that are not over; there can't be more.")
}
