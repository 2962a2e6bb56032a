// @ts-check

/** Milliseconds. */
const period = 500;
/** Audio level (0–1, as WebRTC measures it) above which somebody speaks. */
const threshold = 0.02;
/** Periods that a pause between words may last. */
const hold = 2;

/** Who speaks, with a short memory, so that rings do not flicker. */
export class SpeakingMemory {
    /** @type {Map<string, number>} */
    #remaining = new Map();

    /**
     * @param {Map<string, number>} levels Participant → level of this period.
     * @returns {Set<string>} Who speaks.
     */
    hear(levels) {
        for (const [participant, remaining] of this.#remaining) {
            if (remaining <= 1) this.#remaining.delete(participant);
            else this.#remaining.set(participant, remaining - 1);
        }
        for (const [participant, level] of levels) {
            if (level > threshold) this.#remaining.set(participant, hold + 1);
        }
        return new Set(this.#remaining.keys());
    }
}

/** Looks twice a second at who speaks. */
export class SpeakingWatch {
    #memory = new SpeakingMemory();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #timer;
    #busy = false;
    #levels;
    #changed;
    #before = "";

    /**
     * @param {() => Promise<Map<string, number>>} levels
     * @param {(speaking: Set<string>) => void} changed
     */
    constructor(levels, changed) {
        this.#levels = levels;
        this.#changed = changed;
    }

    start() {
        this.#timer ??= setInterval(() => void this.#look(), period);
    }

    stop() {
        clearInterval(this.#timer);
        this.#timer = undefined;
    }

    async #look() {
        if (this.#busy) return;
        this.#busy = true;
        try {
            const speaking = this.#memory.hear(await this.#levels());
            const now = [...speaking].sort().join();
            if (now !== this.#before && this.#timer !== undefined) this.#changed(speaking);
            this.#before = now;
        } catch {
            // The connection was closed while it was asked.
        } finally {
            this.#busy = false;
        }
    }
}
