// @ts-check
// Deleting an account can't be undone: who does it types its name.
import { ApiError } from "../../lib/api.js";
import { notice, textField } from "../../lib/fields.js";
import { h } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { openDialogForm } from "../account/dialog-form.js";
import { plainText } from "../account/password-field.js";

/**
 * @param {{ userName: string, name: string, isOwn: boolean, send: () => Promise<void> }} options
 * @returns {Promise<boolean>} whether it is deleted
 */
export function confirmDeletion({ userName, name, isOwn, send }) {
    return new Promise((resolve) => {
        const typed = textField({
            label: tr("deletion.type", { userName }),
            name: "confirmation",
            required: true,
            attributes: { ...plainText, autocomplete: "off" },
        });
        const dialog = openDialogForm({
            title: tr("deletion.title", { name }),
            class: "dialog-small",
            danger: true,
            submit: tr("action.delete"),
            body: [h("p", null, tr("deletion.text")), isOwn && notice("warning", tr("deletion.own")), typed.element],
            check() {
                const isRight = isConfirmed(typed.value, userName);
                typed.setError(isRight ? null : tr("deletion.differs"));
                if (!isRight) typed.input.focus();
                return isRight;
            },
            send: async () => {
                await send();
                resolve(true);
            },
            otherwise(error, busy) {
                if (!(error instanceof ApiError) || error.code !== "precondition_failed") return false;
                busy.say("warning", tr("deletion.conflict"));
                return true;
            },
        });
        dialog.element.addEventListener("close", () => resolve(false));
        typed.input.focus();
    });
}

/**
 * Case does not matter, as it does not at sign-in.
 * @param {string} typed
 * @param {string} userName
 */
export function isConfirmed(typed, userName) {
    const plain = (/** @type {string} */ text) => text.trim().normalize("NFC").toLocaleLowerCase();
    return plain(typed) === plain(userName);
}
