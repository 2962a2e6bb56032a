// @ts-check
import { LevelMeter } from "./sound.js";

/** Mean amplitude from which on one speaks. */
const speech = 0.03;
/** Periods in a row that are speech and not a cough. */
const insistence = 4;
/** Milliseconds between two hints. */
const hintPause = 60_000;

/**
 * How loud one is oneself. It listens to a copy of the microphone's track, so that it also notices somebody who
 * talks while being muted.
 */
export class OwnLevel {
    #local;
    #talkingWhileMuted;
    /** @type {MediaStreamTrack | null} */
    #original = null;
    /** @type {MediaStreamTrack | null} */
    #copy = null;
    /** @type {LevelMeter | null} */
    #meter = null;
    #loudPeriods = 0;
    #hinted = -Infinity;

    /**
     * @param {import("./local-media.js").LocalMedia} local
     * @param {() => void} talkingWhileMuted
     */
    constructor(local, talkingWhileMuted) {
        this.#local = local;
        this.#talkingWhileMuted = talkingWhileMuted;
    }

    /** The level that others hear, 0–1. To be asked once each period. */
    measure() {
        const track = this.#local.track("microphone");
        if (track !== this.#original) this.#listen(track);
        const amplitude = this.#meter?.amplitude ?? 0;
        if (this.#local.isOn("microphone")) {
            this.#loudPeriods = 0;
            return amplitude > speech ? 1 : 0;
        }
        this.#loudPeriods = amplitude > speech ? this.#loudPeriods + 1 : 0;
        if (this.#loudPeriods >= insistence && performance.now() - this.#hinted > hintPause) {
            this.#hinted = performance.now();
            this.#talkingWhileMuted();
        }
        return 0;
    }

    close() {
        this.#listen(null);
    }

    /** @param {MediaStreamTrack | null} track */
    #listen(track) {
        this.#meter?.close();
        this.#copy?.stop();
        this.#original = track;
        this.#copy = track?.clone() ?? null;
        if (this.#copy) this.#copy.enabled = true;
        this.#meter = this.#copy ? new LevelMeter(this.#copy) : null;
    }
}
