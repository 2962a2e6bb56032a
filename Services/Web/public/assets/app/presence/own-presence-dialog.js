// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h, mount, setText } from "../../lib/dom.js";
import { errorText, reasonText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { ownProfile } from "../../lib/own-profile.js";
import { toast } from "../../lib/toast.js";
import { openDialogForm } from "../account/dialog-form.js";
import { ownPresenceFields } from "./own-presence-fields.js";
import { checkPresence, draftOf, nothingSet } from "./own-rules.js";
import { presenceMark, setMark } from "./presence-mark.js";
import { seenText } from "./presence-text.js";
import { presence } from "./presence.js";

/** @typedef {import("../../lib/wire.js").ManualPresence} ManualPresence */

/** Sets one's own presence, with words and an end. */
export function openOwnPresence() {
    const before = presence.own?.manual ?? nothingSet;
    const fields = ownPresenceFields(before, Date.now());
    const listening = new AbortController();
    const seen = seenLine(listening.signal);
    const reset = h("button", { class: "button button-quiet", type: "button", onclick: () => void dialog.busy.send(() => save(nothingSet).then(() => dialog.close()), failed) }, tr("ownPresence.reset"));

    /** @param {unknown} error */
    function failed(error) {
        if (!(error instanceof ApiError) || error.code !== "validation_failed") return false;
        const problems = error.fields.map(({ field, reason }) => ({ field, text: () => reasonText(reason, field === "text" ? limits.presenceText : {}) }));
        if (fields.show(problems)) return true;
        dialog.busy.say("error", () => problems[0]?.text() ?? errorText(error));
        return true;
    }

    const dialog = openDialogForm({
        title: tr("ownPresence.title"),
        class: "presence-dialog",
        body: [
            seen,
            ...fields.elements,
            h("p", { class: "presence-reset" }, reset, h("span", { class: "muted small" }, tr("ownPresence.resetHint"))),
        ],
        submit: tr("common.save"),
        check: () => !fields.show(checkPresence(fields.read(), Date.now()).map(({ field, key, parameters }) => ({ field, text: tr(key, parameters) }))),
        send: () => save(draftOf(fields.read(), before, Date.now())),
        otherwise: failed,
    });
    dialog.element.addEventListener("close", () => listening.abort());
}

/** @param {ManualPresence} manual */
async function save(manual) {
    const known = presence.ownVersion;
    const own = await api.setOwnPresence(manual);
    // What came by the stream meanwhile may be newer than this answer.
    if (presence.ownVersion === known) presence.putOwn(own);
    toast(tr("ownPresence.saved"), { kind: "success" });
}

/**
 * What colleagues see, which may be something else than what is set by hand.
 * @param {AbortSignal} signal ends when it is shown no more
 */
function seenLine(signal) {
    const mark = presenceMark();
    const words = h("span", { class: "colleague-words" });
    const state = h("strong", null);
    const line = h("p", { class: "presence-seen" }, h("span", { class: "muted" }, tr("ownPresence.seen")), mark, state, words);
    const element = h("div", null);

    function render() {
        if (ownProfile.current?.showsPresence === false) {
            const link = h("a", { href: "/profile", dataset: { page: "" }, onclick: closeAround }, tr("ownPresence.toProfile"));
            return mount(element, notice("info", h("p", null, tr("ownPresence.hidden")), h("p", null, link)));
        }
        const own = presence.isKnown ? presence.own : null;
        if (!own) return mount(element, notice("warning", h("p", null, tr("ownPresence.away"))));
        setMark(mark, own.seen.state);
        setText(state, seenText(own.seen));
        setText(words, own.seen.text ?? "");
        return mount(element, line);
    }

    presence.addEventListener("own", render, { signal });
    ownProfile.addEventListener("change", render, { signal });
    render();
    return element;
}

/** @param {Event} event of a link in a dialog, which leads away from it */
function closeAround({ target }) {
    if (target instanceof Element) target.closest("dialog")?.close();
}
