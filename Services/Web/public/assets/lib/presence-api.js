// @ts-check
// The part of the HTTP API that is about presence for telephone systems, for an organization's administrators.

/** @typedef {import("./account-api.js").Send} Send */
/** @typedef {import("./wire-presence.js").ReadTokenItem} ReadTokenItem */
/** @typedef {import("./wire-presence.js").WebhookItem} WebhookItem */

const tokensPath = "/api/presence/read-tokens";
const webhooksPath = "/api/presence/webhooks";

/** @param {Send} send */
export function telephoneApi(send) {
    return {
        /**
         * The oldest first.
         * @param {AbortSignal} [signal]
         * @returns {Promise<ReadTokenItem[]>}
         */
        tokens: async (signal) => (await send(tokensPath, { signal })).items,
        /**
         * The answer is the only one with the token itself.
         * @param {string} name
         * @returns {Promise<import("./wire-presence.js").CreatedReadToken>}
         */
        createToken: (name) => send(tokensPath, { method: "POST", body: { name } }),
        /**
         * @param {string} id
         * @returns {Promise<void>}
         */
        deleteToken: (id) => send(`${tokensPath}/${encodeURIComponent(id)}`, { method: "DELETE" }),

        /**
         * The oldest first.
         * @param {AbortSignal} [signal]
         * @returns {Promise<WebhookItem[]>}
         */
        webhooks: async (signal) => (await send(webhooksPath, { signal })).items,
        /**
         * One page of the messages that were given up, the newest first.
         * @param {string} webhook
         * @param {string | undefined} cursor
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire-presence.js").DeadLetterList>}
         */
        deadLetters: (webhook, cursor, signal) =>
            send(`${lettersPath(webhook)}?limit=50${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`, { signal }),
        /**
         * @param {string} webhook
         * @param {string} letter
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire-presence.js").DeadLetter>}
         */
        deadLetter: (webhook, letter, signal) => send(`${lettersPath(webhook)}/${encodeURIComponent(letter)}`, { signal }),
        /**
         * It waits again.
         * @param {string} webhook
         * @param {string} letter
         * @returns {Promise<void>}
         */
        resend: (webhook, letter) => send(`${lettersPath(webhook)}/${encodeURIComponent(letter)}/retry`, { method: "POST", body: {} }),
        /**
         * All of them.
         * @param {string} webhook
         * @returns {Promise<number>} how many wait again
         */
        resendAll: async (webhook) => (await send(`${lettersPath(webhook)}/retry`, { method: "POST", body: {} })).letters,
    };
}

/** @param {string} webhook */
function lettersPath(webhook) {
    return `${webhooksPath}/${encodeURIComponent(webhook)}/dead-letters`;
}
