import TestSupport
import Testing

@testable import LDAP

@Suite("Encrypted connections to a directory", .timeLimit(.minutes(2)))
struct TLSTests {
    @Test("with the right authority people sign in, over StartTLS and over ldaps")
    func trusted() async throws {
        try await Sample.withServer {
            // Whoever comes in clear is sent away.
            $0.global = "security ssf=0 simple_bind=128"
        } _: { server, threads async throws in
            for settings in encrypted(server) {
                let directory = try LDAPAuthenticator(testing: settings, threads)
                try await directory.check()
                #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada") != nil)
                #expect(try await directory.authenticate(userName: "ada", password: "wrong") == nil)
            }
            let clear = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let error = await #expect(throws: LDAPError.self) {
                try await clear.authenticate(userName: "ada", password: "engine-of-ada")
            }
            #expect(error == .protocol(code: 13, message: "confidentiality required"))
        }
    }

    @Test("an authority that did not sign the certificate is not enough, nor are the system's")
    func untrusted() async throws {
        try await Sample.withServer { server, threads async throws in
            try await SlapdProcess.withServer { other async throws in
                for authority in [other.certificates.authority, nil] {
                    for var settings in encrypted(server) {
                        settings.certificateAuthorities = authority
                        try await expectNoTLS(settings, threads)
                    }
                }
                // Of several authorities one is enough.
                for var settings in encrypted(server) {
                    settings.certificateAuthorities = other.certificates.authority + server.certificates.authority
                    try await LDAPAuthenticator(testing: settings, threads).check()
                }
            }
        }
    }

    @Test("a certificate for another host is refused, also if only its subject names this one")
    func wrongName() async throws {
        for (commonName, names) in [("127.0.0.1", "DNS:other.example"), ("other", "IP:127.0.0.2"), ("other", nil)] {
            try await Sample.withServer {
                $0.commonName = commonName
                $0.alternativeNames = names
            } _: { server, threads async throws in
                for settings in encrypted(server) { try await expectNoTLS(settings, threads) }
            }
        }
    }

    @Test("TLS 1.1 is not spoken")
    func oldVersion() async throws {
        try await Sample.withServer {
            $0.global = "TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT"
        } _: { server, threads async throws in
            for settings in encrypted(server) { try await expectNoTLS(settings, threads, message: "version") }
        }
    }

    @Test("a directory that refuses StartTLS gets no password")
    func startTLSRefused() async throws {
        let asked = Requests()
        try await FakeDirectory.withServer { request in
            asked.add(request)
            return [.reply(to: request, code: 52, message: "no TLS today")]
        } _: { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.startTLS = true
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let error = await #expect(throws: LDAPError.self) {
                try await directory.authenticate(userName: "ada", password: "engine-of-ada")
            }
            #expect(error == .tls("StartTLS is refused: no TLS today"))
            #expect(asked.all.map(\.operation) == [.extended])
        }
    }

    private func encrypted(_ server: SlapdProcess) -> [LDAPSettings] {
        var startTLS = Sample.settings(server.url)
        startTLS.startTLS = true
        return [startTLS, Sample.settings(server.tlsURL)].map { settings in
            var settings = settings
            settings.certificateAuthorities = server.certificates.authority
            return settings
        }
    }

    private func expectNoTLS(
        _ settings: LDAPSettings, _ threads: LDAPThreads, message: String = "not for 127.0.0.1"
    ) async throws {
        let directory = try LDAPAuthenticator(testing: settings, threads)
        let error = await #expect(throws: LDAPError.self) { try await directory.check() }
        guard case .tls(let text) = error else {
            Issue.record("\(String(describing: error)) of \(settings.url)")
            return
        }
        #expect(text.contains(message), "\(settings.url)")
    }
}
