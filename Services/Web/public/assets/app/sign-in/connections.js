// @ts-check
// Ways into an organization that lead over another provider: "Sign in with …".
import { api } from "../../lib/api.js";
import { h, icon, mount } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { preferences } from "../../lib/preferences.js";

/** Somebody who types does not ask with every letter. */
const debounceMilliseconds = 400;

/**
 * Where signing in with a connection begins.
 * @param {string} connection
 * @param {{ stayLoggedIn: boolean, next: string }} options
 */
export function beginPath(connection, { stayLoggedIn, next }) {
    const parameters = new URLSearchParams({ stayLoggedIn: String(stayLoggedIn), next });
    return `/api/identity/oidc/${encodeURIComponent(connection)}/begin?${parameters}`;
}

/**
 * The buttons for the organization that stands in the field. Without any, nothing is shown.
 * @param {{ organization: HTMLInputElement | HTMLTextAreaElement, stay: HTMLInputElement, next: string }} options
 */
export function connectionButtons({ organization, stay, next }) {
    const list = h("div", { class: "stack connection-list" });
    const element = h("div", { class: "connections", hidden: true }, h("p", { class: "or muted small" }, h("span", null, tr("signIn.or"))), list);
    let timer = 0;
    let asked = "";
    let controller = new AbortController();

    function changed() {
        const wanted = organization.value.trim();
        if (wanted === asked) return;
        asked = wanted;
        clearTimeout(timer);
        controller.abort();
        controller = new AbortController();
        if (wanted === "") show([]);
        else timer = window.setTimeout(ask, debounceMilliseconds, wanted, controller.signal);
    }

    /**
     * @param {string} wanted
     * @param {AbortSignal} signal
     */
    async function ask(wanted, signal) {
        // Who can't be told has a password all the same.
        const options = await api.signInOptions(wanted, signal).catch(() => null);
        if (!signal.aborted) show(options?.connections ?? []);
    }

    /** @param {import("../../lib/wire.js").SignInConnection[]} connections */
    function show(connections) {
        element.hidden = connections.length === 0;
        mount(list, ...connections.map(link));
    }

    /** @param {import("../../lib/wire.js").SignInConnection} connection */
    function link({ id, name }) {
        // Whoever is sent back without having got in need not type it again.
        const onclick = () => (preferences.organization = asked);
        const anchor = h("a", { class: "button button-large button-wide", onclick }, icon("key"), tr("signIn.with", { name }));
        const point = () => (anchor.href = beginPath(id, { stayLoggedIn: stay.checked, next }));
        stay.addEventListener("change", point, { signal: controller.signal });
        point();
        return anchor;
    }

    organization.addEventListener("input", changed);
    // A password manager fills fields in after the page has come.
    organization.addEventListener("change", changed);
    changed();
    return {
        element,
        stop() {
            clearTimeout(timer);
            controller.abort();
        },
    };
}
