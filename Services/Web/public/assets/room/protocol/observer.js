// @ts-check
/**
 * What a connection is given and what it tells. Types only.
 *
 * @typedef {{ kind: "refused", code: string, message: string, retryAfter?: number }
 *   | { kind: "ended", reason: import("./messages.js").EndReason }
 *   | { kind: "failed", error: unknown }} Ending Why the connection will not come back by itself.
 *
 * @typedef {"idle" | "connecting" | "waiting" | "open" | "reconnecting" | "closed"} ConnectionState
 *
 * @typedef {object} Observer
 * @property {(state: ConnectionState) => void} stateChanged
 * @property {(waiting: import("./messages.js").Waiting) => void} waiting There is no seat yet; again with each change.
 * @property {(welcome: import("./messages.js").Welcome) => void} welcomed Replaces all that is known.
 * @property {(resumed: import("./messages.js").Resumed) => void} resumed All that is known stays; what was missed follows.
 * @property {(event: import("./messages.js").RoomEvent) => void} happened Each event once, in order.
 * @property {(message: import("./messages.js").MediaMessage) => void} media
 * @property {(people: import("./messages.js").LobbyPerson[]) => void} [lobby] All who wait to be let in; for moderators.
 * @property {(ending: Ending) => void} ended
 *
 * @typedef {object} ConnectionOptions
 * @property {string} url
 * @property {Observer} observer
 * @property {import("./entering.js").Hello | null} hello Null when only the seat of before can be taken up again.
 * @property {string | null} [resumeToken]
 * @property {import("./entering.js").Pass | null} [pass] With which this tab waited before it was reloaded.
 * @property {(error: unknown) => boolean} [isPassing] Whether an error of `hello` will pass by itself.
 * @property {{ new (url: string): WebSocket }} [WebSocketClass]
 * @property {() => number} [random]
 * @property {Partial<typeof import("./times.js").defaultTimes>} [times]
 */

export {};
