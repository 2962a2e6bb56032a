import Foundation
import Logging
import NIOPosix
import ParleyProtocol
import Synchronization
import TestSupport
import Testing

@testable import SignalingService

/// What a participant's media told.
final class MediaEar: Sendable {
    private let heard = Mutex<[MediaEvent]>([])

    var events: [MediaEvent] { heard.withLock { $0 } }

    func hear(_ event: MediaEvent) { heard.withLock { $0.append(event) } }

    var offers: [ServerMessage.MediaOffer] {
        events.compactMap { if case .offer(let offer) = $0 { offer } else { nil } }
    }

    var wasLost: Bool {
        events.contains { if case .lost = $0 { true } else { false } }
    }

    var publishing: [Bool] {
        events.compactMap { if case .publishing(let isRunning) = $0 { isRunning } else { nil } }
    }

    /// The latest.
    var handles: MediaHandles? {
        for case .handles(let handles) in events.reversed() { return handles }
        return nil
    }

    /// The latest of each slot that somebody is in.
    var slots: [String: SlotContent] {
        var slots: [String: SlotContent] = [:]
        for case .slots(let contents) in events {
            for content in contents { slots[content.mid] = content.participant == nil ? nil : content }
        }
        return slots
    }
}

/// One meeting, as several signaling processes see it.
struct MediaFixture: Sendable {
    let room = RoomID(UUID().uuidString.lowercased())
    let meeting = MeetingID(String(UUID().uuidString.prefix(8)))

    var name: MediaRoomName { MediaRoomName(room: room, meeting: meeting) }

    static let secretKey = [UInt8](repeating: 7, count: 32)

    static func offer() throws -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: tests.appending(path: "Fixtures/chromium-offer.sdp"), encoding: .utf8)
    }

    /// What a browser might answer. No connection comes of it.
    static func answer(to offer: String) -> String {
        let dropped = ["a=candidate", "a=end-of-candidates", "a=ssrc", "a=msid", "a=ice-lite"]
        return offer.components(separatedBy: "\r\n").filter { line in !dropped.contains { line.hasPrefix($0) } }
            .map { $0 == "a=sendonly" ? "a=recvonly" : $0 == "a=setup:actpass" ? "a=setup:active" : $0 }
            .joined(separator: "\r\n")
    }

    func seat(_ participant: String, _ janus: JanusServerProcess) -> MediaSeat {
        MediaSeat(participant: ParticipantID(participant), room: room, meeting: meeting, node: janus.url)
    }

    func person(_ id: String, camera: Bool = true) -> Participant {
        Participant(
            id: ParticipantID(id), name: id, role: .participant, guest: true,
            state: .init(microphone: true, camera: camera, screen: false), publishing: true, publication: 1)
    }

    private func configuration(_ janus: [JanusServerProcess], _ times: MediaTimes) -> MediaConfiguration {
        var configuration = MediaConfiguration(
            nodes: janus.map { MediaNodeAddress(name: $0.url, url: $0.url) },
            apiSecret: JanusServerProcess.apiSecret, adminKey: JanusServerProcess.adminKey,
            roomSecretKey: Self.secretKey)
        configuration.times = times
        return configuration
    }

    private static let logger = Logger(label: "media", factory: { _ in SwiftLogNoOpLogHandler() })

    func plane(_ janus: [JanusServerProcess], times: MediaTimes = MediaTimes()) -> MediaPlane {
        MediaPlane(
            configuration(janus, times), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Self.logger)
    }

    /// One process' view of one Janus, without the plane around it.
    func node(_ janus: JanusServerProcess, times: MediaTimes) -> MediaNode {
        MediaNode(
            MediaNodeAddress(name: janus.url, url: janus.url), configuration: configuration([janus], times),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Self.logger)
    }

    /// Runs `body` with `count` signaling processes' view of one Janus.
    func withPlanes(
        _ count: Int, _ janus: JanusServerProcess, _ body: @Sendable ([MediaPlane]) async throws -> Void
    ) async throws {
        try await Self.running((0..<count).map { _ in plane([janus]) }) { planes, _ in try await body(planes) }
    }

    /// Runs `body` while the processes run; the closure it is given ends one as `kill -9` would: its connections break.
    static func running(
        _ planes: [MediaPlane], _ body: @Sendable ([MediaPlane], _ kill: (Int) async -> Void) async throws -> Void
    ) async throws {
        let tasks = planes.map { plane in Task { try await plane.run() } }
        do {
            for plane in planes {
                try await eventually("a working media node") { await plane.isReady() ? nil : "not yet" }
            }
            try await body(planes) { index in
                tasks[index].cancel()
                _ = await tasks[index].result
            }
        } catch {
            for task in tasks { task.cancel() }
            throw error
        }
        for task in tasks {
            task.cancel()
            _ = await task.result
        }
    }
}

extension ParticipantMedia {
    /// Makes a receiving connection as far as it goes without a browser.
    func receive(_ ear: MediaEar) async throws {
        try await subscribe()
        try await answer(sdp: MediaFixture.answer(to: try #require(ear.offers.last).sdp))
    }
}
