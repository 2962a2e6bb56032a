// @ts-check
import { ApiError } from "../../lib/api.js";

/**
 * What is on when somebody enters. A screen has to be chosen anew.
 *
 * @param {import("../media/local-media.js").LocalMedia} local
 */
export function entryState(local) {
    const { microphone, camera } = local.state;
    return { microphone, camera, screen: false };
}

/**
 * Whether an error of the entrance passes by itself.
 *
 * @param {unknown} error
 */
export function isPassing(error) {
    if (!(error instanceof ApiError)) return false;
    return error.status === 0 || error.status >= 500 || error.code === "too_many_requests";
}
