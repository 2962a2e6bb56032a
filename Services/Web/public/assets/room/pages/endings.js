// @ts-check
import { ApiError } from "../../lib/api.js";
import { codeText, errorText } from "../../lib/errors.js";
import { t, tr } from "../../lib/i18n.js";
import { messagePage } from "./message-page.js";

/**
 * @typedef {import("../protocol/connection.js").Ending} Ending
 * @typedef {import("../protocol/messages.js").EndReason} EndReason
 * @typedef {{ seats: number, rejoin: () => void, tryAgain: () => void }} EndingActions
 */

const home = { label: tr("common.toStart"), href: "/" };

/**
 * Why the entrance is closed.
 *
 * @param {unknown} error
 * @param {() => void} tryAgain
 * @param {() => void} [enterAsGuest] For somebody whose account can't be reached.
 * @returns {HTMLElement}
 */
export function errorPage(error, tryAgain, enterAsGuest) {
    const code = error instanceof ApiError ? error.code : "";
    if (code === "room_not_found" || code === "not_found") {
        return messagePage({ mark: "search", title: tr("message.notFound"), text: tr("error.room_not_found"), actions: [home] });
    }
    if (code === "room_expired") {
        const text = () => `${t("error.room_expired")} ${t("message.expiredHint")}`;
        return messagePage({ mark: "calendar", title: tr("message.expired"), text, actions: [home] });
    }
    if (code === "banned") return messagePage({ mark: "ban", title: tr("message.banned"), text: tr("message.bannedText"), actions: [home] });
    const again = { label: tr("common.tryAgain"), primary: true, run: tryAgain };
    if (code === "limit_reached") {
        return messagePage({ mark: "people", title: tr("message.limit"), text: tr("message.limitText"), actions: [again, home] });
    }
    const asGuest = code === "identity_unavailable" && enterAsGuest ? { label: tr("join.asGuest"), run: enterAsGuest } : null;
    return messagePage({
        mark: "warning", title: tr("message.failed"), text: () => errorText(error), actions: [again, asGuest ?? home],
    });
}

/**
 * The meeting is over for this person, or never began.
 *
 * @param {Exclude<Ending, { kind: "failed" }>} ending
 * @param {EndingActions} actions
 * @returns {HTMLElement}
 */
export function endingPage(ending, actions) {
    return ending.kind === "ended" ? endedPage(ending.reason, actions) : refusedPage(ending, actions);
}

/**
 * @param {{ code: string, retryAfter?: number }} refusal
 * @param {EndingActions} actions
 */
function refusedPage({ code, retryAfter }, { seats, tryAgain }) {
    const again = { label: tr("common.tryAgain"), primary: true, run: tryAgain };
    if (code === "room_full") {
        return messagePage({ mark: "people", title: tr("message.full"), text: tr("message.fullText", { seats }), actions: [again, home] });
    }
    if (code === "lobby_full") {
        return messagePage({ mark: "people", title: tr("message.lobbyFull"), text: tr("message.lobbyFullText"), actions: [again, home] });
    }
    if (code === "admission_denied") {
        return messagePage({ mark: "user", title: tr("message.denied"), text: tr("message.deniedText"), actions: [again, home] });
    }
    if (code === "room_locked") {
        return messagePage({ mark: "lock", title: tr("message.locked"), text: tr("error.room_locked"), actions: [again, home] });
    }
    return messagePage({
        mark: "warning", title: tr("message.failed"), text: () => codeText(code, retryAfter), actions: [again, home],
    });
}

/**
 * @param {EndReason} reason
 * @param {EndingActions} actions
 */
function endedPage(reason, { rejoin }) {
    const again = { label: tr("message.rejoin"), primary: true, run: rejoin };
    switch (reason) {
        case "left":
            return messagePage({ mark: "leave", title: tr("message.left"), text: tr("message.leftText"), actions: [again, home] });
        case "superseded":
            return messagePage({
                mark: "copy", title: tr("message.superseded"), text: tr("message.supersededText"),
                actions: [{ ...again, label: tr("message.useHere") }, home],
            });
        case "removed":
            return messagePage({ mark: "user", title: tr("message.removed"), text: tr("message.removedText"), actions: [home] });
        case "signed_out":
            return messagePage({
                mark: "sign-out", title: tr("message.signedOut"), text: tr("message.signedOutText"),
                actions: [{ label: tr("start.title"), primary: true, href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, home],
            });
        case "room_deleted":
            return messagePage({ mark: "trash", title: tr("message.ended"), text: tr("message.roomDeleted"), actions: [home] });
        default:
            return messagePage({ mark: "leave", title: tr("message.ended"), text: tr("message.endedText"), actions: [again, home] });
    }
}
