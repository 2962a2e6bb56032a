// @ts-check
import { h } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";

/** Where rooms will be, while they are on their way. */
export function skeletons() {
    const card = () =>
        h(
            "div",
            { class: "card room skeleton-card" },
            ...["skeleton skeleton-title", "skeleton", "skeleton skeleton-short"].map((name) => h("div", { class: name })),
        );
    return h(
        "div",
        { role: "status" },
        h("span", { class: "visually-hidden" }, tr("common.loading")),
        h("div", { class: "room-grid", "aria-hidden": true }, card(), card(), card()),
    );
}
