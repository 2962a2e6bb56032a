// @ts-check
// What every form about an account has in common: it is sent once at a time, says what went wrong, and waits when that was too often.
import { ApiError } from "../../lib/api.js";
import { countDown } from "../../lib/countdown.js";
import { h, hidden, mount, setText } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { durationText } from "../../lib/time.js";

/** @typedef {import("../../lib/dom.js").Child} Child */

/** Longer waits are not counted down: nobody watches for hours. */
const longestCountdown = 15 * 60;

export class BusyForm {
    /** Where messages are shown. */
    message = h("div", { class: "form-message" });
    #said = hidden();
    #stop = () => {};
    #waits = false;
    #sending = false;
    #buttons;

    /** @param {HTMLButtonElement[]} buttons each of them sends something */
    constructor(...buttons) {
        this.#buttons = buttons;
        this.#said.setAttribute("role", "status");
    }

    /** Belongs into the form, once. It is there before its text: else that is often not read out. */
    get liveRegion() {
        return this.#said;
    }

    /** Whether nothing can be sent now. */
    get isBusy() {
        return this.#sending || this.#waits;
    }

    /**
     * Sends something; the buttons show that. What goes wrong is shown, unless `otherwise` has dealt with it.
     * @template Result
     * @param {() => Promise<Result>} work
     * @param {(error: unknown) => boolean | void} [otherwise]
     * @returns {Promise<Result | undefined>}
     */
    async send(work, otherwise) {
        if (this.isBusy) return undefined;
        this.clear();
        this.#sending = true;
        this.#mark("aria-busy", true);
        try {
            return await work();
        } catch (error) {
            if (!otherwise?.(error)) this.fail(error);
            return undefined;
        } finally {
            this.#sending = false;
            this.#mark("aria-busy", false);
        }
    }

    clear() {
        if (!this.#waits) mount(this.message);
    }

    /** @param {unknown} error */
    fail(error) {
        const seconds = error instanceof ApiError && error.code === "too_many_requests" ? error.retryAfter ?? 0 : 0;
        if (seconds > 0) this.wait(seconds);
        else this.say("error", () => errorText(error));
    }

    /**
     * @param {"info" | "warning" | "error" | "success"} kind
     * @param {...Child} children
     */
    say(kind, ...children) {
        mount(this.message, notice(kind, ...children));
        this.message.scrollIntoView?.({ block: "nearest" });
    }

    /**
     * Nothing can be sent for so long. The seconds are seen; read out is only the beginning and the end.
     * @param {number} seconds
     */
    wait(seconds) {
        this.#stop();
        this.#waits = true;
        this.#mark("aria-disabled", true);
        const shown = h("strong", { class: "countdown" });
        this.say("warning", tr("error.too_many_requests"), " ", shown);
        setText(this.#said, tr("wait.said", { duration: durationText(seconds) }));
        if (seconds > longestCountdown) setText(shown, () => t("error.retryAfter", { duration: durationText(seconds) }));
        this.#stop = countDown(seconds, {
            tick: (left) => {
                if (left <= longestCountdown) setText(shown, () => t("wait.left", { time: clock(left) }));
            },
            done: () => this.#endWait(),
        });
    }

    /** The form is not shown any more. */
    stop() {
        this.#stop();
        this.#waits = false;
        this.#mark("aria-disabled", false);
        mount(this.message);
    }

    #endWait() {
        this.#waits = false;
        this.#mark("aria-disabled", false);
        this.say("info", tr("wait.over"));
        setText(this.#said, tr("wait.over"));
    }

    /**
     * A disabled button would lose the focus.
     * @param {"aria-busy" | "aria-disabled"} name
     * @param {boolean} on
     */
    #mark(name, on) {
        for (const button of this.#buttons) {
            if (on) button.setAttribute(name, "true");
            else button.removeAttribute(name);
        }
    }
}

/**
 * "12 s", "3:05 min"
 * @param {number} seconds
 */
function clock(seconds) {
    if (seconds < 60) return `${seconds} s`;
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}
