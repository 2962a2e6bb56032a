// @ts-check
// The pages `/` and `/sign-in`: who is not signed in sees the one, who is, the other.
import { api } from "../lib/api.js";
import { append, h, icon, mount } from "../lib/dom.js";
import { errorText } from "../lib/errors.js";
import { notice } from "../lib/fields.js";
import { t, tr } from "../lib/i18n.js";
import { safeNext } from "../lib/links.js";
import { setTitle, startPage } from "../lib/page.js";
import { toast } from "../lib/toast.js";
import { Dashboard } from "./dashboard.js";
import { appHeader } from "./header.js";
import { SignIn, SignedInEvent } from "./sign-in.js";

/** @typedef {import("../lib/wire.js").SessionView} SessionView */

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
/** Tells the other tabs of this browser that the session is over or new. */
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("parley-session");

function next() {
    return safeNext(new URLSearchParams(location.search).get("next"));
}

/** Asks who is signed in and shows the page for that. */
async function route() {
    showLoading();
    try {
        const session = await api.session();
        if (!session) showSignIn(null);
        else if (location.pathname === "/sign-in" && next() !== "/") location.replace(next());
        else showDashboard(session, false);
    } catch (error) {
        showUnreachable(error);
    }
}

function showLoading() {
    setTitle(() => "");
    mount(root, h("p", { class: "page-message muted", role: "status" }, tr("common.loading")));
}

/** @param {unknown} error */
function showUnreachable(error) {
    setTitle(tr("start.unreachable"));
    mount(
        root,
        h(
            "main",
            { class: "page-message stack" },
            h("h1", null, tr("start.unreachable")),
            h("p", { class: "muted" }, () => errorText(error)),
            h("p", null, h("button", { class: "button button-primary", type: "button", onclick: route }, icon("refresh"), tr("common.tryAgain"))),
        ),
    );
}

/** @param {(() => string) | null} message why this page is shown */
function showSignIn(message) {
    setTitle(tr("start.title"));
    if (location.pathname !== "/sign-in") history.replaceState(null, "", "/sign-in");
    const page = new SignIn(message ? notice("info", message) : null);
    page.addEventListener("signedin", (event) => {
        tabs?.postMessage("changed");
        if (next() === "/") showDashboard(/** @type {SignedInEvent} */ (event).session, true);
        else location.assign(next());
    });
    mount(root, page);
    page.focusFirst();
}

/**
 * @param {SessionView} session
 * @param {boolean} focus whether a person has just come from another view
 */
function showDashboard(session, focus) {
    setTitle(tr("rooms.title"));
    if (location.pathname !== "/" || location.search) history.replaceState(null, "", "/");
    const dashboard = new Dashboard(session);
    mount(root);
    append(root, h("a", { class: "skip-link", href: "#content" }, tr("common.skip")), appHeader(session, signOut), dashboard);
    if (focus) dashboard.focusHeading();
}

async function signOut() {
    try {
        await api.signOut();
    } catch (error) {
        return toast(() => errorText(error), { kind: "error" });
    }
    tabs?.postMessage("changed");
    return showSignIn(tr("start.signedOut"));
}

api.addEventListener("signedout", () => {
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    showSignIn(() => t("start.ended"));
});
tabs?.addEventListener("message", () => void route());
window.addEventListener("popstate", () => void route());

startPage("home");
void route();
