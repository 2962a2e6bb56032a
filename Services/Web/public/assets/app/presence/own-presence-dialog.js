// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h, icon, mount, setText } from "../../lib/dom.js";
import { errorText, isAbort, reasonText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { ownProfile } from "../../lib/own-profile.js";
import { pollWhileVisible } from "../../lib/page.js";
import { toast } from "../../lib/toast.js";
import { openDialogForm } from "../account/dialog-form.js";
import { ownPresenceFields } from "./own-presence-fields.js";
import { checkPresence, draftOf, nothingSet } from "./own-rules.js";
import { presenceMark, setMark } from "./presence-mark.js";
import { seenText, textMilliseconds, unknownText } from "./presence-text.js";
import { presence } from "./presence.js";

/** @typedef {import("../../lib/wire.js").ManualPresence} ManualPresence */

/** Sets one's own presence, with words and an end. */
export function openOwnPresence() {
    const listening = new AbortController();
    const { signal } = listening;
    /**
     * Nothing can be saved before it is known what is set: it would be lost.
     * @type {{ before: ManualPresence, fields: ReturnType<typeof ownPresenceFields> } | null}
     */
    let form = null;
    const content = h("div", { class: "stack" });
    const seen = seenLine(signal);

    /** @param {unknown} error */
    function failed(error) {
        if (!(error instanceof ApiError) || error.code !== "validation_failed") return false;
        const problems = error.fields.map(({ field, reason }) => ({ field, text: () => reasonText(reason, field === "text" ? limits.presenceText : {}) }));
        if (form?.fields.show(problems)) return true;
        dialog.busy.say("error", () => problems[0]?.text() ?? errorText(error));
        return true;
    }

    const dialog = openDialogForm({
        title: tr("ownPresence.title"),
        class: "presence-dialog",
        body: [seen.element, content],
        submit: tr("common.save"),
        check: () => form !== null && !form.fields.show(checkPresence(form.fields.read(), Date.now()).map(({ field, key, parameters }) => ({ field, text: tr(key, parameters) }))),
        send: async () => {
            if (form) await save(draftOf(form.fields.read(), form.before, Date.now()));
        },
        otherwise: failed,
    });

    /** @param {ManualPresence} before */
    function fill(before) {
        form = { before, fields: ownPresenceFields(before, Date.now()) };
        const reset = h("button", { class: "button button-quiet", type: "button", onclick: () => void dialog.busy.send(() => save(nothingSet).then(() => dialog.close()), failed) }, tr("ownPresence.reset"));
        mount(content, ...form.fields.elements, h("p", { class: "presence-reset" }, reset, h("span", { class: "muted small" }, tr("ownPresence.resetHint"))));
        dialog.button.disabled = false;
        form.fields.focus();
    }

    async function read() {
        mount(content, h("p", { class: "muted", role: "status" }, tr("common.loading")));
        const mark = presence.ownMark;
        try {
            const own = await api.ownPresence(signal);
            if (signal.aborted || form) return;
            presence.putAnswer(own, mark);
            seen.know(own);
            // By now the stream may have told more.
            if (!form) fill((presence.own ?? own).manual);
        } catch (error) {
            if (signal.aborted || form || isAbort(error)) return;
            const again = h("button", { class: "button notice-button", type: "button", onclick: read }, icon("refresh"), tr("common.tryAgain"));
            mount(content, notice("warning", h("p", null, () => errorText(error)), again));
        }
    }

    function fillWithKnown() {
        if (!form && presence.isKnown && presence.own) fill(presence.own.manual);
    }

    dialog.element.addEventListener("close", () => listening.abort());
    fillWithKnown();
    if (form) return;
    dialog.button.disabled = true;
    presence.addEventListener("own", fillWithKnown, { signal });
    void read();
}

/** @param {ManualPresence} manual */
async function save(manual) {
    const mark = presence.ownMark;
    presence.putAnswer(await api.setOwnPresence(manual), mark);
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
    /** @type {import("../../lib/wire.js").OwnPresence | null} */
    let answer = null;

    function render() {
        if (ownProfile.current?.showsPresence === false) {
            const link = h("a", { href: "/profile", dataset: { page: "" }, onclick: closeAround }, tr("ownPresence.toProfile"));
            return mount(element, notice("info", h("p", null, tr("ownPresence.hidden")), h("p", null, link)));
        }
        const own = presence.isKnown ? presence.own : answer;
        if (!own && presence.isConnecting && presence.barredUntil === null) return mount(element);
        if (!own) return mount(element, notice("warning", h("p", null, presence.barredUntil === null ? tr("ownPresence.away") : unknownText(presence.barredUntil))));
        setMark(mark, own.seen.state);
        setText(state, seenText(own.seen));
        setText(words, own.seen.text ?? "");
        return mount(element, line);
    }

    presence.addEventListener("own", render, { signal });
    ownProfile.addEventListener("change", render, { signal });
    pollWhileVisible(async () => render(), textMilliseconds, signal);
    return {
        element,
        /** @param {import("../../lib/wire.js").OwnPresence} own read just now, and shown while there is nothing newer */
        know(own) {
            answer = own;
            render();
        },
    };
}

/** @param {Event} event of a link in a dialog, which leads away from it */
function closeAround({ target }) {
    if (target instanceof Element) target.closest("dialog")?.close();
}
