import Foundation
import NIOPosix
import ParleyProtocol
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

/// Talks to Janus itself, past the product: what is there, and a sender that needs no browser.
struct JanusProbe: Sendable {
    let janus: JanusServerProcess

    /// Sessions and how many handles each has, from the admin API.
    func sessions() async throws -> [UInt64: Int] {
        try await handles().mapValues(\.count)
    }

    /// How long ago the last request of each session was.
    func idleTimes() async throws -> [UInt64: Duration] {
        let handles = try await handles()
        return try await talk(janus.adminURL, "janus-admin-protocol") { ask in
            var times: [UInt64: Duration] = [:]
            for (session, handles) in handles {
                let answer = try await ask([
                    "janus": "handle_info", "session_id": session, "handle_id": handles.first ?? 0,
                ])
                let info = answer["info"] as? [String: Any]
                guard let now = info?["current_time"] as? Int64, let last = info?["session_last_activity"] as? Int64
                else { continue }
                times[session] = .microseconds(now - last)
            }
            return times
        }
    }

    private func handles() async throws -> [UInt64: [UInt64]] {
        try await talk(janus.adminURL, "janus-admin-protocol") { ask in
            var handles: [UInt64: [UInt64]] = [:]
            for session in (try await ask(["janus": "list_sessions"]))["sessions"] as? [UInt64] ?? [] {
                let answer = try await ask(["janus": "list_handles", "session_id": session])
                handles[session] = answer["handles"] as? [UInt64]
            }
            return handles
        }
    }

    func rooms() async throws -> [String] {
        let data = try await videoroom(["request": "list", "admin_key": JanusServerProcess.adminKey])
        return (data["list"] as? [[String: Any]] ?? []).compactMap { $0["room"] as? String }
    }

    /// Ids of those who have joined to send, with the placeholder as `dummy`.
    func inside(_ room: MediaRoomName) async throws -> Set<String> {
        let data = try await videoroom(["request": "listparticipants", "room": room.rawValue])
        let participants = data["participants"] as? [[String: Any]] ?? []
        return Set(participants.compactMap { $0["dummy"] == nil ? $0["id"] as? String : "dummy" })
    }

    /// The slots of a receiving connection without an owner that carry nothing any more.
    func deadSlots(_ left: MediaHandles) async throws -> [String] {
        try await talk(janus.url, "janus-protocol") { ask in
            _ = try await ask(["janus": "claim", "session_id": left.session])
            let nothing = ["feed": left.placeholder, "mid": "1", "sub_mid": "none"]
            let body: [String: any Sendable] = ["request": "switch", "streams": [nothing]]
            let answer = try await ask([
                "janus": "message", "session_id": left.session, "handle_id": left.subscriber ?? 0, "body": body,
            ])
            let data = (answer["plugindata"] as? [String: Any])?["data"] as? [String: Any]
            let streams = data?["streams"] as? [[String: Any]] ?? []
            return streams.filter { $0["active"] as? Bool == false }.compactMap { $0["mid"] as? String }
        }
    }

    /// A sender whose media would come from another Janus: others can be switched to it, though none come.
    func addPublisher(_ id: String, to room: MediaRoomName) async throws {
        let kinds = [("audio", "opus"), ("video", "vp8"), ("video", "vp8")]
        let streams = kinds.enumerated().map { index, kind -> [String: any Sendable] in
            ["type": kind.0, "mindex": index, "mid": String(index), "codec": kind.1]
        }
        let data = try await videoroom([
            "request": "add_remote_publisher", "room": room.rawValue,
            "secret": room.secret(key: MediaFixture.secretKey), "admin_key": JanusServerProcess.adminKey, "id": id,
            "iface": "127.0.0.1", "streams": streams,
        ])
        #expect(data["videoroom"] as? String == "success")
    }

    func removePublisher(_ id: String, from room: MediaRoomName) async throws {
        let data = try await videoroom([
            "request": "remove_remote_publisher", "room": room.rawValue,
            "secret": room.secret(key: MediaFixture.secretKey), "id": id,
        ])
        #expect(data["videoroom"] as? String == "success")
    }

    private func videoroom(_ body: [String: any Sendable]) async throws -> [String: Any] {
        try await talk(janus.url, "janus-protocol") { ask in
            let session = (try await ask(["janus": "create"]))["data"] as? [String: Any]
            let id = session?["id"] as? UInt64 ?? 0
            let attached = try await ask(["janus": "attach", "session_id": id, "plugin": "janus.plugin.videoroom"])
            let handle = (attached["data"] as? [String: Any])?["id"] as? UInt64 ?? 0
            let answer = try await ask(["janus": "message", "session_id": id, "handle_id": handle, "body": body])
            _ = try await ask(["janus": "destroy", "session_id": id])
            return (answer["plugindata"] as? [String: Any])?["data"] as? [String: Any] ?? [:]
        }
    }

    private typealias Ask = ([String: any Sendable]) async throws -> [String: Any]

    private func talk<Result>(
        _ url: String, _ subprotocol: String, _ body: (Ask) async throws -> Result
    ) async throws -> Result {
        let socket = try await WebSocketClient.connect(
            url: url, subprotocol: subprotocol,
            limits: WebSocketLimits(maximumFrame: 4 << 20, maximumMessage: 4 << 20, outgoingBudget: 4 << 20),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, timeout: .seconds(3))
        defer { socket.close() }
        var inbound = socket.inbound.makeAsyncIterator()
        return try await body { request in
            var request = request
            request["transaction"] = "1"
            request["apisecret"] = JanusServerProcess.apiSecret
            request["admin_secret"] = JanusServerProcess.adminSecret
            socket.send(text: [UInt8](try JSONSerialization.data(withJSONObject: request)))
            while case .text(let bytes) = await inbound.next() {
                let answer = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
                if answer["janus"] as? String != "ack" { return answer }
            }
            throw NotYet(description: "Janus is away")
        }
    }
}
