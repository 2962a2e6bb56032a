// @ts-check
import { h, icon, mount, set, setText } from "../../lib/dom.js";
import { notice } from "../../lib/fields.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { startText } from "../../lib/occurrence.js";
import { pollWhileVisible } from "../../lib/page.js";

/** @typedef {import("../../lib/wire-directory.js").EntryGrant} EntryGrant */

/** Milliseconds between two looks at the room. */
const period = 15_000;

/**
 * What changes while one stands at the door: how many are inside, when the next appointment is, and what awaits one behind it.
 *
 * @param {{ grant: EntryGrant, refresh: () => Promise<EntryGrant>, signal: AbortSignal }} options
 */
export function atTheDoor({ grant, refresh, signal }) {
    let now = grant;
    const words = h("span", null);
    const seats = h("span", { class: "badge" }, icon("people"), words);
    const start = h("span", null);
    const appointment = h("span", { class: "badge badge-accent" }, icon("calendar"), start);
    const full = h("div", { class: "join-full", role: "status" });
    const hint = h("div", { class: "join-hint", role: "status" });
    let hinted = "";

    const show = () => {
        const { occupancy, nextAppointment } = now;
        const isFull = occupancy !== undefined && occupancy >= now.seats;
        set(seats, { class: ["badge", isFull && "badge-warning"], hidden: occupancy === undefined });
        setText(words, occupancy ? t("join.inside", { count: occupancy, seats: now.seats }) : t("join.nobody"));
        if (isFull !== full.hasChildNodes()) mount(full, isFull && notice("warning", h("p", null, tr("join.full"))));
        appointment.hidden = !nextAppointment;
        setText(start, nextAppointment ? startLine(nextAppointment) : "");
        const hints = entryHints(now);
        // What has not changed is not read out again.
        if (hints.join() === hinted) return;
        hinted = hints.join();
        mount(hint, hints.length > 0 && notice("info", ...hints.map((key) => h("p", null, tr(key)))));
    };

    let isFirst = true;
    pollWhileVisible(async () => {
        // The page has just been told.
        if (isFirst) {
            isFirst = false;
            return;
        }
        try {
            now = await refresh();
            show();
        } catch {
            // The next round tries again, and who enters reads what is wrong.
        }
    }, period, signal);
    onLanguageChange(show, signal);
    show();
    return { badges: [appointment, seats], notices: [hint, full] };
}

/**
 * What is said of the next appointment: also when it has begun.
 *
 * @param {import("../../lib/wire-directory.js").Occurrence} next
 */
function startLine(next) {
    return Date.parse(next.start) <= Date.now() ? t("join.running", { when: startText(next) }) : t("join.starts", { when: startText(next) });
}

/**
 * The texts about what awaits somebody behind the door.
 *
 * @param {Pick<EntryGrant, "admission" | "room">} grant
 */
export function entryHints({ admission, room }) {
    return [
        ...(admission && admission !== "direct" ? [`join.admission.${admission}`] : []),
        ...(room.options.muteOnJoining ? ["join.muted"] : []),
    ];
}
