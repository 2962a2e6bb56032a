// @ts-check

/**
 * @typedef {{
 *   mid: string, kind: string, participant?: string, source?: string, framesDecoded: number, frameWidth: number,
 *   frameHeight: number, totalAudioEnergy: number, audioLevel: number, bytesReceived: number, packetsLost: number
 * }} ReceivedStats
 * @typedef {{
 *   framesSent: number, screenFramesSent: number, audioPacketsSent: number, bytesSent: number,
 *   layers: { rid: string, framesSent: number, frameWidth: number, active: boolean }[]
 * }} SentStats
 */

/** The `mid`s of the publishing connection: microphone, camera, screen. */
const [microphone, camera, screen] = ["0", "1", "2"];

/**
 * @param {RTCStatsReport | null} report
 * @returns {SentStats}
 */
export function sentStats(report) {
    /** @type {SentStats} */
    const sent = { framesSent: 0, screenFramesSent: 0, audioPacketsSent: 0, bytesSent: 0, layers: [] };
    report?.forEach((entry) => {
        if (entry.type !== "outbound-rtp") return;
        sent.bytesSent += entry.bytesSent ?? 0;
        if (entry.mid === microphone) sent.audioPacketsSent += entry.packetsSent ?? 0;
        if (entry.mid === screen) sent.screenFramesSent += entry.framesSent ?? 0;
        if (entry.mid === camera) {
            sent.framesSent += entry.framesSent ?? 0;
            sent.layers.push({
                rid: entry.rid ?? "", framesSent: entry.framesSent ?? 0, frameWidth: entry.frameWidth ?? 0,
                active: entry.active ?? true,
            });
        }
    });
    return sent;
}

/**
 * @param {RTCStatsReport | null} report
 * @param {(mid: string) => import("../protocol/messages.js").SlotContent | undefined} content
 * @returns {ReceivedStats[]}
 */
export function receivedStats(report, content) {
    /** @type {ReceivedStats[]} */
    const received = [];
    report?.forEach((entry) => {
        if (entry.type !== "inbound-rtp") return;
        const { participant, source } = content(entry.mid) ?? {};
        received.push({
            mid: entry.mid, kind: entry.kind, participant, source, framesDecoded: entry.framesDecoded ?? 0,
            frameWidth: entry.frameWidth ?? 0, frameHeight: entry.frameHeight ?? 0,
            totalAudioEnergy: entry.totalAudioEnergy ?? 0, audioLevel: entry.audioLevel ?? 0,
            bytesReceived: entry.bytesReceived ?? 0, packetsLost: entry.packetsLost ?? 0,
        });
    });
    return received;
}

/**
 * @param {ReceivedStats[]} received
 * @returns {Map<string, number>} How loud each participant is now.
 */
export function levelsOf(received) {
    /** @type {Map<string, number>} */
    const levels = new Map();
    for (const { kind, participant, audioLevel } of received) {
        if (kind === "audio" && participant) levels.set(participant, audioLevel);
    }
    return levels;
}
