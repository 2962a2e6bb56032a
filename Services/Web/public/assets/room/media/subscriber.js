// @ts-check
import { Peer } from "./peer.js";

/**
 * @typedef {import("../protocol/messages.js").MediaSlot} MediaSlot
 * @typedef {import("../protocol/messages.js").MediaSource} MediaSource
 * @typedef {import("../protocol/messages.js").SlotContent} SlotContent
 * @typedef {import("./audio-outlets.js").AudioOutlets} AudioOutlets
 */

/**
 * The receiving connection: fixed slots, offered by the server. Who is in a slot changes without a new offer.
 */
export class Subscriber {
    #peer;
    #connection;
    #outlets;
    #changed;
    /** @type {Map<string, MediaSlot>} */
    #slots = new Map();
    /** @type {Map<string, MediaStream>} */
    #streams = new Map();
    /** @type {Map<string, SlotContent>} */
    #contents = new Map();

    /**
     * @param {import("./peer.js").PeerContext} context
     * @param {AudioOutlets} outlets
     * @param {() => void} changed Somebody is in another slot now.
     */
    constructor(context, outlets, changed) {
        this.#connection = context.connection;
        this.#outlets = outlets;
        this.#changed = changed;
        this.#peer = new Peer(context);
        this.#peer.pc.ontrack = ({ track, transceiver }) => this.#tracked(transceiver.mid, track);
    }

    get lasts() {
        return this.#peer.lasts;
    }

    check() {
        this.#peer.check();
    }

    giveUp() {
        this.#peer.giveUp();
    }

    /**
     * Answers the server's offer, also a later one for the same connection.
     *
     * @param {import("../protocol/messages.js").MediaOffer} offer
     * @throws {import("../protocol/requests.js").RequestError}
     */
    async answer({ sdp, slots }) {
        const { pc } = this.#peer;
        this.#peer.negotiated = false;
        this.#slots = new Map(slots.map((slot) => [slot.mid, slot]));
        await pc.setRemoteDescription({ type: "offer", sdp });
        await pc.setLocalDescription(await pc.createAnswer());
        await this.#connection.request("media.answer", { sdp: pc.localDescription?.sdp ?? "" }, 20_000);
        this.#peer.negotiated = true;
    }

    /** @param {SlotContent[]} contents Of the slots that changed. */
    place(contents) {
        for (const content of contents) {
            if (content.participant) this.#contents.set(content.mid, content);
            else this.#contents.delete(content.mid);
            this.#hear(content.mid);
        }
        this.#changed();
    }

    /**
     * @param {string} mid
     * @returns {SlotContent | undefined}
     */
    content(mid) {
        return this.#contents.get(mid);
    }

    /**
     * The picture of somebody, as far as it is in a slot.
     *
     * @param {string} participant
     * @param {MediaSource} source
     * @returns {MediaStream | null}
     */
    stream(participant, source) {
        for (const content of this.#contents.values()) {
            if (content.participant === participant && content.source === source) {
                return this.#streams.get(content.mid) ?? null;
            }
        }
        return null;
    }

    close() {
        this.#peer.close();
        this.#contents.clear();
        this.#streams.clear();
        this.#outlets.clear();
    }

    /** @returns {Promise<RTCStatsReport>} */
    stats() {
        return this.#peer.pc.getStats();
    }

    /**
     * @param {string | null} mid
     * @param {MediaStreamTrack} track
     */
    #tracked(mid, track) {
        if (mid === null) return;
        this.#streams.set(mid, new MediaStream([track]));
        this.#hear(mid);
        this.#changed();
    }

    /** @param {string} mid */
    #hear(mid) {
        const stream = this.#streams.get(mid);
        if (stream && this.#slots.get(mid)?.kind === "audio" && this.#contents.has(mid)) this.#outlets.play(mid, stream);
    }
}
