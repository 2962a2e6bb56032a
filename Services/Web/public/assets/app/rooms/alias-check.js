// @ts-check
// Whether an alias can be had, asked while somebody types. Without elements.
import { ApiError } from "../../lib/api.js";
import { isAlias } from "../../lib/links.js";

/** Somebody who types does not ask with every letter. */
const debounceMilliseconds = 350;

/** @typedef {import("../../lib/wire.js").FieldReason} FieldReason */

/**
 * @param {object} options
 * @param {string} options.own the alias that the room had when the form was opened; empty for a new one
 * @param {(alias: string, signal: AbortSignal) => Promise<import("../../lib/wire-directory.js").AliasCheck>} options.look asks the server
 * @param {(state: "checking" | "free" | null, reason?: FieldReason) => void} options.show with a reason: it can't be had
 */
export function aliasCheck({ own, look, show }) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let controller = new AbortController();
    /** @type {FieldReason | null} */
    let refusal = null;

    /**
     * @param {string} alias
     * @param {AbortSignal} signal
     */
    async function ask(alias, signal) {
        if (!isAlias(alias)) return show(null, "bad_format");
        show("checking");
        try {
            const answer = await look(alias, signal);
            if (signal.aborted) return;
            refusal = answer.available ? null : answer.reason ?? "taken";
            if (refusal) show(null, refusal);
            else show("free");
        } catch (error) {
            if (signal.aborted) return;
            // The server says it again when the room is saved; a failed look-up is not the person's mistake.
            if (error instanceof ApiError && error.code === "validation_failed") show(null, "bad_format");
            else show(null);
        }
    }

    function stop() {
        clearTimeout(timer);
        controller.abort();
    }

    return {
        /** Why the server refused what was looked for last. */
        get refusal() {
            return refusal;
        },
        /** @param {string} alias what stands in the field now */
        start(alias) {
            stop();
            controller = new AbortController();
            refusal = null;
            show(null);
            if (alias !== "" && alias !== own) timer = setTimeout(ask, debounceMilliseconds, alias, controller.signal);
        },
        stop,
    };
}
