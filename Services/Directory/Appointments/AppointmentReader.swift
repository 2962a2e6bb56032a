import Logging
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization

/// Appointments of rows. What can't be read is left out and hides nothing of the others: another process, of another release or with other
/// tables of time zones, may have written it.
final class AppointmentReader: Sendable {
    /// Each of so many oddities is logged once.
    private static let logLimit = 1_000

    private let logger: Logger
    private let logged = Mutex<Set<String>>([])

    init(logger: Logger) {
        self.logger = logger
    }

    func appointments(_ rows: [PostgresRow]) -> [Appointment] {
        rows.compactMap { row in
            do {
                let appointment = try Appointment(row)
                let zone = appointment.schedule.zone
                if !zone.isKnown {
                    log("A time zone of appointments is not known here", zone.name, ["time_zone": "\(zone.name)"])
                }
                return appointment
            } catch {
                let id = (try? row.decode("id", as: AppointmentID.self))?.rawValue ?? ""
                log("An appointment can't be read", id, ["appointment.id": "\(id)", "error": "\(error)"])
                return nil
            }
        }
    }

    private func log(_ message: Logger.Message, _ key: String, _ metadata: Logger.Metadata) {
        let isNew = logged.withLock { $0.count < Self.logLimit && $0.insert(key).inserted }
        if isNew { logger.warning(message, metadata: metadata) }
    }
}
