import Foundation
import ParleyProtocol

/// A list of who was there, as a table with a row of headings.
struct AttendanceTable: Sendable {
    enum Language: String, Sendable {
        case de, en

        fileprivate var headings: [String] {
            switch self {
            case .de: ["Name", "Gast", "Gekommen", "Gegangen"]
            case .en: ["Name", "Guest", "Joined", "Left"]
            }
        }

        fileprivate func answer(_ value: Bool) -> String {
            switch self {
            case .de: value ? "ja" : "nein"
            case .en: value ? "yes" : "no"
            }
        }

        fileprivate var fileName: String {
            switch self {
            case .de: "Anwesenheit"
            case .en: "Attendance"
            }
        }
    }

    let csv: String
    /// `Content-Disposition`.
    let attachment: String

    init(_ attendance: Attendance, roomName: String, language: Language) {
        var table = CSVTable(header: language.headings)
        for item in attendance.items {
            table.append([
                item.name, language.answer(item.guest), Self.time(item.joinedAt), item.leftAt.map(Self.time) ?? "",
            ])
        }
        csv = table.text
        let day = attendance.items.first.map { " " + Self.time($0.joinedAt).prefix(10) } ?? ""
        attachment = AttachmentName.header("\(language.fileName) \(roomName)\(day)", extension: "csv")
    }

    private static func time(_ date: Date) -> String {
        date.formatted(.iso8601)
    }
}
