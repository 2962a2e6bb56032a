/** The server's end of a socket, in the hands of a test. */
export class FakeSocket {
    /** @type {FakeSocket[]} */
    static all = [];

    static get last() {
        return FakeSocket.all.at(-1);
    }

    sent = [];
    closed = false;
    onopen = null;
    onmessage = null;
    onclose = null;

    constructor(url) {
        this.url = url;
        FakeSocket.all.push(this);
    }

    send(text) {
        this.sent.push(JSON.parse(text));
    }

    close() {
        this.closed = true;
    }

    open() {
        this.onopen?.({});
        return this;
    }

    say(message) {
        this.onmessage?.({ data: JSON.stringify(message) });
        return this;
    }

    drop(code) {
        this.onclose?.({ code });
    }
}

/** @param {object} [changes] */
export function welcome(changes = {}) {
    return {
        type: "welcome", participant: "p1", room: { id: "r", name: "Room", alias: "room" }, meeting: "m",
        participants: [], chat: [], seats: 50, iceServers: [], resumeToken: "secret", epoch: "e1", seq: 7, resumed: false,
        ...changes,
    };
}

/** @param {object} [changes] */
export function resumed(changes = {}) {
    return { type: "resumed", resumeToken: "secret-2", iceServers: [], seq: 7, ...changes };
}

/** Lets promises and timers of zero length run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
