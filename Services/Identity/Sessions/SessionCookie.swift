import Hummingbird
import ParleyProtocol

/// The cookie that holds a session's token. `__Host-` binds it to this host and to HTTPS; scripts can't read it.
enum SessionCookie {
    static let name = "__Host-parley-session"

    static func token(of request: Request) -> SessionToken? {
        request.cookies[name].flatMap { SessionToken(text: $0.value) }
    }

    /// Whether the browser sent one, valid or not.
    static func isPresent(in request: Request) -> Bool {
        request.cookies[name] != nil
    }

    /// Without `Max-Age` it ends with the browser.
    static func cookie(_ token: SessionToken, stayLoggedIn: Bool) -> Cookie {
        make(token.text, maxAge: stayLoggedIn ? Session.lifetime(stayLoggedIn: true) : nil)
    }

    /// Takes the cookie away from the browser.
    static var removed: Cookie { make("", maxAge: 0) }

    private static func make(_ value: String, maxAge: Int?) -> Cookie {
        guard let maxAge else {
            return Cookie(name: name, value: value, path: "/", secure: true, httpOnly: true, sameSite: .lax)
        }
        return Cookie(
            name: name, value: value, maxAge: maxAge, path: "/", secure: true, httpOnly: true, sameSite: .lax)
    }
}
