// @ts-check
import { Peer } from "./peer.js";

/**
 * Largest layer first: Janus numbers them from the other end, so that 0 is the smallest.
 *
 * @type {RTCRtpEncodingParameters[]}
 */
const cameraLayers = [
    { rid: "h", maxBitrate: 900_000, scaleResolutionDownBy: 1 },
    { rid: "m", maxBitrate: 300_000, scaleResolutionDownBy: 2 },
    { rid: "l", maxBitrate: 100_000, scaleResolutionDownBy: 4 },
];

/** Text must stay sharp; it may arrive a little later. @type {RTCRtpEncodingParameters[]} */
const screenEncoding = [{ maxBitrate: 2_500_000 }];

/**
 * @typedef {import("../protocol/messages.js").MediaSource} MediaSource
 * @typedef {Record<MediaSource, MediaStreamTrack | null>} Tracks
 */

/**
 * The sending connection: always microphone, camera and screen, in this order, also while nothing is on. Tracks come
 * and go without a new offer.
 */
export class Publisher {
    #peer;
    #connection;
    /** @type {Record<MediaSource, RTCRtpSender>} */
    #senders;

    /**
     * @param {import("./peer.js").PeerContext} context
     * @param {Tracks} tracks What is on now.
     */
    constructor(context, tracks) {
        this.#connection = context.connection;
        this.#peer = new Peer(context);
        const { pc } = this.#peer;
        const microphone = pc.addTransceiver(tracks.microphone ?? "audio", { direction: "sendonly" });
        const camera = pc.addTransceiver(tracks.camera ?? "video", { direction: "sendonly", sendEncodings: cameraLayers });
        const screen = pc.addTransceiver(tracks.screen ?? "video", { direction: "sendonly", sendEncodings: screenEncoding });
        preferVP8(camera);
        preferVP8(screen);
        this.#senders = { microphone: microphone.sender, camera: camera.sender, screen: screen.sender };
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
     * Offers and waits for the answer.
     *
     * @throws {import("../protocol/requests.js").RequestError}
     */
    async start() {
        const { pc } = this.#peer;
        await pc.setLocalDescription(await pc.createOffer());
        const { sdp } = await this.#connection.request(
            "media.publish", { sdp: pc.localDescription?.sdp ?? "" }, 20_000);
        if (this.#peer.closed) return;
        await pc.setRemoteDescription({ type: "answer", sdp: sdp ?? "" });
        this.#peer.negotiated = true;
    }

    /**
     * @param {MediaSource} source
     * @param {MediaStreamTrack | null} track
     */
    async setTrack(source, track) {
        if (!this.#peer.closed) await this.#senders[source].replaceTrack(track);
    }

    close() {
        this.#peer.close();
    }

    /** @returns {Promise<RTCStatsReport>} */
    stats() {
        return this.#peer.pc.getStats();
    }
}

/**
 * Slots are of one codec for ever, so everybody sends the same one.
 *
 * @param {RTCRtpTransceiver} transceiver
 */
function preferVP8(transceiver) {
    const codecs = RTCRtpSender.getCapabilities("video")?.codecs;
    if (!codecs || !transceiver.setCodecPreferences) return;
    /** @param {{ mimeType: string }} codec */
    const isVP8 = ({ mimeType }) => mimeType.toLowerCase() === "video/vp8";
    transceiver.setCodecPreferences([...codecs.filter(isVP8), ...codecs.filter((codec) => !isVP8(codec))]);
}
