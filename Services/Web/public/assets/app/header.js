// @ts-check
import { h, icon } from "../lib/dom.js";
import { tr } from "../lib/i18n.js";
import { appearanceSwitch, languageSwitch } from "../lib/switches.js";
import { avatar } from "./avatar.js";

export function brand() {
    return h(
        "span",
        { class: "brand" },
        h("img", { src: "/assets/img/logo.svg", alt: "", width: 36, height: 36 }),
        h("span", { class: "brand-name" }, "Parley"),
    );
}

/**
 * @param {import("../lib/wire.js").SessionView} session
 * @param {() => void} signOut
 */
export function appHeader(session, signOut) {
    return h(
        "header",
        { class: "app-header picker-compact" },
        h("a", { class: "brand-link", href: "/", "aria-label": "Parley" }, brand()),
        h("div", { class: "grow" }),
        languageSwitch(),
        appearanceSwitch(),
        h(
            "div",
            { class: "person" },
            avatar(session.displayName),
            h(
                "div",
                { class: "person-text" },
                h("p", { class: "person-name" }, session.displayName),
                h("p", { class: "muted small" }, session.organization.name),
            ),
        ),
        h(
            "button",
            { class: "button button-quiet sign-out", type: "button", onclick: signOut, title: tr("common.signOut") },
            icon("sign-out"),
            h("span", { class: "sign-out-text" }, tr("common.signOut")),
        ),
    );
}

