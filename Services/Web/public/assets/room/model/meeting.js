// @ts-check

/**
 * @typedef {import("../protocol/messages.js").Participant} Participant
 * @typedef {import("../protocol/messages.js").ParticipantState} ParticipantState
 * @typedef {import("../protocol/messages.js").ChatMessage} ChatMessage
 * @typedef {import("../protocol/messages.js").RoomEvent} RoomEvent
 * @typedef {import("../protocol/messages.js").Welcome} Welcome
 */

/**
 * Something changed: the people, the chat, or (with a snapshot) perhaps everything.
 */
export class MeetingEvent extends Event {
    /**
     * @param {"snapshot" | "joined" | "updated" | "left" | "chat" | "room" | "lobby"} what
     * @param {Participant | null} participant Who joined, changed or left.
     * @param {Participant | null} before What was known of the participant until now.
     * @param {ChatMessage | null} message
     */
    constructor(what, participant = null, before = null, message = null) {
        super("change");
        this.what = what;
        this.participant = participant;
        this.before = before;
        this.message = message;
    }
}

/** What everybody in the meeting knows: who is there, and what was said in the chat. */
export class Meeting extends EventTarget {
    /** @type {Map<string, Participant>} */
    #participants = new Map();
    /** @type {ChatMessage[]} */
    #chat = [];
    #id = "";
    /** Whether whoever comes has to knock. */
    locked = false;
    /** @type {import("../protocol/messages.js").Policy | undefined} */
    #policy;
    /** @type {import("../protocol/messages.js").LobbyPerson[]} */
    #lobby = [];
    self = "";
    roomName = "";
    seats = 0;

    /** In the order in which they came. */
    get participants() {
        return [...this.#participants.values()];
    }

    get chat() {
        return this.#chat;
    }

    get size() {
        return this.#participants.size;
    }

    /** Oneself, as the others see one. */
    get me() {
        return this.#participants.get(this.self) ?? null;
    }

    get isModerator() {
        return this.me?.role === "moderator";
    }

    get mayChat() {
        return this.isModerator || this.#policy?.options.chat !== "moderators";
    }

    get mayShareScreen() {
        return this.isModerator || this.#policy?.options.screenSharing !== "moderators";
    }

    /** Whether people come in with their microphones off. */
    get mutesOnJoining() {
        return this.#policy?.options.muteOnJoining === true;
    }

    /** Those who wait to be let in, for who may let them in. */
    get lobby() {
        return this.isModerator ? this.#lobby : [];
    }

    set lobby(people) {
        this.#lobby = people;
        this.dispatchEvent(new MeetingEvent("lobby"));
    }

    /** @param {string} id */
    participant(id) {
        return this.#participants.get(id) ?? null;
    }

    /** @param {Welcome} welcome */
    reset(welcome) {
        const continued = welcome.meeting === this.#id;
        this.#id = welcome.meeting;
        this.self = welcome.participant;
        this.roomName = welcome.room.name;
        this.seats = welcome.seats;
        this.locked = welcome.locked;
        this.#policy = welcome.policy;
        if (!welcome.resumed) this.#lobby = [];
        this.#participants = new Map(welcome.participants.map((participant) => [participant.id, participant]));
        this.#chat = continued ? united(this.#chat, welcome.chat) : welcome.chat;
        this.dispatchEvent(new MeetingEvent("snapshot"));
    }

    /** @param {RoomEvent} event */
    apply(event) {
        switch (event.type) {
            case "joined":
                return this.#joined(event.participants);
            case "updated":
                return this.#joined([event.participant]);
            case "left": {
                const participant = this.participant(event.id);
                this.#participants.delete(event.id);
                if (participant) this.dispatchEvent(new MeetingEvent("left", participant));
                break;
            }
            case "chat":
                this.#heard({ seq: event.seq, from: event.from, text: event.text, name: this.#nameOf(event.from), at: new Date().toISOString() });
                break;
            case "room":
                this.locked = event.locked;
                this.#policy = event.policy;
                this.dispatchEvent(new MeetingEvent("room"));
                break;
            default:
        }
    }

    /** @param {Participant[]} participants */
    #joined(participants) {
        const changes = participants.map((participant) => ({ participant, before: this.participant(participant.id) }));
        for (const participant of participants) this.#participants.set(participant.id, participant);
        for (const { participant, before } of changes) {
            this.dispatchEvent(new MeetingEvent(before ? "updated" : "joined", participant, before));
        }
    }

    /** @param {ChatMessage} message */
    #heard(message) {
        this.#chat = united(this.#chat, [message]);
        this.dispatchEvent(new MeetingEvent("chat", null, null, message));
    }

    /** @param {string} id */
    #nameOf(id) {
        return this.participant(id)?.name ?? this.#chat.filter(({ from }) => from === id).at(-1)?.name ?? "";
    }
}

/**
 * A snapshot holds the newest messages only; older ones that are known stay.
 *
 * @param {ChatMessage[]} known
 * @param {ChatMessage[]} messages
 */
function united(known, messages) {
    const keys = new Set(known.map(keyOf));
    return [...known, ...messages.filter((message) => !keys.has(keyOf(message)))];
}

/**
 * Numbers begin anew with another log, so they alone are not enough.
 *
 * @param {ChatMessage} message
 */
function keyOf({ seq, from, text }) {
    return `${seq} ${from} ${text}`;
}
