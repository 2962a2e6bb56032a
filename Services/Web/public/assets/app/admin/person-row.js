// @ts-check
import { h, hidden, icon } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { relativeText } from "../../lib/time.js";
import { avatar } from "../avatar.js";

/** @typedef {import("../../lib/wire.js").AccountView} AccountView */
/** @typedef {import("../../lib/dom.js").IconName} IconName */

/**
 * One account in the list; all of it opens it.
 * @param {AccountView} person
 * @param {boolean} isOwn
 * @param {() => void} open
 */
export function personRow(person, isOwn, open) {
    const lastSignIn = () => (person.lastSignInAt ? t("people.signedIn", { when: relativeText(person.lastSignInAt) }) : t("people.neverSignedIn"));
    return h(
        "li",
        { class: ["person-row", !person.isEnabled && "person-row-disabled"], dataset: { account: person.account } },
        avatar(person.displayName),
        h(
            "div",
            { class: "person-row-text" },
            h(
                "p",
                { class: "person-row-name" },
                h("button", { class: "row-button", type: "button", onclick: open }, person.displayName),
                isOwn && h("span", { class: "muted small" }, tr("people.own")),
            ),
            h("p", { class: "muted small person-row-more" }, h("span", null, person.userName), person.email ? h("span", null, person.email) : null),
        ),
        h("ul", { class: "badges", "aria-label": tr("people.state") }, ...badges(person)),
        h("p", { class: "muted small person-row-time" }, hidden(tr("people.lastSignIn"), ": "), lastSignIn),
        h("span", { class: "person-row-open", "aria-hidden": true }, icon("chevron")),
    );
}

/** @param {AccountView} person */
function badges(person) {
    /** @type {[boolean, string, string, IconName | null][]} */
    const all = [
        [!person.isEnabled, "badge-danger", "people.disabled", "lock"],
        [person.permissions.includes("system.admin"), "badge-accent", "people.isSystemAdministrator", "crown"],
        [person.permissions.includes("organization.admin"), "badge-accent", "people.isAdministrator", "crown"],
        [person.permissions.includes("rooms.create"), "", "people.isOrganizer", "camera"],
        [person.hasSecondFactor, "badge-success", "people.hasSecondFactor", "shield"],
        [person.mustChangePassword, "badge-warning", "people.oneTimePassword", "key"],
        [person.origin !== "local", "", `people.origin.${person.origin}`, "globe"],
    ];
    return all
        .filter(([holds]) => holds)
        .map(([, className, key, mark]) => h("li", { class: ["badge", className] }, mark && icon(mark), tr(key)));
}
