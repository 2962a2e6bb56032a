// @ts-check
import { api } from "../../lib/api.js";
import { h, icon, setText } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { suggestAlias } from "../../lib/links.js";
import { aliasCheck } from "./alias-check.js";
import { tidyAlias } from "./room-rules.js";

/**
 * The field for an alias: says while typing whether it can be had, and suggests one.
 * @param {string} own the alias that the room has already; empty for a new one
 * @param {string} [room] the room that has it; its other aliases are free to it, too
 */
export function aliasField(own, room) {
    const field = textField({
        label: tr("roomForm.alias"),
        name: "alias",
        value: own,
        hint: tr(own ? "roomForm.aliasHintEdit" : "roomForm.aliasHint"),
        optional: own ? undefined : tr("common.optional"),
        before: [h("span", { class: "input-prefix", "aria-hidden": true }, `${location.host}/r/`)],
        attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: limits.roomAlias.max },
    });
    const status = h("p", { class: "field-hint alias-status", role: "status" });
    const suggestion = h("button", { class: "button button-quiet alias-suggestion", type: "button", hidden: true, onclick: take });
    field.element.append(status, suggestion);
    let suggested = "";
    const look = (/** @type {string} */ alias, /** @type {AbortSignal} */ signal) => api.aliasCheck(alias, { room, signal });
    const checking = aliasCheck({ own, look, show });

    field.input.addEventListener("input", () => {
        const { input } = field;
        const tidy = tidyAlias(input.value);
        if (tidy !== input.value) {
            const caret = input.selectionStart;
            input.value = tidy;
            input.setSelectionRange(caret, caret);
        }
        check();
    });

    function take() {
        field.value = suggested;
        field.input.focus();
        check();
    }

    function check() {
        showSuggestion();
        checking.start(field.value);
    }

    /**
     * @param {"checking" | "free" | null} state
     * @param {import("../../lib/wire.js").FieldReason} [reason]
     */
    function show(state, reason) {
        say(state);
        if (reason) field.setError(tr(reason === "bad_format" ? "roomForm.aliasForm" : `field.${reason}`));
        else field.setError(null);
    }

    /** @param {"checking" | "free" | null} state */
    function say(state) {
        status.className = state === "free" && !own ? "field-success alias-status" : "field-hint alias-status";
        if (state === "checking") setText(status, tr("roomForm.aliasChecking"));
        else if (state === "free" && own) setText(status, tr("roomForm.aliasChanged"));
        else if (state === "free") status.replaceChildren(icon("check"), h("span", null, tr("roomForm.aliasFree")));
        else setText(status, "");
    }

    function showSuggestion() {
        suggestion.hidden = suggested === "" || field.value !== "" || own !== "";
        setText(suggestion, suggested ? tr("roomForm.aliasUse", { alias: suggested }) : "");
    }

    return {
        ...field,
        get value() {
            return field.value;
        },
        set value(alias) {
            field.value = alias;
            check();
        },
        get refusal() {
            return checking.refusal;
        },
        /** @param {string} name the room's */
        suggestFrom(name) {
            suggested = suggestAlias(name);
            showSuggestion();
        },
        stop: checking.stop,
    };
}
