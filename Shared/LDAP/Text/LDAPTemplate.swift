/// Text of an administrator with places for `%s`, the user name, and `%d`, the distinguished name of the person.
struct LDAPTemplate: Hashable, Sendable {
    enum Place: Character, Hashable, Sendable {
        case userName = "s"
        case personDN = "d"
    }

    private enum Part: Hashable, Sendable {
        case text(String)
        case place(Place)
    }

    private let parts: [Part]

    /// A `%` before any other character is an ordinary one.
    init(_ text: String) {
        var parts: [Part] = []
        var plain = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "%", let place = rest.first.flatMap(Place.init(rawValue:)) else {
                plain.append(character)
                continue
            }
            rest.removeFirst()
            parts += [.text(plain), .place(place)]
            plain = ""
        }
        self.parts = parts + [.text(plain)]
    }

    func count(_ place: Place) -> Int {
        parts.count { $0 == .place(place) }
    }

    /// Fills the places, all of them in one pass: a `%d` in a user name stays what it is.
    /// - Parameter value: already escaped for where the template stands.
    func filled(_ value: (Place) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .place(let place): value(place)
            }
        }.joined()
    }
}
