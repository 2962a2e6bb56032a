// @ts-check
// Answers that say no (RFC 9457), as errors.

/** @typedef {import("./wire.js").FieldProblem} FieldProblem */

/** A request that did not work. `code` is one of `errorCodes`, or `network` when there was no answer. */
export class ApiError extends Error {
    /**
     * @param {number} status 0 when there was no answer
     * @param {string} code
     * @param {{ title?: string, fields?: FieldProblem[], retryAfter?: number }} [more]
     */
    constructor(status, code, more = {}) {
        super(more.title ?? code);
        this.name = "ApiError";
        this.status = status;
        this.code = code;
        this.fields = more.fields ?? [];
        /** Seconds. */
        this.retryAfter = more.retryAfter;
    }
}

/** Codes for answers that carry none, for instance of a proxy. */
const codesByStatus = new Map([
    [400, "bad_request"],
    [401, "unauthenticated"],
    [403, "forbidden"],
    [404, "not_found"],
    [405, "method_not_allowed"],
    [409, "conflict"],
    [410, "room_expired"],
    [412, "precondition_failed"],
    [413, "payload_too_large"],
    [415, "unsupported_media_type"],
    [428, "precondition_required"],
    [429, "too_many_requests"],
    [502, "unavailable"],
    [503, "unavailable"],
    [504, "unavailable"],
]);

/**
 * The error that an answer tells of, whether or not its body is a problem document.
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
export async function problem(response) {
    const { status } = response;
    const otherwise = codesByStatus.get(status) ?? (status >= 500 ? "internal_error" : "bad_request");
    const body = await problemBody(response);
    const retryAfter = body.retryAfter ?? seconds(response.headers.get("Retry-After"));
    const code = typeof body.code === "string" ? body.code : otherwise;
    return new ApiError(status, code, { title: body.title, fields: Array.isArray(body.fields) ? body.fields : [], retryAfter });
}

/**
 * @param {Response} response
 * @returns {Promise<Partial<import("./wire.js").Problem>>}
 */
async function problemBody(response) {
    if (!/^application\/(problem\+)?json\b/.test(response.headers.get("Content-Type") ?? "")) return {};
    try {
        const body = await response.json();
        return typeof body === "object" && body !== null ? body : {};
    } catch {
        return {};
    }
}

/** @param {string | null} text */
function seconds(text) {
    return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
