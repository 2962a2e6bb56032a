import Logging

/// Lets people sign in with the password that a directory knows.
///
/// Each sign-in has a connection of its own, which is closed at its end: a connection is bound as somebody, and nobody
/// is to inherit that.
public struct LDAPAuthenticator: Sendable {
    private let signIn: LDAPSignIn
    private let threads: LDAPThreads

    /// - Parameter threads: for all directories of the process; they must run.
    /// - Throws: what is wrong with the settings.
    public init(
        _ settings: LDAPSettings, threads: LDAPThreads, limits: LDAPLimits = LDAPLimits(),
        logger: Logger = Logger(label: "parley.ldap")
    ) throws(LDAPSettings.Problem) {
        signIn = LDAPSignIn(directory: try LDAPDirectory(settings), limits: limits, logger: logger)
        self.threads = threads
    }

    /// Asks the directory whether there is one person with this user name and password.
    ///
    /// A user name that nobody has costs what a wrong password costs, when people are searched for. An empty password
    /// is never sent, nor one with a NUL or of more than 1024 bytes.
    /// - Returns: `nil` if there is no such person, the password is wrong, or the directory lets the person not in.
    ///   Also if several entries have the user name, which is logged as a warning.
    public func authenticate(userName: String, password: String) async throws(LDAPError) -> LDAPPerson? {
        guard !userName.isEmpty, userName.utf8.count <= LDAPLimits.userNameBytes, !userName.utf8.contains(0),
            Password.canBeSent(password)
        else { return nil }
        let signIn = signIn
        return try await threads.run(for: signIn.directory.address.plainURL) { () throws(LDAPError) in
            try signIn.person(userName: userName, password: password)
        }
    }

    /// Tells an administrator whether the directory can be used: it connects, encrypts, lets the account that searches
    /// bind, and looks for the bases of the searches. Without a search by an account only whether a directory answers.
    public func check() async throws(LDAPError) {
        let signIn = signIn
        try await threads.run(for: signIn.directory.address.plainURL) { () throws(LDAPError) in try signIn.check() }
    }
}
