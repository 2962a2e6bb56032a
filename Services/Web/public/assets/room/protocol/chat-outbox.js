// @ts-check
import { RequestError } from "./requests.js";

/**
 * @typedef {{ key: string, text: string, failed: boolean }} Outgoing
 */

/**
 * Chat messages on their way. One that was cut off is sent again under the same key, so that it arrives once.
 */
export class ChatOutbox {
    /** @type {Outgoing[]} */
    #outgoing = [];
    #request;
    #changed;

    /**
     * @param {(type: string, body: object) => Promise<unknown>} request
     * @param {() => void} changed
     */
    constructor(request, changed) {
        this.#request = request;
        this.#changed = changed;
    }

    /** What has not arrived yet, oldest first. */
    get outgoing() {
        return this.#outgoing;
    }

    /** @param {string} text */
    send(text) {
        const message = { key: randomKey(), text, failed: false };
        this.#outgoing.push(message);
        this.#changed();
        void this.#deliver(message);
    }

    /** The connection is back. */
    resend() {
        for (const message of this.#outgoing) void this.#deliver(message);
    }

    /**
     * One's own message came back with the others'.
     *
     * @param {string} text
     */
    arrived(text) {
        const index = this.#outgoing.findIndex((message) => message.text === text);
        if (index >= 0) this.#outgoing.splice(index, 1);
    }

    /** @param {Outgoing} message */
    async #deliver(message) {
        message.failed = false;
        try {
            await this.#request("chat.send", { text: message.text, key: message.key });
            this.#remove(message);
        } catch (error) {
            message.failed = !(error instanceof RequestError && error.code === "disconnected");
        }
        this.#changed();
    }

    /** @param {Outgoing} message */
    #remove(message) {
        this.#outgoing = this.#outgoing.filter((other) => other !== message);
    }
}

/** @returns {string} 32 hexadecimal digits; `crypto.randomUUID` exists only on secure origins. */
function randomKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
