// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { reasonText } from "../../lib/errors.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { openDialogForm } from "../account/dialog-form.js";
import { showOnce } from "./shown-once.js";
import { checkTokenName } from "./telephone-rules.js";

/** @typedef {import("../../lib/wire-presence.js").CreatedReadToken} CreatedReadToken */

/**
 * Asks what the token is for, makes it and shows it, once.
 * @param {(made: CreatedReadToken) => void} done
 */
export function openReadTokenForm(done) {
    const name = textField({
        label: tr("tokens.name"), name: "tokenName", hint: tr("tokens.nameHint"), required: true, attributes: { autocomplete: "off" },
    });

    /** @param {import("../../lib/wire.js").FieldReason | null} reason */
    function mark(reason) {
        name.setError(reason && (() => reasonText(reason, limits.readTokenName)));
        if (reason) name.input.focus();
    }

    openDialogForm({
        title: tr("tokens.add"),
        class: "dialog-small",
        submit: tr("tokens.create"),
        body: [h("p", null, tr("tokens.addText")), name.element],
        check() {
            const reason = checkTokenName(name.value);
            mark(reason);
            return reason === null;
        },
        async send() {
            const made = await api.telephone.createToken(name.value.trim());
            done(made);
            // After the dialog that asked has closed.
            setTimeout(() => showToken(made));
        },
        otherwise(error) {
            const problem = error instanceof ApiError ? error.fields.find(({ field }) => field === "name") : undefined;
            if (problem) mark(problem.reason);
            return problem !== undefined;
        },
    });
    name.input.focus();
}

/** @param {CreatedReadToken} made */
function showToken({ name, token }) {
    showOnce({
        title: tr("tokens.ready"),
        text: tr("tokens.readyText", { name }),
        label: tr("tokens.token"),
        secret: token,
        hint: tr("tokens.readyHint"),
        copy: tr("tokens.copy"),
        copied: tr("tokens.copied"),
    });
}
