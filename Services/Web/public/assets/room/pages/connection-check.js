// @ts-check
import { h, icon, set, setText } from "../../lib/dom.js";
import { onLanguageChange, t } from "../../lib/i18n.js";

/**
 * How the way to the meeting is.
 *
 * @typedef {"checking" | "good" | "slow" | "blocked" | "away"} Quality
 */

/** Milliseconds of a round trip; from so many on people notice. */
const slow = 300;
/** Milliseconds until no answer is an answer. */
const patience = 6000;
const rounds = 3;

/**
 * Tries the two ways that a meeting needs, before somebody stands in it and is not heard: requests, and a socket, which some networks
 * do not let through.
 *
 * @param {string} room
 * @param {AbortSignal} signal Ends it.
 * @returns {HTMLElement}
 */
export function connectionCheck(room, signal) {
    const words = h("span", null);
    const element = h("p", { class: "connection", role: "status" }, icon("globe"), words);
    /** @type {Quality} */
    let quality = "checking";
    const show = () => {
        set(element, { "data-quality": quality });
        setText(words, t(`connection.${quality}`));
    };
    onLanguageChange(show, signal);
    show();
    void Promise.all([roundTrip(signal), opens(socketURL(room), signal)]).then(([trip, isOpen]) => {
        if (signal.aborted) return;
        quality = qualityOf(trip, isOpen);
        show();
    });
    return element;
}

/**
 * @param {number | null} trip Milliseconds; `null` when nothing came back.
 * @param {boolean} isOpen
 * @returns {Quality}
 */
export function qualityOf(trip, isOpen) {
    if (trip === null) return "away";
    if (!isOpen) return "blocked";
    return trip >= slow ? "slow" : "good";
}

/**
 * The quickest of some: the first one may have had to open the connection.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<number | null>}
 */
async function roundTrip(signal) {
    let best = Infinity;
    for (let round = 0; round < rounds; round += 1) {
        const controller = new AbortController();
        const end = () => controller.abort();
        const timer = setTimeout(end, patience);
        signal.addEventListener("abort", end, { once: true });
        const before = performance.now();
        try {
            await fetch("/assets/img/logo.svg", { method: "HEAD", cache: "no-store", signal: controller.signal });
            best = Math.min(best, performance.now() - before);
        } catch {
            if (signal.aborted) return null;
            // One that got lost says nothing yet.
        } finally {
            clearTimeout(timer);
        }
    }
    return best === Infinity ? null : best;
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
function opens(url, signal) {
    return new Promise((resolve) => {
        const socket = new WebSocket(url);
        const end = (/** @type {boolean} */ isOpen) => {
            clearTimeout(timer);
            socket.close();
            resolve(isOpen);
        };
        const timer = setTimeout(() => end(false), patience);
        socket.addEventListener("open", () => end(true));
        socket.addEventListener("error", () => end(false));
        signal.addEventListener("abort", () => end(false), { once: true });
    });
}

/** @param {string} room */
function socketURL(room) {
    const url = new URL(`/api/signaling/rooms/${encodeURIComponent(room)}/socket`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
}
