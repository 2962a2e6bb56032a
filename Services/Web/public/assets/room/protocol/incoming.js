// @ts-check

/**
 * @typedef {import("./messages.js").Participant} Participant
 * @typedef {import("./messages.js").SentParticipant} SentParticipant
 * @typedef {import("./messages.js").RoomEvent} RoomEvent
 */

/**
 * The wire leaves out what is usual.
 *
 * @param {SentParticipant} sent
 * @returns {Participant}
 */
function whole(sent) {
    return {
        role: "participant", guest: true, connected: true, publishing: false, publication: 0, ...sent,
        state: { microphone: false, camera: false, screen: false, ...sent.state },
    };
}

/**
 * @param {any} message
 * @returns {import("./messages.js").Welcome}
 */
export function wholeWelcome(message) {
    return { chat: [], resumed: false, locked: false, ...message, participants: message.participants.map(whole) };
}

/**
 * An event of a type that this page does not know stays as it is.
 *
 * @param {any} message
 * @returns {RoomEvent}
 */
export function wholeEvent(message) {
    if (message.type === "joined") return { ...message, participants: message.participants.map(whole) };
    if (message.type === "updated") return { ...message, participant: whole(message.participant) };
    return message;
}

/**
 * Newcomers are told of together: n of them are n events of the log.
 *
 * @param {RoomEvent} event
 * @returns {number} How many numbers it covers, `event.seq` being the last of them.
 */
export function length(event) {
    return event.type === "joined" ? event.participants.length : 1;
}

/**
 * What of it is not known yet.
 *
 * @param {RoomEvent} event
 * @param {number} count How many of its numbers are new.
 * @returns {RoomEvent}
 */
export function newest(event, count) {
    return event.type === "joined" ? { ...event, participants: event.participants.slice(-count) } : event;
}
