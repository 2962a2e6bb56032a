// @ts-check
// By which telephone systems are told of changes. The operator makes them: they say whom Parley calls.
import { api } from "../../lib/api.js";
import { h, hidden, icon, mount, newID } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { relativeText } from "../../lib/time.js";
import { openDeadLetters } from "./dead-letters.js";
import { failureText } from "./failure-text.js";
import { RefreshedList } from "./refreshed-list.js";
import { webhookState } from "./telephone-rules.js";

/** @typedef {import("../../lib/wire-presence.js").WebhookItem} WebhookItem */

/** @type {Readonly<Record<ReturnType<typeof webhookState>, [string, import("../../lib/dom.js").IconName]>>} */
const badges = Object.freeze({ enabled: ["badge-success", "check"], failing: ["badge-warning", "warning"], disabled: ["badge-danger", "ban"] });

/**
 * @param {string} organization its id
 * @param {AbortSignal} signal until when the list is read
 */
export function webhooks(organization, signal) {
    const heading = h("h3", { id: newID("webhooks"), tabindex: -1 }, tr("webhooks.title"));
    /** @type {RefreshedList<WebhookItem>} */
    const list = new RefreshedList({
        heading,
        read: (until) => api.telephone.webhooks(until),
        row: (webhook) => webhookRow(webhook, () => void list.refresh()),
        none: tr("webhooks.none"),
    });
    const section = h(
        "section",
        { class: "telephone-part", "aria-labelledby": heading.id },
        h(
            "div",
            { class: "part-header" },
            h(
                "div",
                { class: "grow" },
                heading,
                h("p", { class: "muted small" }, tr("webhooks.text")),
                h("p", { class: "small" }, h("code", { class: "command" }, `presence webhook add --organization ${organization} --url https://…`)),
            ),
        ),
        ...list.elements,
    );
    list.start(signal);
    return section;
}

/**
 * @param {WebhookItem} webhook
 * @param {() => void} changed
 */
function webhookRow(webhook, changed) {
    let current = webhook;
    const { id, name, url } = webhook;
    const state = h("span", null);
    const disabled = h("p", { class: "small" }, tr("webhooks.disabledText"), " ", h("code", { class: "command" }, `presence webhook enable --id ${id}`));
    const facts = h("dl", { class: "webhook-facts small" });
    const count = h("span", null);
    const letters = h("button", { class: "button", type: "button", onclick: () => openDeadLetters(current, changed) }, icon("mail"), count, hidden(" – ", name));
    const element = h(
        "li",
        { class: "webhook-row" },
        h("p", { class: "webhook-name" }, h("strong", null, name), state),
        h("p", { class: "muted small" }, url),
        disabled,
        facts,
        h("div", null, letters),
    );

    /** @param {WebhookItem} item */
    function update(item) {
        current = item;
        const now = webhookState(item);
        const [className, mark] = badges[now];
        mount(state, h("span", { class: ["badge", className] }, icon(mark), tr(`webhooks.is.${now}`)));
        disabled.hidden = item.isEnabled;
        mount(
            facts,
            fact("webhooks.waiting", () => t("webhooks.messages", { count: item.waiting })),
            fact("webhooks.delivered", () => (item.lastDeliveredAt ? relativeText(item.lastDeliveredAt) : t("webhooks.never"))),
            fact("webhooks.failed", () => (item.lastFailure ? `${relativeText(item.lastFailure.at)} – ${failureText(item.lastFailure)}` : t("webhooks.never"))),
        );
        mount(count, tr("webhooks.letters", { count: item.deadLetters }));
    }
    update(webhook);
    return { element, update };
}

/**
 * @param {"webhooks.waiting" | "webhooks.delivered" | "webhooks.failed"} key
 * @param {() => string} value
 */
function fact(key, value) {
    return h("div", null, h("dt", { class: "muted" }, tr(key), ":"), " ", h("dd", null, value));
}
