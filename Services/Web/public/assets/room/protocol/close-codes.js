// @ts-check

/** Why a socket was closed. The same numbers as Shared/Protocol's `CloseCode`. */
export const CloseCode = Object.freeze({
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  invalidText: 1007,
  tooLarge: 1009,
  internalError: 1011,
  helloTimeout: 4400,
  slow: 4408,
  tooManyMessages: 4429,
  unavailable: 4490,
  seatLost: 4491,
  refused: 4503,
  superseded: 4509,
  removed: 4510,
  meetingEnded: 4511,
});

/** @type {ReadonlySet<number>} */
const final = new Set([
  CloseCode.normal, CloseCode.protocolError, CloseCode.unsupportedData, CloseCode.invalidText, CloseCode.tooLarge,
]);

/**
 * Whether to connect again without being asked. A broken network (1006) is no reason to stay away.
 *
 * @param {number} code
 * @returns {boolean}
 */
export function mayReconnect(code) {
  return !final.has(code) && code < 4500;
}

/**
 * What a final close code says about the end of the meeting for this person.
 *
 * @param {number} code
 * @returns {import('./messages.js').EndReason | null}
 */
export function endReason(code) {
  switch (code) {
    case CloseCode.normal: return 'left';
    case CloseCode.superseded: return 'superseded';
    case CloseCode.removed: return 'removed';
    case CloseCode.meetingEnded: return 'ended_by_moderator';
    default: return null;
  }
}
