// @ts-check
// One request and its answer.
import { ApiError, problem } from "./problems.js";

/** @typedef {(input: string, init: RequestInit) => Promise<Response>} Fetch */
/**
 * @typedef {object} Exchange
 * @property {string} [method]
 * @property {unknown} [body] sent as JSON; a `Blob` as it is
 * @property {Record<string, string>} [headers]
 * @property {string} [as] the type of an answer that is a file, not JSON
 * @property {AbortSignal} [signal]
 */

/** An answer later than this is taken as none. */
const timeoutMilliseconds = 15_000;

/**
 * @param {Fetch} fetch
 * @param {string} path
 * @param {Exchange} options
 * @param {string | null} bearer
 * @returns {Promise<any>}
 */
export async function exchange(fetch, path, options, bearer) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMilliseconds);
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
        const response = await fetch(path, {
            method: options.method ?? "GET",
            headers: headers(options, bearer),
            body: content(options.body),
            credentials: "same-origin",
            cache: "no-store",
            redirect: "error",
            signal: controller.signal,
        });
        return await read(response, options.as);
    } catch (error) {
        if (error instanceof ApiError || options.signal?.aborted) throw error;
        throw new ApiError(0, "network");
    } finally {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", abort);
    }
}

/**
 * @param {Exchange} options
 * @param {string | null} bearer
 */
function headers(options, bearer) {
    /** @type {Record<string, string>} */
    const fields = { Accept: `${options.as ?? "application/json"}, application/problem+json`, ...options.headers };
    // Asked for with DELETE too: the server takes a change with a cookie only as JSON.
    if (options.method && options.method !== "GET") fields["Content-Type"] = options.body instanceof Blob ? options.body.type : "application/json";
    if (bearer) fields["Authorization"] = `Bearer ${bearer}`;
    return fields;
}

/** @param {unknown} body JSON, or a file as it is */
function content(body) {
    if (body === undefined || body instanceof Blob) return body;
    return JSON.stringify(body);
}

/**
 * @param {Response} response
 * @param {string} [as]
 */
async function read(response, as) {
    if (!response.ok) throw await problem(response);
    // As it is: reading it as text would take away the mark at its beginning that tells programs that it is UTF-8.
    if (as) return response.blob();
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
}
