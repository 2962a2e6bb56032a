// @ts-check

/** An answer that is an error, or that did not come (`timeout`, `disconnected`). */
export class RequestError extends Error {
    /**
     * @param {string} code A code of Shared/Protocol's `ErrorCode`, or `timeout` or `disconnected`.
     * @param {string} message
     * @param {number} [retryAfter] Seconds.
     */
    constructor(code, message, retryAfter) {
        super(message);
        this.name = "RequestError";
        this.code = code;
        this.retryAfter = retryAfter;
    }

    /** Whether the request may have been fine, and only its answer is missing. */
    get undecided() {
        return this.code === "timeout" || this.code === "disconnected";
    }
}

/**
 * @typedef {{ sdp?: string, seq?: number }} Reply
 * @typedef {{ resolve: (reply: Reply) => void, reject: (error: RequestError) => void,
 *   timer: ReturnType<typeof setTimeout> }} Waiting
 */

/** Requests that wait for their answer, each with a time limit. */
export class Requests {
    #lastID = 0;
    /** @type {Map<number, Waiting>} */
    #waiting = new Map();

    /** How many wait. */
    get size() {
        return this.#waiting.size;
    }

    /**
     * @param {number} timeout Milliseconds.
     * @returns {{ id: number, answer: Promise<Reply> }}
     */
    add(timeout) {
        const id = ++this.#lastID;
        /** @type {Promise<Reply>} */
        const answer = new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.#waiting.delete(id);
                reject(new RequestError("timeout", "There was no answer in time."));
            }, timeout);
            this.#waiting.set(id, { resolve, reject, timer });
        });
        return { id, answer };
    }

    /**
     * @param {{ re: number, ok?: Reply, error?: import("./messages.js").Refusal }} message
     */
    settle(message) {
        const waiting = this.#waiting.get(message.re);
        if (!waiting) return;
        this.#waiting.delete(message.re);
        clearTimeout(waiting.timer);
        if (message.error) {
            waiting.reject(new RequestError(message.error.code, message.error.message, message.error.retryAfter));
        } else {
            waiting.resolve(message.ok ?? {});
        }
    }

    /** The socket broke: no answer will come. */
    abandon() {
        for (const waiting of this.#waiting.values()) {
            clearTimeout(waiting.timer);
            waiting.reject(new RequestError("disconnected", "The connection was interrupted."));
        }
        this.#waiting.clear();
    }
}
