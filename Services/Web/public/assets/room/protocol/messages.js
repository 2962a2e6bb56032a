// @ts-check
/**
 * The shapes of the socket protocol, as Shared/Protocol/Signaling defines them. Types only.
 *
 * @typedef {{ microphone: boolean, camera: boolean, screen: boolean, handRaisedAt?: string }} ParticipantState
 * @typedef {"moderator" | "participant"} Role
 * @typedef {{
 *   id: string, name: string, role: Role, guest: boolean, joinedAt: string,
 *   state: ParticipantState, connected: boolean, publishing: boolean
 * }} Participant
 * @typedef {{ id: string, from: string, name: string, text: string, at: string }} ChatMessage
 * @typedef {{ urls: string[], username?: string, credential?: string }} ICEServer
 * @typedef {{
 *   participant: string, room: { id: string, name: string, alias: string }, meeting: string,
 *   participants: Participant[], chat: ChatMessage[], seats: number, iceServers: ICEServer[],
 *   resumeToken: string, epoch: string, seq: number, resumed: boolean
 * }} Welcome
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
 * @typedef {"left" | "superseded" | "removed" | "room_deleted" | "ended_by_moderator"} EndReason
 *
 * @typedef {{ seq: number, type: "participant.joined" | "participant.updated", participant: Participant }} ParticipantEvent
 * @typedef {{ seq: number, type: "participant.left", id: string, reason: "left" | "gone" | "removed" }} ParticipantLeft
 * @typedef {{ seq: number, type: "chat.message", message: ChatMessage }} ChatEvent
 * @typedef {{ seq: number, type: "meeting.ended", reason: string }} MeetingEnded
 * @typedef {ParticipantEvent | ParticipantLeft | ChatEvent | MeetingEnded} RoomEvent
 */

export {};
