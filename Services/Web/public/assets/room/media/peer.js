// @ts-check

/**
 * What the publishing and the receiving connection have in common: knowing when it is up and when it is lost.
 *
 * The server learns our addresses from the checks that we send (it is ICE-lite), so candidates are not sent to it.
 */

/** Milliseconds until a connection must be up. */
const connectLimit = 25_000;
/** Milliseconds in which one that is interrupted while the socket works may recover. */
const recoveryLimit = 3000;

/**
 * @typedef {object} PeerContext
 * @property {import("../protocol/connection.js").Connection} connection
 * @property {import("../protocol/messages.js").ICEServer[]} iceServers
 * @property {() => void} lost The connection has failed and must be built anew.
 * @property {() => void} connected
 */

export class Peer {
    pc;
    /** Whether offer and answer have been exchanged, as far as is known here. */
    negotiated = false;
    #context;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #closed = false;
    #failed = false;

    /** @param {PeerContext} context */
    constructor(context) {
        this.#context = context;
        this.pc = new RTCPeerConnection({
            iceServers: context.iceServers, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require",
        });
        this.pc.onconnectionstatechange = () => this.#stateChanged();
        this.#timer = setTimeout(() => this.#lost(), connectLimit);
    }

    get closed() {
        return this.#closed;
    }

    /** Whether it works or is about to: then it outlives the socket. */
    get lasts() {
        return this.negotiated && !this.#closed && !this.#failed && this.pc.connectionState !== "failed";
    }

    /** It will be replaced: that it fails is not told any more. */
    giveUp() {
        this.#failed = true;
        clearTimeout(this.#timer);
        this.pc.onconnectionstatechange = null;
    }

    /** The socket works again. If this one is interrupted still, it has a short time to recover. */
    check() {
        if (this.#closed || this.pc.connectionState !== "disconnected") return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#lost(), recoveryLimit);
    }

    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        this.pc.onconnectionstatechange = this.pc.ontrack = null;
        this.pc.close();
    }

    #stateChanged() {
        switch (this.pc.connectionState) {
            case "connected":
                clearTimeout(this.#timer);
                this.#failed = false;
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
        this.#failed = true;
        if (!this.#closed) this.#context.lost();
    }
}
