// @ts-check
// Errors in words. Every code of Shared/Protocol has a sentence `error.CODE` in every language.
import { ApiError } from "./api.js";
import { hasText, t } from "./i18n.js";
import { durationText } from "./time.js";

/**
 * A sentence for people.
 * @param {string} code
 * @param {number} [retryAfter] seconds
 */
export function codeText(code, retryAfter) {
    const sentence = t(hasText(`error.${code}`) ? `error.${code}` : "error.internal_error");
    return retryAfter ? `${sentence} ${t("error.retryAfter", { duration: durationText(retryAfter) })}` : sentence;
}

/** @param {unknown} error */
export function errorText(error) {
    if (error instanceof ApiError) return codeText(error.code, error.retryAfter);
    return t("error.internal_error");
}

/**
 * What is wrong with a field.
 * @param {import("./wire.js").FieldReason} reason
 * @param {{ min?: number, max?: number }} [range] said when it is known
 */
export function reasonText(reason, range = {}) {
    if (reason === "too_short" && range.min !== undefined) return t("field.tooShortBy", { count: range.min });
    if (reason === "too_long" && range.max !== undefined) return t("field.tooLongBy", { count: range.max });
    return t(`field.${reason}`);
}

/** @param {unknown} error */
export function isAbort(error) {
    return error instanceof DOMException && error.name === "AbortError";
}
