// @ts-check

/** Milliseconds after which a picture is shown although the browser did not say that a frame has come. */
const patience = 3000;

/** Which stream shows a track; a new one for the same track would make the picture flicker. @type {WeakMap<MediaStreamTrack, MediaStream>} */
const streams = new WeakMap();

/** @param {MediaStreamTrack} track */
function streamOf(track) {
    const stream = streams.get(track) ?? new MediaStream([track]);
    streams.set(track, stream);
    return stream;
}

/**
 * Shows a track or stream. `data-live` is set when its first frame is there: what a slot showed before belongs to
 * somebody else and must not be seen.
 *
 * @param {HTMLVideoElement} video
 * @param {MediaStreamTrack | MediaStream | null} source
 */
export function attach(video, source) {
    const stream = source instanceof MediaStreamTrack ? streamOf(source) : source;
    if (video.srcObject === stream) return;
    delete video.dataset["live"];
    video.srcObject = stream;
    if (!stream) return;
    void video.play().catch(() => {});
    const reveal = () => {
        if (video.srcObject === stream) video.dataset["live"] = "";
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(reveal);
    setTimeout(() => {
        if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) reveal();
    }, patience);
}
