/// Parley's socket protocol, at a signaling process without the gateway.
struct ParleyDialect: Dialect {
    let echoes = true
    let hasRoster = true
    let origin: String
    /// One for each person, by its number among all.
    let tickets: [String]

    func request(_ person: Person) -> UpgradeRequest {
        // As a gateway would: everybody has an address of their own, which is what limits by address go by.
        let address = "10.\(person.room / 250).\(person.room % 250).\(person.seat + 1)"
        return UpgradeRequest(
            path: "/api/signaling/rooms/\(person.roomName)/socket",
            fields: ["Origin: \(origin)", "X-Forwarded-For: \(address)"])
    }

    func greet(_ person: Person, _ frame: UnsafeRawBufferPointer?) -> Greeting { .ready }

    func enter(_ person: Person) -> [UInt8] {
        let ticket = tickets[person.number]
        return ClientFrame.text(#"{"type":"hello","ticket":"\#(ticket)","key":"entering-\#(person.number)"}"#)
    }

    func refuses(_ frame: UnsafeRawBufferPointer) -> Bool { Marks.contains(#""refused""#, frame) }

    func chat(_ person: Person, _ text: String) -> [UInt8] {
        let number = person.sent
        return ClientFrame.text(
            #"{"type":"chat.send","id":\#(number),"text":"\#(text)","key":"\#(person.number)-\#(number)"}"#)
    }
}
