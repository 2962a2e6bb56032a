import assert from "node:assert/strict";
import { test } from "node:test";
import { aliasFromInvitation, isAlias, safeNext, suggestAlias } from "../public/assets/lib/links.js";

test("after sign-in only paths of this origin are followed", () => {
    for (const path of ["/r/team", "/", "/r/team?a=b#c", "/%2F%2Fevil.example"]) assert.equal(safeNext(path), path);
    const refused = [
        null, "", "r/team", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example/", "javascript:alert(1)",
        "/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/r/../\\evil.example", " /r/team", "///evil.example",
    ];
    for (const path of refused) assert.equal(safeNext(path), "/", JSON.stringify(path));
});

test("a path can't climb out to another host", () => {
    assert.equal(safeNext("/a/..//evil.example"), "/");
    assert.equal(safeNext("/./r/team"), "/r/team");
});

test("an alias has 3 to 64 small letters, digits and inner hyphens, and is no UUID", () => {
    for (const alias of ["abc", "a-1", "a".repeat(64), "team-weekly"]) assert.ok(isAlias(alias), alias);
    for (const alias of ["ab", "a".repeat(65), "-abc", "abc-", "Abc", "a_c", "äbc", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"]) {
        assert.ok(!isAlias(alias), alias);
    }
});

test("an alias is suggested from the name", () => {
    assert.equal(suggestAlias("Büro-Runde Süd"), "buero-runde-sued");
    assert.equal(suggestAlias("  Straße & Größe!  "), "strasse-groesse");
    assert.equal(suggestAlias("Café Résumé n°3"), "cafe-resume-n-3");
    assert.equal(suggestAlias("U\u0308ber"), "ueber");
    assert.equal(suggestAlias("会議"), "");
    assert.equal(suggestAlias("A"), "");
    assert.ok(isAlias(suggestAlias(`${"word ".repeat(30)}`)));
});

test("an invitation is a link of this server, a path or an alias", () => {
    const origin = "https://meet.example";
    for (const text of ["team-weekly", " Team-Weekly ", "/r/team-weekly", "https://meet.example/r/team-weekly", "meet.example/r/team-weekly/", "https://meet.example/r/team-weekly?x=1"]) {
        assert.equal(aliasFromInvitation(text, origin), "team-weekly", text);
    }
    for (const text of ["", "x", "https://evil.example/r/team-weekly", "https://meet.example/", "https://meet.example/r/a/b", "javascript:alert(1)", "https://["]) {
        assert.equal(aliasFromInvitation(text, origin), null, text);
    }
});
