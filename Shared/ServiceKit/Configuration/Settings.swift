import Configuration
import Foundation
import Synchronization

/// What the operator has set. Each value is looked up in the environment (`PARLEY_DATABASE_URL`), then in a file that
/// such a variable names (`PARLEY_DATABASE_URL_FILE`), then in the flat JSON object in the file named by `PARLEY_CONFIG`
/// (`"database_url"`, `"database_url_file"`).
///
/// Reading never fails at once: a value that is missing or wrong is noted and a harmless one returned, so that `finish`
/// can tell the operator everything that must be changed. Files are read while the process starts, before anything runs.
public final class Settings: Sendable {
    /// A secret or a setting in a file may not be larger than this, in bytes.
    static let maximumFile = 64 * 1_024

    private let environment: EnvironmentVariablesProvider
    private let document: JSONSnapshot?
    private let problems = Mutex<[String]>([])

    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let provider = EnvironmentVariablesProvider(environmentVariables: environment)
        self.environment = provider
        guard let path = Self.value("PARLEY_CONFIG", in: provider) else {
            document = nil
            return
        }
        do {
            document = try Self.readDocument(path)
        } catch {
            document = nil
            problems.withLock { $0.append("PARLEY_CONFIG is wrong: \(path) is not a readable file with a JSON object") }
        }
    }

    /// Throws everything that was missing or wrong so far.
    public func finish() throws(SettingsError) {
        let found = problems.withLock { $0 }
        guard found.isEmpty else { throw SettingsError(problems: found) }
    }

    /// Notes a problem that the owner of a value has found in it; `problem` reads on after "PARLEY_X is wrong: ".
    public func report(_ key: String, _ problem: String) {
        note("\(Self.name(key)) is wrong: \(problem)")
    }

    /// The value as it was set, or nothing when it is not set or empty.
    public func raw(_ key: String) -> String? {
        let direct = stored(key)
        guard let path = stored("\(key)_FILE") else { return direct }
        guard direct == nil else {
            note("\(Self.name(key)) is set twice: by itself and by \(Self.name(key))_FILE")
            return direct
        }
        guard let text = Self.readFile(path) else {
            note("\(Self.name(key))_FILE is wrong: \(path) is not a readable text file of at most 64 KiB")
            return ""
        }
        return text.isEmpty ? nil : text
    }

    /// Notes that a value without default is missing.
    func missing(_ key: String, _ purpose: String) {
        note("\(Self.name(key)) is missing: \(purpose)")
    }

    private func note(_ problem: String) {
        problems.withLock { known in
            if !known.contains(problem) { known.append(problem) }
        }
    }

    private func stored(_ key: String) -> String? {
        Self.value(Self.name(key), in: environment) ?? documentValue(key.lowercased())
    }

    private func documentValue(_ key: String) -> String? {
        guard let document else { return nil }
        let path = AbsoluteConfigKey([key])
        for type in [ConfigType.string, .int, .double, .stringArray] {
            switch (try? document.value(forKey: path, type: type))?.value?.content {
            case .string(let text): return text.isEmpty ? nil : text
            case .int(let number): return String(number)
            case .double(let number): return String(number)
            case .stringArray(let texts): return texts.joined(separator: ",")
            default: continue
            }
        }
        return nil
    }

    private static func name(_ key: String) -> String { "PARLEY_\(key)" }

    private static func value(_ name: String, in environment: EnvironmentVariablesProvider) -> String? {
        guard let text = try? environment.environmentValue(forName: name), !text.isEmpty else { return nil }
        return text
    }

    private static func readDocument(_ path: String) throws -> JSONSnapshot {
        let data = try Data(contentsOf: URL(filePath: path))
        return try JSONSnapshot(data: data.bytes, providerName: "PARLEY_CONFIG", parsingOptions: .default)
    }

    private static func readFile(_ path: String) -> String? {
        guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= maximumFile,
            let text = String(validating: data, as: UTF8.self)
        else { return nil }
        return String(text.trimmingSuffix { $0.isNewline })
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[startIndex..<end]
    }
}

/// Everything that keeps a service from starting as it is set up, one line each. The process ends with `exitCode`.
public struct SettingsError: Error, CustomStringConvertible {
    /// `EX_CONFIG` of sysexits.h.
    public static let exitCode: Int32 = 78

    public let problems: [String]

    public init(problems: [String]) {
        self.problems = problems
    }

    public var description: String { problems.joined(separator: "\n") }
}
