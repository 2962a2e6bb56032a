// @ts-check

/**
 * @typedef {object} LineOptions
 * @property {string} url
 * @property {{ new (url: string): WebSocket }} SocketClass
 * @property {() => Promise<object>} first What to say first. It may take time: a ticket has to be fetched.
 * @property {number} patience Milliseconds from the beginning to the first answer.
 * @property {(line: Line, message: any) => void} heard
 * @property {(line: Line, code: number) => void} lost The close code, or 1006 when there was no answer in time.
 * @property {(line: Line, error: unknown) => void} failed There is nothing to say first.
 */

/**
 * One socket, from its first message until it is lost or dropped. It says exactly once how it ended; when it is dropped
 * it says nothing any more.
 */
export class Line {
    #options;
    /** @type {WebSocket | null} */
    #socket = null;
    #dropped = false;
    #asked = false;
    #wasSilent = false;
    #lastHeard = Date.now();
    #timer;

    /** @param {LineOptions} options */
    constructor(options) {
        this.#options = options;
        this.#timer = setTimeout(() => this.#giveUp(), options.patience);
        void this.#open();
    }

    /** Whether the first message is on its way, so that the server may have acted on it. */
    get asked() {
        return this.#asked;
    }

    /** Whether it was lost because nobody said anything. */
    get wasSilent() {
        return this.#wasSilent;
    }

    get lastHeard() {
        return this.#lastHeard;
    }

    /**
     * The first message has its answer.
     *
     * @param {number} [patience] Milliseconds until there must be another one.
     */
    answered(patience) {
        clearTimeout(this.#timer);
        if (patience !== undefined) this.#timer = setTimeout(() => this.#giveUp(), patience);
    }

    /** @param {object} message */
    send(message) {
        this.#socket?.send(JSON.stringify(message));
    }

    /** Without waiting for the close event: on a dead network that takes minutes. */
    drop() {
        this.#dropped = true;
        clearTimeout(this.#timer);
        const socket = this.#socket;
        this.#socket = null;
        if (!socket) return;
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
    }

    async #open() {
        const { url, SocketClass, first } = this.#options;
        /** @type {object} */
        let message;
        try {
            message = await first();
        } catch (error) {
            if (this.#dropped) return;
            this.drop();
            return this.#options.failed(this, error);
        }
        if (this.#dropped) return;
        const socket = new SocketClass(url);
        this.#socket = socket;
        socket.onopen = () => {
            this.#asked = true;
            this.send(message);
        };
        socket.onmessage = (event) => this.#received(event.data);
        socket.onclose = (event) => this.#end(event.code);
    }

    /** @param {unknown} data */
    #received(data) {
        this.#lastHeard = Date.now();
        let message;
        try {
            message = JSON.parse(String(data));
        } catch {
            return;
        }
        this.#options.heard(this, message);
    }

    #giveUp() {
        this.#wasSilent = true;
        this.#end(1006);
    }

    /** @param {number} code */
    #end(code) {
        if (this.#dropped) return;
        this.drop();
        this.#options.lost(this, code);
    }
}
