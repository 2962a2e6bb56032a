// @ts-check

/**
 * Where the sound of others comes out: one hidden element for each audio slot that has ever been used. They are never
 * muted, because Chromium measures the level only of what plays.
 */
export class AudioOutlets {
    /** @type {Map<string, HTMLAudioElement>} */
    #elements = new Map();
    /** @type {Set<HTMLAudioElement>} */
    #refused = new Set();
    #speaker = "";
    #host;
    #blockedChanged;

    /**
     * @param {HTMLElement} host Holds the elements.
     * @param {(blocked: boolean) => void} blockedChanged The browser wants a click before it plays.
     */
    constructor(host, blockedChanged) {
        this.#host = host;
        this.#blockedChanged = blockedChanged;
    }

    /**
     * @param {string} mid
     * @param {MediaStream} stream
     */
    play(mid, stream) {
        const element = this.#elements.get(mid) ?? this.#create(mid);
        if (element.srcObject !== stream) element.srcObject = stream;
        void this.#start(element);
    }

    /** After a click. */
    async retry() {
        await Promise.all([...this.#elements.values()].map((element) => this.#start(element)));
    }

    /** @param {string} device Empty: the default one. */
    async setSpeaker(device) {
        this.#speaker = device;
        await Promise.all([...this.#elements.values()].map((element) => setSink(element, device)));
    }

    clear() {
        for (const element of this.#elements.values()) {
            element.srcObject = null;
            element.remove();
        }
        this.#elements.clear();
        this.#refused.clear();
        this.#blockedChanged(false);
    }

    /** @param {string} mid */
    #create(mid) {
        const element = document.createElement("audio");
        element.autoplay = true;
        element.hidden = true;
        this.#elements.set(mid, element);
        this.#host.append(element);
        if (this.#speaker) void setSink(element, this.#speaker);
        return element;
    }

    /** @param {HTMLAudioElement} element */
    async #start(element) {
        try {
            await element.play();
            this.#refused.delete(element);
        } catch (error) {
            if (error instanceof DOMException && error.name === "NotAllowedError") this.#refused.add(element);
        }
        this.#blockedChanged(this.#refused.size > 0);
    }
}

/** Whether this browser can choose where sound comes out. */
export const canChooseSpeaker = "setSinkId" in globalThis.HTMLMediaElement?.prototype;

/**
 * @param {HTMLMediaElement} element
 * @param {string} device Empty: the default one.
 */
export async function setSink(element, device) {
    if (!canChooseSpeaker) return;
    try {
        await /** @type {any} */ (element).setSinkId(device);
    } catch {
        // The device was unplugged: sound goes on at the default one.
    }
}
