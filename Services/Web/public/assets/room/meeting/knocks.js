// @ts-check
import { t } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";

/** Milliseconds in which moderators are told of knocking once at most. */
const pause = 10_000;

/**
 * Says that somebody wants to come in, for as long as it is true.
 *
 * @param {import("../model/meeting.js").Meeting} meeting
 * @param {{ open: () => void, isOpen: () => boolean, play: () => void, say?: typeof toast }} page `open`: shows who waits.
 * @param {AbortSignal} signal
 */
export function announceKnocks(meeting, { open, isOpen, play, say = toast }, signal) {
    /** @type {Set<string>} */
    let told = new Set();
    let toldAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** What is said on the page, and of whom. */
    let said = { people: /** @type {string[]} */ ([]), dismiss: () => {} };

    const takeBack = () => {
        said.dismiss();
        said = { people: [], dismiss: () => {} };
    };

    /** Whoever has answered one need not be told of that one any longer. */
    const changed = () => {
        const waiting = new Set(meeting.lobby.map(({ id }) => id));
        if (said.people.some((id) => !waiting.has(id))) takeBack();
        told = new Set([...told].filter((id) => waiting.has(id)));
        if (timer === undefined) look();
    };

    const look = () => {
        timer = undefined;
        const { lobby } = meeting;
        if (lobby.every(({ id }) => told.has(id))) return;
        if (Date.now() - toldAt < pause) {
            timer = setTimeout(look, pause - (Date.now() - toldAt));
            return;
        }
        told = new Set(lobby.map(({ id }) => id));
        toldAt = Date.now();
        takeBack();
        play();
        const [{ name } = { name: "" }] = lobby.slice(-1);
        const text = lobby.length === 1 ? t("lobby.knocks", { name }) : t("lobby.knocksMany", { count: lobby.length });
        said = { people: [...told], dismiss: say(text, isOpen() ? {} : { action: { label: t("lobby.show"), run: open } }) };
    };
    meeting.addEventListener("change", changed, { signal });
    signal.addEventListener("abort", () => {
        clearTimeout(timer);
        takeBack();
    }, { once: true });
    look();
}
