// @ts-check
// The page's one connection to presence, and whether somebody uses the page.
import { api } from "../../lib/api.js";
import { Activity } from "./activity.js";
import { PresenceStream } from "./stream.js";

export const presence = new PresenceStream({
    url: () => `${location.origin.replace(/^http/, "ws")}/api/presence/stream`,
    token: () => api.token(),
    forgetToken: () => api.forgetToken(),
});

/** Tells presence whether the page is used, and brings the connection back when that can work again. Once for each page. */
export function watchPage() {
    const activity = new Activity({ page: document });
    activity.addEventListener("change", () => presence.setActive(activity.isActive));
    activity.start();
    window.addEventListener("online", () => presence.wake());
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) presence.wake();
    });
    window.addEventListener("pagehide", () => presence.pause());
    window.addEventListener("pageshow", (event) => {
        if (event.persisted) presence.wake();
    });
}
