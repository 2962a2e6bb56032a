// @ts-check

/** Of a connection, in milliseconds. */
export const defaultTimes = {
    /** From the beginning of an attempt to its answer. */
    attempt: 15_000,
    /** The same for who has a seat, which is kept for 30 s: there must be time to ask other processes. */
    attemptWithSeat: 4_000,
    request: 10_000,
    /** In line. The server tells the position again each 5 s. */
    waiting: 16_000,
    silence: 12_000,
    /** The answer to the question whether anybody is there. */
    probe: 4_000,
    /** A seat is kept for a short time only, so nobody who has one waits for longer than this. */
    longestPause: 5_000,
};
