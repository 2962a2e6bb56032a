// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h, icon, setText } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { isAlias, suggestAlias } from "../../lib/links.js";
import { tidyAlias } from "./room-rules.js";

/** Somebody who types does not ask with every letter. */
const debounceMilliseconds = 350;

/**
 * The field for an alias: says while typing whether it can be had, and suggests one.
 * @param {string} own the alias that the room has already; empty for a new one
 */
export function aliasField(own) {
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
    let timer = 0;
    let controller = new AbortController();
    /**
     * Why the server refused what is in the field now.
     * @type {import("../../lib/wire.js").FieldReason | null}
     */
    let refusal = null;

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
        clearTimeout(timer);
        controller.abort();
        controller = new AbortController();
        showSuggestion();
        field.setError(null);
        refusal = null;
        say(null);
        const alias = field.value;
        if (alias === "" || alias === own) return;
        timer = window.setTimeout(ask, debounceMilliseconds, alias, controller.signal);
    }

    /**
     * @param {string} alias
     * @param {AbortSignal} signal
     */
    async function ask(alias, signal) {
        if (!isAlias(alias)) return field.setError(tr("roomForm.aliasForm"));
        say("checking");
        try {
            const answer = await api.aliasCheck(alias, signal);
            if (signal.aborted) return;
            say(answer.available ? "free" : null);
            refusal = answer.available ? null : answer.reason ?? "taken";
            if (refusal) field.setError(tr(`field.${refusal}`));
        } catch (error) {
            if (signal.aborted) return;
            // The server says it again when the room is saved; a failed look-up is not the person's mistake.
            say(null);
            if (error instanceof ApiError && error.code === "validation_failed") field.setError(tr("roomForm.aliasForm"));
        }
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
            return refusal;
        },
        /** @param {string} name the room's */
        suggestFrom(name) {
            suggested = suggestAlias(name);
            showSuggestion();
        },
        stop() {
            clearTimeout(timer);
            controller.abort();
        },
    };
}
