// @ts-check
import { t } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";

/**
 * @typedef {import("../model/meeting.js").Meeting} Meeting
 * @typedef {import("../model/meeting.js").MeetingEvent} MeetingEvent
 */

/** In larger meetings nobody wants to hear of each single person. */
const largeMeeting = 20;
/** Characters of a chat message that are shown. */
const excerpt = 80;

/**
 * Says in passing what the others do.
 *
 * @param {Meeting} meeting
 * @param {() => boolean} chatIsOpen
 * @param {() => void} openChat
 * @param {AbortSignal} signal
 */
export function announce(meeting, chatIsOpen, openChat, signal) {
    meeting.addEventListener("change", (event) => {
        const change = /** @type {MeetingEvent} */ (event);
        if (change.what === "chat") announceChat(meeting, change, chatIsOpen, openChat);
        else if (change.participant && change.participant.id !== meeting.self) announcePerson(meeting, change);
    }, { signal });
}

/**
 * @param {Meeting} meeting
 * @param {MeetingEvent} change
 */
function announcePerson(meeting, { what, participant, before }) {
    const name = participant?.name ?? "";
    if (what === "joined" && meeting.size <= largeMeeting) toast(t("meet.entered", { name }));
    if (what === "left" && meeting.size <= largeMeeting) toast(t("meet.hasLeft", { name }));
    if (what !== "updated" || !participant || !before) return;
    if (participant.state.handRaisedAt && !before.state.handRaisedAt) toast(t("meet.raisedHand", { name }));
    if (participant.state.screen && !before.state.screen) toast(t("meet.sharesScreen", { name }));
}

/**
 * @param {Meeting} meeting
 * @param {MeetingEvent} change
 * @param {() => boolean} chatIsOpen
 * @param {() => void} openChat
 */
function announceChat(meeting, { message }, chatIsOpen, openChat) {
    if (!message || message.from === meeting.self || chatIsOpen()) return;
    const text = message.text.length > excerpt ? `${message.text.slice(0, excerpt)} …` : message.text;
    toast(t("chat.newFrom", { name: message.name, text }), { action: { label: t("meet.chat"), run: openChat } });
}
