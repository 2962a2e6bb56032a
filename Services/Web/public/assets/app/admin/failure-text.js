// @ts-check
import { t } from "../../lib/i18n.js";
import { failureKey } from "./telephone-rules.js";

/**
 * Why a message did not arrive, in a sentence.
 * @param {import("../../lib/wire-presence.js").WebhookFailure} failure
 */
export function failureText(failure) {
    return t(failureKey(failure), { status: String(failure.status ?? "") });
}
