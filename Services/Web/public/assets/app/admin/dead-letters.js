// @ts-check
import { api } from "../../lib/api.js";
import { confirmDialog, openDialog } from "../../lib/dialog.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { Newest } from "../../lib/newest.js";
import { toast } from "../../lib/toast.js";
import { deadLetterRow } from "./dead-letter.js";
import { skeletonRows } from "./list-parts.js";

/** @typedef {import("../../lib/wire-presence.js").WebhookItem} WebhookItem */
/** @typedef {import("../../lib/wire-presence.js").DeadLetterItem} DeadLetterItem */

/**
 * The messages of a webhook that were given up, the newest first. Sending one again, or all, has everything told anew.
 * @param {WebhookItem} webhook
 * @param {() => void} changed called when some of them are gone
 */
export function openDeadLetters(webhook, changed) {
    const controller = new AbortController();
    const { signal } = controller;
    const message = h("div", { role: "status" });
    const list = h("ol", { class: "letter-list" });
    const more = h("button", { class: "button", type: "button", hidden: true, onclick: () => void read() }, tr("admin.more"));
    const all = h("button", { class: "button", type: "button", hidden: true, onclick: () => void resendAll() }, icon("refresh"), tr("letters.sendAll"));
    /** Sent again since: a page that was asked for before may still have them. */
    const gone = new Set();
    /** So does one that was asked for before all were sent again. */
    const reads = new Newest();
    /** @type {string | undefined} */
    let cursor;
    let isRead = false;

    const dialog = openDialog({
        title: tr("letters.title", { name: webhook.name }),
        class: "dialog-list",
        body: [
            h(
                "div",
                { class: "stack" },
                h("p", { class: "muted" }, tr("letters.text", { days: limits.deadLetterDays })),
                !webhook.isEnabled && notice("info", tr("letters.disabled")),
                message,
                list,
                h("p", { class: "more" }, more),
            ),
        ],
        actions: [all, h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close"))],
        onclose: () => controller.abort(),
    });
    mount(list, ...skeletonRows());
    void read();

    async function read() {
        if (more.getAttribute("aria-busy") === "true") return;
        more.setAttribute("aria-busy", "true");
        const isNewest = reads.begin();
        try {
            const page = await api.telephone.deadLetters(webhook.id, cursor, signal);
            if (signal.aborted || !isNewest()) return;
            if (!isRead) mount(list);
            const rows = page.items.filter(({ id }) => !gone.has(id)).map((letter) => deadLetterRow(webhook, letter, { signal, resent: drop }));
            const hadFocus = message.contains(document.activeElement) || document.activeElement === more;
            mount(message);
            list.append(...rows);
            cursor = page.nextCursor;
            isRead = true;
            show();
            // From the button, which may be gone, to the first of the new ones.
            if (hadFocus) (rows[0] ?? dialog.element.querySelector("h2"))?.focus();
        } catch (error) {
            if (signal.aborted || !isNewest()) return;
            if (!isRead) mount(list);
            const again = h("button", { class: "button", type: "button", onclick: () => void read() }, icon("refresh"), tr("common.tryAgain"));
            mount(message, notice("warning", h("p", null, () => errorText(error)), again));
        } finally {
            more.removeAttribute("aria-busy");
        }
    }

    function show() {
        const isEmpty = list.childElementCount === 0;
        more.hidden = cursor === undefined;
        all.hidden = !webhook.isEnabled || (isEmpty && cursor === undefined);
        if (isEmpty && cursor === undefined) mount(message, h("p", null, tr("letters.none")));
        // All that were shown are gone, and there are more.
        else if (isEmpty) void read();
    }

    /**
     * One is gone.
     * @param {string} id
     * @param {HTMLElement} row
     */
    function drop(id, row) {
        gone.add(id);
        const next = row.nextElementSibling ?? row.previousElementSibling;
        row.remove();
        show();
        (next instanceof HTMLElement ? next : dialog.element.querySelector("h2"))?.focus();
        changed();
    }

    async function resendAll() {
        if (all.getAttribute("aria-busy") === "true") return;
        const confirmed = await confirmDialog({ title: tr("letters.sendAllTitle"), text: tr("letters.sendAllText"), confirm: tr("letters.sendAll") });
        if (!confirmed || signal.aborted) return;
        all.setAttribute("aria-busy", "true");
        try {
            const count = await api.telephone.resendAll(webhook.id);
            reads.begin();
            changed();
            if (signal.aborted) return;
            toast(() => t("letters.allWait", { count }), { kind: "success" });
            mount(list);
            cursor = undefined;
            show();
            dialog.element.querySelector("h2")?.focus();
        } catch (error) {
            toast(() => errorText(error), { kind: "error" });
        } finally {
            all.removeAttribute("aria-busy");
        }
    }
}
