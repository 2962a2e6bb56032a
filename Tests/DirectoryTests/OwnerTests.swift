import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import DirectoryService

@Suite("What is kept of owners", .timeLimit(.minutes(1)))
struct OwnerTests {
    private static func draft(_ name: String, pin: String? = nil) -> RoomDraft {
        var draft = RoomDraft(name: name)
        draft.pin = pin
        return draft
    }

    @Test("identity gets the records of an account's rooms, page by page, without PINs; nobody else does")
    func records() async throws {
        try await Harness.run { harness in
            let (ada, other) = (someone(), someone())
            let own = try await harness.create(Self.draft("Own", pin: "123456"), as: ada)
            _ = try await harness.create(Self.draft("Other"), as: other)
            for number in 0..<OwnerStore.page { _ = try await harness.create(Self.draft("Room \(number)"), as: ada) }
            func ask(_ caller: ServiceName, after: RoomID? = nil) async throws -> TestResponse {
                let tokens = ServiceTokens(clusterSecret: Harness.secret)
                let token = try await tokens.issue(from: caller, to: .directory)
                let more = after.map { "&after=\($0)" } ?? ""
                return try await harness.inner.executeRequest(
                    uri: "/internal/accounts/\(ada.account)/rooms?organization=\(ada.organization)\(more)",
                    method: .get, headers: [.authorization: "Bearer \(token)"], body: nil)
            }
            #expect(try await ask(.signaling).status == .forbidden)
            let answer = try await ask(.identity)
            #expect(!String(buffer: answer.body).contains("123456"))
            let first: RoomRecords = try answer.decode()
            let second: RoomRecords = try await ask(.identity, after: first.next).decode()
            #expect(first.rooms.count == OwnerStore.page && second.rooms.count == 1 && second.next == nil)
            let record = try #require((first.rooms + second.rooms).first { $0.id == own.id })
            #expect(record.name == "Own" && record.hasPIN)
            #expect(Set((first.rooms + second.rooms).map(\.id)).count == OwnerStore.page + 1)
        }
    }

    @Test("the rooms of a deleted account are deleted, their meetings end, and nothing is asked for twice")
    func former() async throws {
        try await Harness.run { harness in
            let (ada, other) = (someone(), someone())
            let room = try await harness.create(Self.draft("Ada's"), as: ada)
            let kept = try await harness.create(Self.draft("Other's"), as: other)
            let asked = Mutex<[String]>([])
            let identity = Router(context: ServiceRequestContext.self)
            identity.group("internal")
                .add(
                    middleware: ServiceAuthMiddleware(
                        audience: .identity, tokens: ServiceTokens(clusterSecret: Harness.secret))
                )
                .get("removed-accounts") { request, context in
                    try context.requireCaller(.directory)
                    let after = request.uri.queryParameters.get("after").map { String($0) } ?? ""
                    asked.withLock { $0.append(after) }
                    let item = RemovedAccounts.Item(account: ada.account, organization: ada.organization)
                    // The account of another organization with the same id is another account.
                    let foreign = RemovedAccounts.Item(account: other.account, organization: ada.organization)
                    let pages = [
                        "0": RemovedAccounts(items: [item], position: 7, hasMore: true),
                        "7": RemovedAccounts(items: [foreign], position: 8, hasMore: false),
                    ]
                    return try jsonResponse(pages[after] ?? RemovedAccounts(items: [], position: 8, hasMore: false))
                }
            let application = Application(
                router: identity, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                logger: Harness.quiet)
            try await application.test(.live) { client in
                let owners = FormerOwners(
                    store: OwnerStore(pool: harness.pool),
                    identity: ServiceClient(
                        from: .directory, to: .identity, baseURL: "http://127.0.0.1:\(client.port ?? 1)",
                        tokens: ServiceTokens(clusterSecret: Harness.secret)),
                    logger: Harness.quiet)
                try await owners.follow()
                try await owners.follow()
            }
            #expect(asked.withLock { $0 } == ["0", "7", "8"])
            #expect(try await harness.enter(room.alias, as: other).problem == "404 room_not_found")
            #expect(try await harness.enter(kept.alias).status == .ok)
            let entry = try await AuditStore(pool: harness.pool).page(of: ada.organization, before: nil, limit: 1)
            #expect(entry.items.first?.action == "room.removed" && entry.items.first?.subject == "Ada's")
            let endings = MeetingOrders(
                store: RoomStore(pool: harness.pool),
                signaling: SignalingCalls(
                    baseURL: harness.settings.signalingURL, tokens: ServiceTokens(clusterSecret: Harness.secret),
                    logger: Harness.quiet), logger: Harness.quiet)
            try await harness.pool.execute("update room_ending set deleted_at = deleted_at - interval '1 minute'")
            await endings.catchUp()
            #expect(harness.signaling.ended == ["\(room.id) room_deleted"])
        }
    }

    @Test("nothing is made for a deleted account while its token lives, also not at the same moment")
    func tokenOutlivesAccount() async throws {
        try await Harness.run { harness in
            let (ada, double) = (someone(), someone())
            _ = try await harness.create(Self.draft("Ada's"), as: ada)
            let owners = OwnerStore(pool: harness.pool)
            let removed = RemovedAccounts(
                items: [.init(account: ada.account, organization: ada.organization)], position: 1, hasMore: false)
            let (late, rooms) = try await harness.atOnce {
                try await harness.send(.post, "/api/directory/rooms", Self.draft("Late"), as: ada)
            } _: {
                try await owners.remove(removed)
            }
            #expect(late.status == .created && rooms == 2)
            let list: RoomList = try await harness.send(.get, "/api/directory/rooms", as: ada).decode()
            #expect(list.items.isEmpty)
            let made = try await harness.send(.post, "/api/directory/rooms", Self.draft("Another"), as: ada)
            #expect(made.problem == "401 unauthenticated")
            #expect(try await harness.pool.query("select 1 from room").isEmpty)
            // The account of another organization with the same id is another account.
            let other = someone(account: ada.account.rawValue)
            #expect(
                try await harness.send(.post, "/api/directory/rooms", Self.draft("x"), as: other).status == .created)
            // No token and no report is so old: that the account was is forgotten.
            try await harness.pool.execute("update removed_account set removed_at = now() - interval '31 days'")
            let next = RemovedAccounts.Item(account: double.account, organization: double.organization)
            _ = try await owners.remove(RemovedAccounts(items: [next], position: 2, hasMore: false))
            #expect(try await harness.pool.query("select 1 from removed_account").count == 1)
        }
    }
}
