// @ts-check

/**
 * What the publishing and the receiving connection have in common: candidates, and knowing when it is lost.
 */

/** Milliseconds until a connection must be up. */
const connectLimit = 25_000;

/**
 * @typedef {object} PeerContext
 * @property {import("../protocol/connection.js").Connection} connection
 * @property {import("../protocol/messages.js").ICEServer[]} iceServers
 * @property {() => void} lost The connection has failed and must be built anew.
 * @property {() => void} connected
 */

export class Peer {
    pc;
    #name;
    #context;
    /**
     * Kept until the description that they belong to was sent.
     *
     * @type {RTCIceCandidateInit[] | null}
     */
    #held = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #closed = false;

    /**
     * @param {"publish" | "subscribe"} name
     * @param {PeerContext} context
     */
    constructor(name, context) {
        this.#name = name;
        this.#context = context;
        this.pc = new RTCPeerConnection({
            iceServers: context.iceServers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require",
        });
        // An empty one is the end of them.
        this.pc.onicecandidate = ({ candidate }) => this.#candidate(candidate?.toJSON() ?? { candidate: "" });
        this.pc.onconnectionstatechange = () => this.#stateChanged();
        this.#timer = setTimeout(() => this.#lost(), connectLimit);
    }

    get closed() {
        return this.#closed;
    }

    get connected() {
        return !this.#closed && this.pc.connectionState === "connected";
    }

    /** The description is on its way: candidates may follow it. */
    releaseCandidates() {
        const held = this.#held ?? [];
        this.#held = null;
        for (const candidate of held) this.#send(candidate);
    }

    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        this.pc.onicecandidate = this.pc.onconnectionstatechange = this.pc.ontrack = null;
        this.pc.close();
    }

    /** @param {RTCIceCandidateInit} candidate */
    #candidate(candidate) {
        if (this.#held) this.#held.push(candidate);
        else this.#send(candidate);
    }

    /** @param {RTCIceCandidateInit} candidate */
    #send({ candidate, sdpMid, sdpMLineIndex }) {
        this.#context.connection.notify("media.candidate", {
            connection: this.#name, candidate, sdpMid: sdpMid ?? undefined, sdpMLineIndex: sdpMLineIndex ?? undefined,
        });
    }

    #stateChanged() {
        switch (this.pc.connectionState) {
            case "connected":
                clearTimeout(this.#timer);
                return this.#context.connected();
            case "failed":
                return this.#lost();
            case "disconnected":
                // The network may have changed: the socket notices it later than media does.
                return this.#context.connection.retryNow();
            default:
        }
    }

    #lost() {
        if (!this.#closed) this.#context.lost();
    }
}
