import Foundation
import Mail
import TestSupport
import Testing

@Suite("Sending mail to a server", .timeLimit(.minutes(2)))
struct SendingTests {
    private static func message(to address: String = "grace@example.org", text: String = "Hello") throws -> MailMessage
    {
        let from = try #require(Mailbox("parley@example.org", name: "Parley"))
        let to = try #require(Mailbox(address))
        return MailMessage(
            id: UUID(), from: from, to: to, date: Date(), subject: "Hello", text: text, html: "<p>Hello</p>",
            language: "en")
    }

    /// - Parameter trusts: whether the authority of the server's certificate is trusted.
    private static func send(
        _ message: MailMessage, to server: SMTPServerProcess, tls: SMTPSettings.TLS = .required,
        account: SMTPSettings.Account? = nil, trusts: Bool = true, limits: SMTPLimits = SMTPLimits()
    ) async throws {
        let settings = try SMTPSettings(
            url: server.url, tls: tls, account: account, caFile: trusts ? server.authorityFile : nil)
        try await MailSender(settings, limits: limits).once { try await $0.send(message) }
    }

    /// The kind of failure; `nil` when the mail was taken.
    private static func failure(_ body: () async throws -> Void) async throws -> MailError.Kind? {
        do {
            try await body()
            return nil
        } catch let error as MailError {
            return error.kind
        }
    }

    @Test(
        "a server gets the mail as it was written, encrypted one way or the other, or in clear",
        arguments: [SMTPServerProcess.Encryption.startTLS, .implicit, .none])
    func taken(_ encryption: SMTPServerProcess.Encryption) async throws {
        try await SMTPServerProcess.withServer(encryption) { server in
            // A line that begins with a dot, and one that is a dot, are not the end.
            let message = try Self.message(text: ".\n..\n.hidden\nend")
            try await Self.send(message, to: server, tls: encryption == .none ? .none : .required)
            let mails = try server.mails()
            #expect(mails.map(\.recipient) == ["grace@example.org"])
            #expect(mails.first?.bytes == MIMEWriter.bytes(of: message))
            let envelope = try server.envelope()
            #expect(envelope.sender == "parley@example.org" && envelope.greeting == "example.org")
        }
    }

    @Test(
        "what the server says tells whether trying again may help",
        arguments: [
            (SMTPServerProcess.Answer.busy, MailError.Kind.deferred(451), false), (.refused, .refused(550), true),
            (.busyAtEnd, .deferred(451), false), (.refusedAtEnd, .refused(550), true), (.drops, .unreachable, false),
        ])
    func answers(
        _ answer: SMTPServerProcess.Answer, _ expected: MailError.Kind, _ isPermanent: Bool
    ) async throws {
        try await SMTPServerProcess.withServer { server in
            try server.set(answer)
            do {
                try await Self.send(try Self.message(), to: server)
                Issue.record("The mail was taken.")
            } catch let error as MailError {
                #expect(error.kind == expected)
                #expect(error.isPermanent == isPermanent)
                #expect(!error.description.contains("@"))
            }
            #expect(try server.mails().isEmpty)
        }
    }

    @Test("nothing is sent to a server whose certificate is not trusted, is for another name, or that has none")
    func certificates() async throws {
        try await SMTPServerProcess.withServer { server in
            let failure = try await Self.failure { try await Self.send(try Self.message(), to: server, trusts: false) }
            #expect(failure == .tls)
            #expect(try server.mails().isEmpty)
        }
        try await SMTPServerProcess.withServer(name: "other.example") { server in
            let failure = try await Self.failure { try await Self.send(try Self.message(), to: server) }
            #expect(failure == .tls)
            #expect(try server.mails().isEmpty)
        }
        try await SMTPServerProcess.withServer(.none) { server in
            let failure = try await Self.failure { try await Self.send(try Self.message(), to: server) }
            #expect(failure == .tls)
            #expect(try server.mails().isEmpty)
        }
    }

    @Test("a server that wants an account gets it, and a wrong password is not the mail's fault")
    func accounts() async throws {
        try await SMTPServerProcess.withServer(account: ("parley", "open sesame")) { server in
            let right = SMTPSettings.Account(user: "parley", password: "open sesame")
            try await Self.send(try Self.message(), to: server, account: right)
            #expect(try server.mails().count == 1)
            let wrong = SMTPSettings.Account(user: "parley", password: "open barley")
            for account in [wrong, nil] {
                let failure = try await Self.failure {
                    try await Self.send(try Self.message(), to: server, account: account)
                }
                #expect(failure == .signIn)
            }
            #expect(try server.mails().count == 1)
        }
    }

    @Test("a server that keeps silent costs the time limit and no more; one that is not there is unreachable")
    func limits() async throws {
        try await SMTPServerProcess.withServer { server in
            try server.set(.silent)
            let start = ContinuousClock.now
            let failure = try await Self.failure {
                try await Self.send(try Self.message(), to: server, limits: SMTPLimits(total: .seconds(2)))
            }
            #expect(failure == .timedOut)
            // Far from the minute for which the server keeps silent, also when it is told farewell.
            #expect(ContinuousClock.now - start < .seconds(20))
        }
        let settings = try SMTPSettings(url: "smtp://127.0.0.1:\(try await freePort())")
        let failure = try await Self.failure {
            try await MailSender(settings).once { try await $0.send(try Self.message()) }
        }
        #expect(failure == .unreachable)
    }

    @Test("a cancelled task does not wait for a server that keeps silent")
    func cancelled() async throws {
        try await SMTPServerProcess.withServer { server in
            try server.set(.silent)
            let sending = Task {
                try await Self.failure { try await Self.send(try Self.message(), to: server) }
            }
            try await eventually("the server has the mail") { server.isSilent ? nil : "not yet" }
            let start = ContinuousClock.now
            sending.cancel()
            #expect(try await sending.value == .stopped)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("many mails are sent side by side, each once")
    func many() async throws {
        try await SMTPServerProcess.withServer { server in
            let settings = try SMTPSettings(url: server.url, caFile: server.authorityFile)
            try await MailSender(settings).once { sender in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...20 {
                        let message = try Self.message(to: "person\(number)@example.org")
                        group.addTask { try await sender.send(message) }
                    }
                    try await group.waitForAll()
                }
            }
            let mails = try server.mails()
            #expect(mails.count == 20 && Set(mails.map(\.recipient)).count == 20)
        }
    }

    @Test("nothing is sent before the threads run, nor after")
    func stopped() async throws {
        let sender = MailSender(try SMTPSettings(url: "smtp://127.0.0.1:1"))
        let failure = try await Self.failure { try await sender.send(try Self.message()) }
        #expect(failure == .stopped)
    }
}
