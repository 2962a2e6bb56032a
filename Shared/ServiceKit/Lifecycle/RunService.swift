import ArgumentParser
import Foundation
import Logging
import ParleyProtocol
import ServiceLifecycle

/// The whole life of a service process: logs, metrics, settings, then the group that `build` makes until it ends.
///
/// Settings that are missing or wrong are printed, one line each, and the process ends with 78; with 1 when the service could
/// not start or broke.
public func runService(
    _ name: ServiceName, build: @Sendable (Settings, Logger) async throws -> ServiceGroup
) async throws {
    try await runProcess(name) { settings, logger in
        let group = try await build(settings, logger)
        logger.info("Starting")
        try await group.run()
        logger.info("Stopped")
    }
}

/// Like `runService`, for subcommands that do one thing, such as `migrate`.
public func runProcess(
    _ name: ServiceName, body: @Sendable (Settings, Logger) async throws -> Void
) async throws {
    Logs.bootstrap(service: name)
    PrometheusRegistry.bootstrap()
    ProcessMetrics.noteStart()
    let logger = Logger(label: "parley.\(name.rawValue)")
    let code: ExitCode
    do {
        try await body(Settings(), logger)
        code = .success
    } catch let error as SettingsError {
        try? FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
        code = ExitCode(SettingsError.exitCode)
    } catch let error as ExitCode {
        code = error
    } catch {
        logger.critical(
            "The process ended with an error",
            metadata: ["error": "\(String(describing: error))", "error.type": "\(type(of: error))"])
        code = .failure
    }
    await Logs.flush()
    if code != .success { throw code }
}
