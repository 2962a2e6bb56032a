// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { copyText } from "../../lib/page.js";
import { dateTimeText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { failureText } from "./failure-text.js";
import { contentKey, readableBody } from "./telephone-rules.js";

/** @typedef {import("../../lib/wire-presence.js").WebhookItem} WebhookItem */
/** @typedef {import("../../lib/wire-presence.js").DeadLetterItem} DeadLetterItem */

/**
 * A message that was given up, with its body and, while the webhook is enabled, a button that has everything told anew instead.
 * @param {WebhookItem} webhook
 * @param {DeadLetterItem} letter
 * @param {{ signal: AbortSignal, resent: (id: string, row: HTMLElement) => void }} options
 */
export function deadLetterRow(webhook, letter, { signal, resent }) {
    const content = () => t(contentKey(letter.type), { count: letter.events });
    const when = () => dateTimeText(letter.failedAt);
    const button = h("button", { class: "button", type: "button", onclick: () => void resend() }, icon("refresh"), tr("letters.send"), hidden(() => ` – ${content()}, ${when()}`));
    const element = h(
        "li",
        { class: "letter", tabindex: -1 },
        h(
            "div",
            { class: "telephone-words" },
            h("p", null, h("strong", null, content)),
            h("p", { class: "small" }, () => failureText(letter.lastFailure)),
            h(
                "p",
                { class: "muted small telephone-facts" },
                h("time", { datetime: letter.failedAt }, () => t("letters.failed", { when: when() })),
                h("span", null, tr("letters.attempts", { count: letter.attempts })),
            ),
        ),
        webhook.isEnabled && button,
        bodyPart(webhook.id, letter, signal),
    );

    async function resend() {
        if (button.getAttribute("aria-busy") === "true") return;
        button.setAttribute("aria-busy", "true");
        try {
            await api.telephone.resend(webhook.id, letter.id);
        } catch (error) {
            // Somebody else was faster, or its time was over.
            if (!(error instanceof ApiError) || error.code !== "not_found") {
                button.removeAttribute("aria-busy");
                toast(() => errorText(error), { kind: "error" });
                return;
            }
        }
        toast(tr("letters.waits"), { kind: "success" });
        // The dialog may be closed by now.
        if (element.isConnected) resent(letter.id, element);
    }
    return element;
}

/**
 * The body, read when somebody wants to see it.
 * @param {string} webhook
 * @param {DeadLetterItem} letter
 * @param {AbortSignal} signal
 */
function bodyPart(webhook, letter, signal) {
    // Apart from the body, which nobody wants to have read out as a whole.
    const message = h("div", { role: "status" });
    const place = h("div", { class: "letter-body" });
    let isRead = false;
    const element = h("details", { class: "letter-part", ontoggle: () => void open() }, h("summary", null, tr("letters.show")), message, place);

    async function open() {
        if (!element.open || isRead) return;
        isRead = true;
        mount(message, h("p", { class: "muted small" }, tr("common.loading")));
        try {
            const { body } = await api.telephone.deadLetter(webhook, letter.id, signal);
            if (signal.aborted) return;
            mount(message);
            // Scrolls, so the keyboard must get there.
            const shown = h("pre", { class: "letter-text small", tabindex: 0, role: "region", "aria-label": tr("letters.body") }, readableBody(body));
            mount(place, shown, h("button", { class: "button", type: "button", onclick: () => void copy(body) }, icon("copy"), tr("letters.copy")));
        } catch (error) {
            if (signal.aborted) return;
            isRead = false;
            mount(message, notice("warning", () => errorText(error)));
        }
    }

    /** @param {string} body as it was sent */
    async function copy(body) {
        if (await copyText(body)) toast(tr("letters.copied"), { kind: "success" });
        else toast(tr("common.copyByHand"), { kind: "warning" });
    }
    return element;
}
