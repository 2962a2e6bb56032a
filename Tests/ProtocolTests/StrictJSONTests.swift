import ParleyProtocol
import Testing

@Suite("Strict JSON")
struct StrictJSONTests {
    private func problem(_ text: String) -> StrictJSON.Problem? {
        do {
            try StrictJSON.check([UInt8](text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "takes every form of RFC 8259",
        arguments: [
            "{}", "[]", " { } ", "null", "true", "-0", "12.5e-3", "1E+9", #""""#, #"{"a":[1,{"b":null}],"c":"d"}"#,
            #""\u00e4 \ud83d\ude00 \n \" \\ \/""#, "\"ä😀\"",
        ])
    func takesJSON(text: String) {
        #expect(problem(text) == nil)
    }

    @Test(
        "refuses what is not JSON",
        arguments: [
            "", " ", "{", "}", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "01", "1.", ".5", "+1", "1e", "nul",
            "truex", "{} {}", "\"\n\"", "\"\u{1}\"", #""\x""#, #""\u12""#, #""\ud800""#, #""\udc00""#,
            #""\ud800\u0041""#,
            "{\"a\":1,}", "NaN", "[1 2]",
        ])
    func refusesOthers(text: String) {
        guard case .notJSON = problem(text) else {
            Issue.record("\(text) was taken")
            return
        }
    }

    @Test("refuses bytes that are not UTF-8 inside a string")
    func refusesBadUTF8() {
        #expect(throws: StrictJSON.Problem.self) { try StrictJSON.check([0x22, 0xFF, 0x22]) }
        #expect(throws: StrictJSON.Problem.self) { try StrictJSON.check([0x22, 0xC0, 0xAF, 0x22]) }
    }

    @Test(
        "refuses a key twice in one object, however it is written",
        arguments: [#"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"b":1,"b":1}}"#, #"[{"k":1,"z":0,"k":null}]"#])
    func refusesDuplicates(text: String) {
        guard case .duplicateKey = problem(text) else {
            Issue.record("\(text) was taken")
            return
        }
    }

    @Test("takes the same key in different objects")
    func sameKeyElsewhere() {
        #expect(problem(#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#) == nil)
    }

    @Test("refuses deep nesting without using the stack up")
    func refusesDepth() {
        let deep = String(repeating: "[", count: 200_000)
        #expect(problem(deep) == .tooDeep)
        let fits = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(problem(fits) == nil)
    }
}
