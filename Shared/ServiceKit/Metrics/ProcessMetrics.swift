import Foundation

/// The usual figures about the process itself, read when they are asked for. `/proc` answers from memory.
enum ProcessMetrics {
    private static let start = Date.now.timeIntervalSince1970

    /// To be called at start, so that the start is what is meant.
    static func noteStart() {
        _ = start
    }

    static func text() -> String {
        var text = ""
        gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", start, to: &text)
        if let pages = residentPages {
            let bytes = Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE)))
            gauge("process_resident_memory_bytes", "Memory that the process holds.", bytes, to: &text)
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            gauge("process_open_fds", "Open file descriptors.", Double(files.count), to: &text)
        }
        // POSIX fixes the unit of `clock` at a millionth of a second.
        let name = "process_cpu_seconds_total"
        text += "# HELP \(name) Processor time used.\n# TYPE \(name) counter\n"
        text += MetricText.sample(name, "", Double(clock()) / 1_000_000)
        return text
    }

    private static var residentPages: Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) : nil
    }

    private static func gauge(_ name: String, _ help: String, _ value: Double, to text: inout String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n" + MetricText.sample(name, "", value)
    }
}
