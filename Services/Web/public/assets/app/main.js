// @ts-check
// The pages `/`, `/sign-in`, `/profile` and `/admin`: who is not signed in sees how to, who is, what was asked for.
import accountDe from "../i18n/account.de.js";
import accountEn from "../i18n/account.en.js";
import adminDe from "../i18n/admin.de.js";
import adminEn from "../i18n/admin.en.js";
import presenceDe from "../i18n/presence.de.js";
import presenceEn from "../i18n/presence.en.js";
import roomsDe from "../i18n/rooms.de.js";
import roomsEn from "../i18n/rooms.en.js";
import telephoneDe from "../i18n/telephone.de.js";
import telephoneEn from "../i18n/telephone.en.js";
import { api } from "../lib/api.js";
import { append, h, icon, mount } from "../lib/dom.js";
import { codeText, errorText } from "../lib/errors.js";
import { notice } from "../lib/fields.js";
import { register, t, tr } from "../lib/i18n.js";
import { safeNext } from "../lib/links.js";
import { applyProfile, ownProfile } from "../lib/own-profile.js";
import { setTitle, startPage } from "../lib/page.js";
import { toast } from "../lib/toast.js";
import { Administration } from "./admin/admin-page.js";
import { Dashboard } from "./dashboard.js";
import { AppHeader, isAdministrator } from "./header.js";
import { notAllowed } from "./not-allowed.js";
import { presence, watchPage } from "./presence/presence.js";
import { Profile } from "./profile/profile-page.js";
import { SignIn, SignedInEvent } from "./sign-in/sign-in-page.js";

/** @typedef {import("../lib/wire.js").SessionView} SessionView */
/** @typedef {HTMLElement & { focusHeading(): void }} Page */

register({
    en: { ...accountEn, ...adminEn, ...presenceEn, ...roomsEn, ...telephoneEn },
    de: { ...accountDe, ...adminDe, ...presenceDe, ...roomsDe, ...telephoneDe },
});

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
/** Tells the other tabs of this browser that the session is over or new. */
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("parley-session");
/** Paths that are shown here to who is signed in; everything else leads to `/`. */
const ownPaths = new Set(["/", "/profile", "/admin"]);
/**
 * What is shown now; `null` when that is no page of a signed-in person.
 * @type {{ path: string, session: SessionView } | null}
 */
let shown = null;

function next() {
    return safeNext(new URLSearchParams(location.search).get("next"));
}

/** Asks who is signed in and shows the page for that. */
async function route() {
    showLoading();
    try {
        const session = await api.session();
        if (!session) showSignIn(failureOfProvider());
        else if (location.pathname === "/sign-in") leaveSignIn(session, false);
        else showPage(session, false);
    } catch (error) {
        showUnreachable(error);
    }
}

function showLoading() {
    shown = null;
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

/** A provider that somebody wanted to sign in with sends back why it did not work. */
function failureOfProvider() {
    const code = new URLSearchParams(location.search).get("error");
    return code === null ? null : notice("error", () => codeText(code));
}

/** @param {Node | null} message why this page is shown */
function showSignIn(message) {
    shown = null;
    presence.stop();
    ownProfile.forget();
    setTitle(tr("start.title"));
    const wanted = location.pathname === "/sign-in" ? next() : location.pathname + location.hash;
    history.replaceState(null, "", wanted === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`);
    const page = new SignIn({ message, next: wanted });
    page.addEventListener("signedin", (event) => {
        tabs?.postMessage("changed");
        leaveSignIn(/** @type {SignedInEvent} */ (event).session, true);
    });
    mount(root, page);
    page.focusFirst();
}

/**
 * @param {SessionView} session
 * @param {boolean} focus
 */
function leaveSignIn(session, focus) {
    const target = new URL(next(), location.origin);
    if (!ownPaths.has(target.pathname)) return location.replace(target);
    history.replaceState(null, "", target);
    return showPage(session, focus);
}

/**
 * @param {SessionView} session
 * @param {boolean} focus whether a person has just come from another view
 */
function showPage(session, focus) {
    if (!ownPaths.has(location.pathname)) history.replaceState(null, "", "/");
    const path = location.pathname;
    if (shown?.session.account !== session.account) ownProfile.forget();
    shown = { path, session };
    presence.start(session.account);
    const { title, page } = pageAt(path, session);
    setTitle(title);
    mount(root);
    append(root, h("a", { class: "skip-link", href: "#content", onclick: skip }, tr("common.skip")), new AppHeader(session, signOut), page);
    window.scrollTo(0, 0);
    if (focus) page.focusHeading();
    void readProfile();
}

/**
 * @param {string} path
 * @param {SessionView} session
 * @returns {{ title: () => string, page: Page }}
 */
function pageAt(path, session) {
    if (path === "/profile") return { title: tr("profile.title"), page: new Profile(session) };
    if (path !== "/admin") return { title: tr("rooms.title"), page: new Dashboard(session) };
    return { title: tr("admin.title"), page: isAdministrator(session) ? new Administration(session) : notAllowed() };
}

async function readProfile() {
    try {
        applyProfile(await ownProfile.load());
    } catch {
        // The page is whole without it; the profile's own page says that it can't be read.
    }
}

/**
 * To the content, without a change of the address: there, the part of an address after `#` names what is shown.
 * @param {Event} event
 */
function skip(event) {
    event.preventDefault();
    document.getElementById("content")?.focus();
}

async function signOut() {
    try {
        await api.signOut();
    } catch (error) {
        return toast(() => errorText(error), { kind: "error" });
    }
    tabs?.postMessage("changed");
    history.replaceState(null, "", "/");
    return showSignIn(notice("info", tr("start.signedOut")));
}

/**
 * From one page to another without loading anything again.
 * @param {MouseEvent} event
 */
function follow(event) {
    const link = event.target instanceof Element ? event.target.closest("a[data-page]") : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!(link instanceof HTMLAnchorElement) || !shown || !isPlain || event.defaultPrevented) return;
    event.preventDefault();
    if (link.pathname !== shown.path) history.pushState(null, "", link.pathname);
    showPage(shown.session, true);
}

api.addEventListener("signedout", () => {
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    showSignIn(notice("info", () => t("start.ended")));
});
tabs?.addEventListener("message", () => void route());
document.addEventListener("click", follow);
window.addEventListener("popstate", () => {
    // Within a page, only what stands after `#` changes.
    if (shown?.path === location.pathname) return;
    if (shown && ownPaths.has(location.pathname)) showPage(shown.session, true);
    else void route();
});

startPage("home");
watchPage();
void route();
