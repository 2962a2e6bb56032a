// @ts-check
// A one-time password, which is shown once.
import { t, tr } from "../../lib/i18n.js";
import { dateTimeText } from "../../lib/time.js";
import { showOnce } from "./shown-once.js";

/**
 * @param {string} userName
 * @param {import("../../lib/wire.js").OneTimePasswordView} made
 * @param {{ isNew: boolean }} options whether the account is new
 */
export function showOneTimePassword(userName, made, { isNew }) {
    showOnce({
        title: tr(isNew ? "oneTime.titleNew" : "oneTime.title"),
        text: tr("oneTime.text", { userName }),
        label: tr("oneTime.label"),
        secret: made.password,
        hint: () => t("oneTime.until", { when: dateTimeText(made.expiresAt) }),
        copy: tr("oneTime.copy"),
        copied: tr("oneTime.copied"),
        large: true,
    });
}
