// @ts-check
import { setSink } from "./audio-outlets.js";

/** @type {AudioContext | null} */
let shared = null;

/** Browsers allow only a few, so there is one for the page. */
function context() {
    shared ??= new AudioContext();
    if (shared.state === "suspended") void shared.resume().catch(() => {});
    return shared;
}

/** Decibels below full scale that count as silence, and as the end of the scale. */
const quiet = -60;
const loud = -10;

/** How loud a track is. */
export class LevelMeter {
    #analyser;
    #source;
    #samples;

    /** @param {MediaStreamTrack} track A clone is better: the level of a muted track is zero. */
    constructor(track) {
        const audio = context();
        this.#analyser = audio.createAnalyser();
        this.#analyser.fftSize = 1024;
        this.#samples = new Float32Array(this.#analyser.fftSize);
        this.#source = audio.createMediaStreamSource(new MediaStream([track]));
        this.#source.connect(this.#analyser);
    }

    /** The mean amplitude now, 0–1. */
    get amplitude() {
        this.#analyser.getFloatTimeDomainData(this.#samples);
        const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
        return Math.sqrt(power);
    }

    /** What people see as loudness, 0–1. */
    get loudness() {
        const decibels = 20 * Math.log10(Math.max(this.amplitude, 1e-6));
        return Math.min(1, Math.max(0, (decibels - quiet) / (loud - quiet)));
    }

    close() {
        this.#source.disconnect();
    }
}

/** A short rising chord: frequency in hertz, start in seconds. */
const chime = [[523.25, 0], [659.25, 0.18], [783.99, 0.36]];
/** Two short knocks. */
const knock = [[196, 0], [196, 0.16]];

/**
 * Plays the test tone at a speaker, and is done when it has faded.
 *
 * @param {string} speaker Empty: the default one.
 */
export function playTestTone(speaker) {
    return play(chime, { speaker, loudness: 0.22, length: 0.9 });
}

/**
 * Somebody wants to come in.
 *
 * @param {string} speaker Empty: the default one.
 */
export function playKnock(speaker) {
    return play(knock, { speaker, loudness: 0.3, length: 0.12 });
}

/**
 * @param {number[][]} notes
 * @param {{ speaker: string, loudness: number, length: number }} how `length`: seconds until a tone has faded.
 */
async function play(notes, { speaker, loudness, length }) {
    const audio = context();
    const output = audio.createMediaStreamDestination();
    for (const [frequency = 0, start = 0] of notes) {
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        const begin = audio.currentTime + 0.05 + start;
        tone.frequency.value = frequency;
        volume.gain.setValueAtTime(0, begin);
        volume.gain.linearRampToValueAtTime(loudness, begin + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.001, begin + length);
        tone.connect(volume).connect(output);
        tone.start(begin);
        tone.stop(begin + length + 0.1);
    }
    const element = new Audio();
    element.srcObject = output.stream;
    await setSink(element, speaker);
    await element.play();
    const last = Math.max(...notes.map(([, start = 0]) => start));
    await new Promise((resolve) => setTimeout(resolve, (last + length + 0.15) * 1000));
    element.srcObject = null;
}
