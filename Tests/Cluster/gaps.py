"""How long the picture and the sound of others stood still, measured in the page by its frames, not by the product's word."""

from __future__ import annotations

SCRIPT = """
(() => {
    const connections = new Set();
    const ended = { concealed: 0, heard: 0 };
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
        constructor(...options) { super(...options); connections.add(this); }
    };
    const seen = new Map();
    function watch(video) {
        if (video.isWatched) return;
        video.isWatched = true;
        const tick = (now) => {
            const name = video.closest("[data-participant]")?.dataset.name;
            if (name) {
                const entry = seen.get(name) ?? { last: now, worst: 0, frames: 0 };
                entry.worst = Math.max(entry.worst, now - entry.last);
                entry.last = now;
                entry.frames += 1;
                seen.set(name, entry);
            }
            video.requestVideoFrameCallback(tick);
        };
        video.requestVideoFrameCallback(tick);
    }
    setInterval(() => document.querySelectorAll("[data-participant] video").forEach(watch), 100);
    async function sound() {
        let { concealed, heard } = ended;
        for (const connection of connections) {
            // A connection that is closed counts with what was seen of it last.
            if (connection.connectionState === "closed") {
                connections.delete(connection);
                ended.concealed += connection.sound?.concealed ?? 0;
                ended.heard += connection.sound?.heard ?? 0;
            } else {
                const now = { concealed: 0, heard: 0 };
                for (const report of (await connection.getStats()).values()) {
                    if (report.type !== "inbound-rtp" || report.kind !== "audio") continue;
                    now.concealed += (report.concealedSamples ?? 0) - (report.silentConcealedSamples ?? 0);
                    now.heard += report.totalSamplesReceived ?? 0;
                }
                connection.sound = now;
            }
            concealed += connection.sound?.concealed ?? 0;
            heard += connection.sound?.heard ?? 0;
        }
        return { concealed, heard };
    }
    setInterval(sound, 500);
    window.gaps = {
        reset() { for (const entry of seen.values()) { entry.worst = 0; entry.last = performance.now(); } },
        // Milliseconds; a picture that stands still now counts as long as it does.
        read() {
            return Object.fromEntries([...seen].map(([name, entry]) =>
                [name, { worst: Math.max(entry.worst, performance.now() - entry.last), still: performance.now() - entry.last,
                         frames: entry.frames }]));
        },
        sound,
    };
})();
"""


class Gaps:
    """What one page sees of the people named `others`."""

    def __init__(self, page, others: list[str]):
        self.page = page
        self.others = others

    def reset(self) -> None:
        self.page.evaluate("() => window.gaps.reset()")

    def _read(self) -> dict:
        return self.page.evaluate("() => window.gaps.read()")

    def worst(self) -> float:
        """Seconds without a new frame of one of the others, since `reset`."""
        seen = self._read()
        return max(seen[name]["worst"] if name in seen else float("inf") for name in self.others) / 1000

    def still(self) -> dict[str, float]:
        """Seconds since the last frame of each."""
        seen = self._read()
        return {name: seen[name]["still"] / 1000 if name in seen else float("inf") for name in self.others}

    def concealed(self) -> float:
        """Seconds of sound that were made up because nothing came, since the page was opened."""
        return self.page.evaluate("() => window.gaps.sound()")["concealed"] / 48_000
