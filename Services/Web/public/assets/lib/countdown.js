// @ts-check
// Waiting until something makes sense again.

const second = 1000;

/**
 * Whole seconds until then; never less than none.
 * @param {number} until milliseconds
 * @param {number} now milliseconds
 */
export function secondsLeft(until, now) {
    return Math.max(0, Math.ceil((until - now) / second));
}

/**
 * Tells each second how many are left, and once that none is. It goes by the clock, so that a computer that slept does not wait too long.
 * @param {number} seconds
 * @param {{ tick: (left: number) => void, done: () => void }} told
 * @param {{ clock?: () => number, every?: (work: () => void, milliseconds: number) => () => void }} [time]
 * @returns {() => void} stops it
 */
export function countDown(seconds, { tick, done }, time = {}) {
    const { clock = Date.now, every = repeat } = time;
    const until = clock() + seconds * second;
    let last = -1;
    const look = () => {
        const left = secondsLeft(until, clock());
        if (left === last) return;
        last = left;
        if (left > 0) return tick(left);
        stop();
        return done();
    };
    // More often than it changes, so that no second is skipped.
    let stop = () => {};
    stop = every(look, second / 4);
    look();
    return () => stop();
}

/**
 * @param {() => void} work
 * @param {number} milliseconds
 */
function repeat(work, milliseconds) {
    const timer = setInterval(work, milliseconds);
    return () => clearInterval(timer);
}
