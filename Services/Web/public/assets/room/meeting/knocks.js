// @ts-check
import { t } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";

/** Milliseconds in which moderators are told of knocking once at most. */
const pause = 10_000;

/**
 * Says that somebody wants to come in.
 *
 * @param {import("../model/meeting.js").Meeting} meeting
 * @param {{ open: () => void, isOpen: () => boolean, play: () => void }} page `open`: shows who waits.
 * @param {AbortSignal} signal
 */
export function announceKnocks(meeting, { open, isOpen, play }, signal) {
    /** @type {Set<string>} */
    let told = new Set();
    let toldAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let dismiss = () => {};

    const look = () => {
        timer = undefined;
        const { lobby } = meeting;
        if (lobby.length === 0) dismiss();
        const isNew = lobby.some(({ id }) => !told.has(id));
        if (isNew && Date.now() - toldAt < pause) {
            timer = setTimeout(look, pause - (Date.now() - toldAt));
            return;
        }
        told = new Set(lobby.map(({ id }) => id));
        if (!isNew) return;
        toldAt = Date.now();
        dismiss();
        play();
        const [{ name } = { name: "" }] = lobby.slice(-1);
        const text = lobby.length === 1 ? t("lobby.knocks", { name }) : t("lobby.knocksMany", { count: lobby.length });
        dismiss = toast(text, isOpen() ? {} : { action: { label: t("lobby.show"), run: open } });
    };
    meeting.addEventListener("change", () => {
        if (timer === undefined) look();
    }, { signal });
    signal.addEventListener("abort", () => {
        clearTimeout(timer);
        dismiss();
    }, { once: true });
    look();
}
