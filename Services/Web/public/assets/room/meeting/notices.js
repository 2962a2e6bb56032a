// @ts-check
import { t } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";

/**
 * @typedef {import("../model/meeting.js").Meeting} Meeting
 * @typedef {import("../model/meeting.js").MeetingEvent} MeetingEvent
 */

/** In larger meetings nobody wants to hear of each single person. */
const largeMeeting = 20;
/** Messages in passing that can be on the page at once, and more than that. */
const mostKept = 8;
/** Characters of a chat message that are shown. */
const excerpt = 80;

/**
 * Says in passing what the others do.
 *
 * @param {Meeting} meeting
 * @param {() => boolean} chatIsOpen
 * @param {() => void} openChat
 * @param {AbortSignal} signal
 * @returns {() => void} Takes back what was said of the chat: it is being read. The end of the meeting takes back everything.
 */
export function announce(meeting, chatIsOpen, openChat, signal) {
    /** @type {(() => void)[]} */
    let ofChat = [];
    /** @type {(() => void)[]} */
    let ofPeople = [];
    meeting.addEventListener("change", (event) => {
        const change = /** @type {MeetingEvent} */ (event);
        if (change.what === "chat" && change.message?.from !== meeting.self && !chatIsOpen()) ofChat.push(announceChat(change, openChat));
        else if (change.participant && change.participant.id !== meeting.self) {
            const text = personText(meeting, change);
            // Older ones have gone by themselves.
            if (text) ofPeople = [...ofPeople.slice(-mostKept), toast(text)];
        }
    }, { signal });
    const chatIsRead = () => {
        for (const dismiss of ofChat) dismiss();
        ofChat = [];
    };
    signal.addEventListener("abort", () => {
        chatIsRead();
        for (const dismiss of ofPeople) dismiss();
    }, { once: true });
    return chatIsRead;
}

/**
 * @param {Meeting} meeting
 * @param {MeetingEvent} change
 * @returns {string} Empty when there is nothing to say.
 */
function personText(meeting, { what, participant, before }) {
    const name = participant?.name ?? "";
    if (what === "joined" && meeting.size <= largeMeeting) return t("meet.entered", { name });
    if (what === "left" && meeting.size <= largeMeeting) return t("meet.hasLeft", { name });
    if (what !== "updated" || !participant || !before) return "";
    if (participant.state.handRaisedAt && !before.state.handRaisedAt) return t("meet.raisedHand", { name });
    if (participant.state.screen && !before.state.screen) return t("meet.sharesScreen", { name });
    return "";
}

/**
 * @param {MeetingEvent} change
 * @param {() => void} openChat
 */
function announceChat({ message }, openChat) {
    const { name = "", text = "" } = message ?? {};
    const short = text.length > excerpt ? `${text.slice(0, excerpt)} …` : text;
    return toast(t("chat.newFrom", { name, text: short }), { action: { label: t("chat.open"), run: openChat } });
}
