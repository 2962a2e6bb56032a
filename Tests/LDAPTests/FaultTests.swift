import Foundation
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import LDAP

@Suite("Faults of a directory", .timeLimit(.minutes(2)))
struct FaultTests {
    @Test("a server that is away is unreachable, and the next sign-in finds it when it is back")
    func away() async throws {
        try await Sample.withServer { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            await server.kill()
            await expectUnreachable { _ = try await signIn(directory) }
            try await server.start()
            #expect(try await signIn(directory) != nil)
        }
    }

    @Test("a host that is silent or has no address is unreachable within the limit")
    func unreachable() async throws {
        try await LDAPThreads().once { threads async throws in
            // 192.0.2.0/24 is for documentation (RFC 5737) and nowhere.
            for host in ["192.0.2.1", "nowhere.invalid"] {
                let settings = LDAPSettings(url: "ldaps://\(host)", search: .init(base: "dc=a"))
                let directory = try LDAPAuthenticator(testing: settings, threads, limits: Sample.quick)
                let started = ContinuousClock.now
                await expectUnreachable { _ = try await signIn(directory) }
                if host == "192.0.2.1" { #expect(ContinuousClock.now - started < .seconds(4)) }
            }
        }
    }

    @Test("a server that accepts and never answers is timed out, in clear, at StartTLS and at the handshake")
    func silent() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        try await LDAPThreads().once { threads async throws in
            var startTLS = Sample.settings("ldap://127.0.0.1:\(port)")
            startTLS.startTLS = true
            let all = [
                startTLS, Sample.settings("ldap://127.0.0.1:\(port)"), Sample.settings("ldaps://127.0.0.1:\(port)"),
            ]
            for settings in all {
                let directory = try LDAPAuthenticator(testing: settings, threads, limits: Sample.quick)
                try await expectTimeout(within: .seconds(4)) { _ = try await signIn(directory) }
                try await expectTimeout(within: .seconds(4)) { try await directory.check() }
            }
        }
        try await listener.close()
    }

    @Test("a server that stops answering is timed out, and works again afterwards")
    func paused() async throws {
        try await Sample.withServer { server, threads async throws in
            var settings = Sample.settings(server.tlsURL)
            settings.certificateAuthorities = server.certificates.authority
            let directory = try LDAPAuthenticator(testing: settings, threads, limits: Sample.quick)
            #expect(try await signIn(directory) != nil)
            await server.pause()
            try await expectTimeout(within: .seconds(4)) { _ = try await signIn(directory) }
            await server.resume()
            #expect(try await signIn(directory) != nil)
        }
    }

    @Test("a server that falls silent after any number of bytes is timed out", arguments: [false, true])
    func silentWithin(isEncrypted: Bool) async throws {
        try await Sample.withServer { server, threads async throws in
            let limits = LDAPLimits(
                connect: .milliseconds(600), operation: .milliseconds(600), total: .seconds(4))
            var outcomes: [Bool] = []
            for bytes in stride(from: 0, to: isEncrypted ? 4_000 : 800, by: isEncrypted ? 331 : 61) {
                let proxy = try await FallingSilent.start(to: isEncrypted ? server.tlsPort : server.port, after: bytes)
                let scheme = isEncrypted ? "ldaps" : "ldap"
                var settings = Sample.settings("\(scheme)://127.0.0.1:\(proxy.port)")
                if isEncrypted { settings.certificateAuthorities = server.certificates.authority }
                let directory = try LDAPAuthenticator(testing: settings, threads, limits: limits)
                let started = ContinuousClock.now
                do {
                    outcomes.append(try await signIn(directory) != nil)
                } catch {
                    #expect(error as? LDAPError == .timedOut, "after \(bytes) bytes")
                    outcomes.append(false)
                }
                #expect(ContinuousClock.now - started < .seconds(4), "after \(bytes) bytes")
                await proxy.stop()
            }
            // The proxy lets enough through in the end, so that the rest were cut where it counts.
            #expect(outcomes.first == false)
            #expect(outcomes.last == true)
        }
    }

    @Test("a whole sign-in ends at its limit, though each answer comes in time")
    func total() async throws {
        try await FakeDirectory.withServer { request in
            usleep(300_000)
            guard request.operation == .search else { return [.reply(to: request, code: 0)] }
            return [.entry(to: request, dn: Sample.ada), .reply(to: request, code: 0)]
        } _: { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.groupSearch = .init(base: SlapdProcess.base)
            let limits = LDAPLimits(connect: .seconds(1), operation: .seconds(1), total: .milliseconds(700))
            let directory = try LDAPAuthenticator(testing: settings, threads, limits: limits)
            try await expectTimeout(within: .seconds(4)) { _ = try await signIn(directory) }
        }
    }

    @Test("a connection that breaks is not opened again behind the back, which would be in clear")
    func broken() async throws {
        let asked = Requests()
        try await FakeDirectory.withServer { request in
            asked.add(request)
            return asked.all.count == 1 ? [.reply(to: request, code: 0), .close] : [.reply(to: request, code: 0)]
        } _: { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let error = await #expect(throws: LDAPError.self) { try await signIn(directory) }
            #expect(error == .unreachable("The connection broke."))
            #expect(asked.all.map(\.operation) == [.bind])
        }
    }

    @Test("other servers, to which one refers, are not asked", arguments: [0x60, 0x63] as [UInt8])
    func referral(operation: UInt8) async throws {
        let elsewhere = Requests()
        try await FakeDirectory.withServer { request in
            elsewhere.add(request)
            return [.reply(to: request, code: 0)]
        } _: { other, _ async throws in
            try await FakeDirectory.withServer { request in
                let isReferred = request.operation?.rawValue == operation
                let url = "\(other.url)/\(SlapdProcess.base)"
                return [.reply(to: request, code: isReferred ? 10 : 0, referral: isReferred ? url : nil)]
            } _: { server, threads async throws in
                let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
                let error = await #expect(throws: LDAPError.self) { try await signIn(directory) }
                #expect(error == .protocol(code: 10, message: "Referral"))
            }
        }
        #expect(elsewhere.all.isEmpty)
    }

    @Test("a message that is too long is not read")
    func tooLong() async throws {
        try await FakeDirectory.withServer { _ in
            [.bytes([0x30, 0x84, 0x10, 0, 0, 0] + Array(repeating: 0, count: 100))]
        } _: { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let started = ContinuousClock.now
            await #expect(throws: LDAPError.self) { try await signIn(directory) }
            #expect(ContinuousClock.now - started < .seconds(2))
        }
    }

    @Test("what is no LDAP is an error")
    func nonsense() async throws {
        for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0", "0\u{3}\u{2}\u{1}\u{1}", "0\u{0}"] {
            try await FakeDirectory.withServer { _ in
                [.bytes(Array(text.utf8)), .close]
            } _: { server, threads in
                let settings = Sample.settings(server.url)
                let directory = try LDAPAuthenticator(testing: settings, threads, limits: Sample.quick)
                await #expect(throws: LDAPError.self) { try await signIn(directory) }
            }
        }
    }

    @Test("a server that repeats a password does not bring it into an error or a log")
    func secrecy() async throws {
        let long = String(repeating: "x", count: 900)
        let log = LogLines()
        try await FakeDirectory.withServer { request in
            switch request.operation {
            case .search: [.entry(to: request, dn: Sample.ada), .reply(to: request, code: 0)]
            case .bind where request.text.contains("engine-of-ada"):
                [.reply(to: request, code: 49, message: "engine-of-ada is wrong")]
            default: [.reply(to: request, code: 0)]
            }
        } _: { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads, log: log)
            #expect(try await signIn(directory) == nil)
            #expect(!log.all.isEmpty)
            #expect(!log.all.joined().contains("engine-of-ada"))
        }
        try await FakeDirectory.withServer { request in
            [.reply(to: request, code: 1, message: "\(SlapdProcess.readerPassword) fails, " + long)]
        } _: { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let error = await #expect(throws: LDAPError.self) { try await signIn(directory) }
            #expect(error == .protocol(code: 1, message: "Operations error"))
        }
    }

    private func signIn(_ directory: LDAPAuthenticator) async throws -> LDAPPerson? {
        try await directory.authenticate(userName: "ada", password: "engine-of-ada")
    }

    private func expectUnreachable(_ body: () async throws -> Void) async {
        let error = await #expect(throws: LDAPError.self) { try await body() }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func expectTimeout(within limit: Duration, _ body: () async throws -> Void) async throws {
        let started = ContinuousClock.now
        let error = await #expect(throws: LDAPError.self) { try await body() }
        #expect(error == .timedOut)
        #expect(ContinuousClock.now - started < limit)
    }
}
