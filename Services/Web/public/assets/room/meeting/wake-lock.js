// @ts-check

/**
 * Keeps the screen on. Browsers take the lock back when the page is hidden, so it is asked for again.
 *
 * @param {AbortSignal} signal
 */
export function keepAwake(signal) {
    /** Not among the types that the compiler knows. @type {{ request: (kind: "screen") => Promise<{ release: () => Promise<void> }> } | undefined} */
    const { wakeLock } = /** @type {any} */ (navigator);
    /** @type {{ release: () => Promise<void> } | null} */
    let lock = null;
    const ask = async () => {
        if (document.hidden || signal.aborted || !wakeLock) return;
        try {
            const granted = await wakeLock.request("screen");
            lock = granted;
            if (signal.aborted) await granted.release();
        } catch {
            // Battery saving can forbid it; the meeting goes on.
        }
    };
    document.addEventListener("visibilitychange", () => void ask(), { signal });
    signal.addEventListener("abort", () => void lock?.release().catch(() => {}), { once: true });
    void ask();
}
