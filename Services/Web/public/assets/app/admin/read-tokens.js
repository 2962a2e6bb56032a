// @ts-check
// With which telephone systems read presence.
import { api, ApiError } from "../../lib/api.js";
import { confirmDialog } from "../../lib/dialog.js";
import { h, hidden, icon, newID, setText } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { t, tr } from "../../lib/i18n.js";
import { dateTimeText, relativeText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { openReadTokenForm } from "./read-token-form.js";
import { RefreshedList } from "./refreshed-list.js";

/** @typedef {import("../../lib/wire-presence.js").ReadTokenItem} ReadTokenItem */

/** @param {AbortSignal} signal until when the list is read */
export function readTokens(signal) {
    const heading = h("h3", { id: newID("tokens"), tabindex: -1 }, tr("tokens.title"));
    /** @type {RefreshedList<ReadTokenItem>} */
    const list = new RefreshedList({
        heading,
        read: (until) => api.telephone.tokens(until),
        row: (token) => tokenRow(token, () => void remove(token)),
        none: tr("tokens.none"),
    });
    const add = h("button", { class: "button button-primary", type: "button", onclick: create }, icon("plus"), tr("tokens.add"));

    function create() {
        openReadTokenForm((made) => {
            const { id, name, createdAt } = made;
            list.add({ id, name, createdAt, createdBy: "" });
            void list.refresh();
        });
    }

    /** @param {ReadTokenItem} token */
    async function remove({ id, name }) {
        const confirmed = await confirmDialog({
            title: tr("tokens.deleteTitle", { name }), text: tr("tokens.deleteText"), confirm: tr("tokens.delete"), danger: true,
        });
        if (!confirmed) return;
        try {
            await api.telephone.deleteToken(id);
        } catch (error) {
            // Somebody else was faster.
            if (!(error instanceof ApiError) || error.code !== "not_found") return toast(() => errorText(error), { kind: "error" });
        }
        list.remove(id);
        return toast(tr("tokens.deleted", { name }), { kind: "success" });
    }

    const section = h(
        "section",
        { class: "telephone-part", "aria-labelledby": heading.id },
        h(
            "div",
            { class: "part-header" },
            h("div", { class: "grow" }, heading, h("p", { class: "muted small" }, () => t("tokens.text", { address: `${location.origin}/api/presence/people` }))),
            add,
        ),
        ...list.elements,
    );
    list.start(signal);
    return section;
}

/**
 * @param {ReadTokenItem} token
 * @param {() => void} remove
 */
function tokenRow(token, remove) {
    const { name, createdAt } = token;
    const used = h("span", null);
    const element = h(
        "li",
        { class: "token-row" },
        h("span", { class: "audit-mark" }, icon("key")),
        h(
            "div",
            { class: "telephone-words" },
            h("p", null, h("strong", null, name)),
            h("p", { class: "muted small telephone-facts" }, h("span", null, () => t("tokens.created", { when: dateTimeText(createdAt) })), used),
        ),
        h("button", { class: "icon-button icon-button-danger", type: "button", title: tr("tokens.delete"), onclick: remove }, icon("trash"), hidden(tr("tokens.deleteOne", { name }))),
    );

    /** @param {ReadTokenItem} item */
    function update({ lastUsedAt }) {
        setText(used, () => (lastUsedAt ? t("tokens.used", { when: relativeText(lastUsedAt) }) : t("tokens.neverUsed")));
    }
    update(token);
    return { element, update };
}
