// @ts-check
/**
 * The shapes of the socket protocol as the client works with them: what the wire leaves out because it is usual is
 * filled in by `incoming.js`. Types only.
 *
 * @typedef {{ microphone: boolean, camera: boolean, screen: boolean, handRaisedAt?: string }} ParticipantState
 * @typedef {"moderator" | "participant"} Role
 * @typedef {{
 *   id: string, name: string, role: Role, guest: boolean, state: ParticipantState, connected: boolean,
 *   publishing: boolean, publication: number
 * }} Participant
 * @typedef {Pick<Participant, "id" | "name"> & Partial<Omit<Participant, "state">> & {
 *   state?: Partial<ParticipantState>
 * }} SentParticipant On the wire.
 * @typedef {{ seq: number, from: string, name: string, text: string, at: string }} ChatMessage
 * @typedef {{ urls: string[], username?: string, credential?: string }} ICEServer
 * @typedef {{
 *   participant: string, room: { id: string, name: string, alias: string }, meeting: string,
 *   participants: Participant[], chat: ChatMessage[], seats: number, iceServers: ICEServer[],
 *   resumeToken: string, epoch: string, seq: number, resumed: boolean, policy?: Policy, locked: boolean
 * }} Welcome
 * @typedef {{ options: import("../../lib/wire-directory.js").RoomOptions }} Policy Absent: what is usual.
 * @typedef {{ resumeToken: string, iceServers: ICEServer[], seq: number }} Resumed The events that were missed follow.
 * @typedef {{ reason: "full" | "lobby" | "locked" | "moderator", position?: number }} Waiting `position` in a full room: 1 for who
 *   comes in next.
 * @typedef {{ id: string, name: string, guest: boolean, colleague: boolean, since: string }} LobbyPerson
 * @typedef {{ code: string, message: string, retryAfter?: number }} Refusal
 *
 * @typedef {"microphone" | "camera" | "screen"} MediaSource
 * @typedef {{ mid: string, kind: "audio" | "video" | "screen" }} MediaSlot
 * @typedef {{ mid: string, participant?: string, source?: MediaSource }} SlotContent
 * @typedef {{ mid: string, participant?: string, source?: MediaSource, layer?: number }} SlotWish
 *
 * @typedef {{ type: "media.offer", sdp: string, slots: MediaSlot[] }} MediaOffer
 * @typedef {{ type: "media.slots", slots: SlotContent[] }} MediaSlots
 * @typedef {{ type: "media.lost", delay: number }} MediaLost
 * @typedef {MediaOffer | MediaSlots | MediaLost} MediaMessage
 *
 * @typedef {"room_deleted" | "ended_by_moderator"} MeetingEnd
 * @typedef {"left" | "superseded" | "removed" | "signed_out" | MeetingEnd} EndReason
 *
 * @typedef {{ seq: number, type: "joined", participants: Participant[] }} Joined Its seq is that of the last of them.
 * @typedef {{ seq: number, type: "updated", participant: Participant }} Updated
 * @typedef {{ seq: number, type: "left", id: string, reason: "left" | "gone" | "removed" }} Left
 * @typedef {{ seq: number, type: "chat", from: string, text: string }} ChatEvent
 * @typedef {{ seq: number, type: "media.moved" }} MediaMoved Each client is told by `media.lost` what it has to do.
 * @typedef {{ seq: number, type: "meeting.ended", reason: MeetingEnd }} MeetingEnded
 * @typedef {{ seq: number, type: "room", policy?: Policy, locked: boolean }} RoomChanged
 * @typedef {Joined | Updated | Left | ChatEvent | RoomChanged | MediaMoved | MeetingEnded} RoomEvent
 */

export {};
