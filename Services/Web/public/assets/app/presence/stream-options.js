// @ts-check

/**
 * @typedef {object} StreamTimes Milliseconds.
 * @property {number} attempt Until there must be a welcome.
 * @property {number} longestPause Between two attempts.
 * @property {number} unknown After so long without connection nothing is known of anybody.
 * @property {number} silence After so long without a word it is asked whether anybody is there.
 * @property {number} probe Until there must be an answer to that.
 * @property {number} steady A connection that lasts so long is a good one: the next break is the first again.
 */
/** @type {StreamTimes} */
export const defaultTimes = Object.freeze({ attempt: 10_000, longestPause: 5000, unknown: 5000, silence: 30_000, probe: 5000, steady: 10_000 });

/**
 * @typedef {object} StreamOptions
 * @property {() => string} url
 * @property {() => Promise<string>} token an access token
 * @property {() => void} forgetToken the next token is to be a new one
 * @property {{ new (url: string): WebSocket }} [SocketClass]
 * @property {() => number} [random] 0 to 1
 * @property {Partial<StreamTimes>} [times]
 */
