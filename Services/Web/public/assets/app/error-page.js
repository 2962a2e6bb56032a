// @ts-check
// What the gateway shows for an address without page (404) and when the rest of Parley is away (50x).
import { h, icon, mount } from "../lib/dom.js";
import { tr } from "../lib/i18n.js";
import { setTitle, startPage } from "../lib/page.js";
import { appearanceSwitch, languageSwitch } from "../lib/switches.js";
import { brand } from "./header.js";

/** The status with which this page was sent; 404 where the browser does not tell. */
function status() {
    const entry = /** @type {{ responseStatus?: number } | undefined} */ (/** @type {unknown} */ (performance.getEntriesByType("navigation")[0]));
    return entry?.responseStatus || 404;
}

startPage("home");
const away = status() >= 500;
setTitle(tr(away ? "errorPage.unavailable" : "errorPage.title"));
mount(
    /** @type {HTMLElement} */ (document.getElementById("app")),
    h(
        "header",
        { class: "entrance-header picker-compact" },
        h("a", { class: "brand-link", href: "/", "aria-label": "Parley" }, brand()),
        h("div", { class: "grow" }),
        languageSwitch(),
        appearanceSwitch(),
    ),
    h(
        "main",
        { class: "page-message stack" },
        h("h1", null, tr(away ? "errorPage.unavailable" : "errorPage.notFound")),
        h("p", { class: "muted" }, tr(away ? "errorPage.unavailableText" : "errorPage.notFoundText")),
        h(
            "p",
            null,
            away
                ? h("button", { class: "button button-primary", type: "button", onclick: () => location.reload() }, icon("refresh"), tr("common.tryAgain"))
                : h("a", { class: "button button-primary", href: "/" }, tr("common.toStart")),
        ),
    ),
);
