// @ts-check
import { h, hidden, newID } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";

/** @typedef {import("../../lib/wire.js").AvatarColor} AvatarColor */

/** @type {readonly AvatarColor[]} */
export const avatarColors = Object.freeze(["blue", "teal", "green", "amber", "orange", "red", "pink", "violet", "gray"]);

/**
 * The colours of an avatar without picture, and none of them.
 * @param {AvatarColor | undefined} value
 * @param {(value: AvatarColor | null) => void} changed
 */
export function avatarColorField(value, changed) {
    const name = newID("avatar-color");
    const swatch = (/** @type {AvatarColor | null} */ color) => {
        const key = color ?? "none";
        const label = tr(`avatarColor.${key}`);
        const input = h("input", {
            class: "visually-hidden",
            type: "radio",
            name,
            value: color ?? "",
            checked: (color ?? "") === (value ?? ""),
            onchange: () => changed(color),
        });
        return h(
            "label",
            { class: "swatch", dataset: { avatarColor: color }, title: label },
            input,
            h("span", { class: ["swatch-mark", !color && "swatch-none"], "aria-hidden": true }),
            hidden(label),
        );
    };
    const swatches = [null, ...avatarColors].map(swatch);
    const element = h(
        "fieldset",
        { class: "field" },
        h("div", { class: "field-label" }, h("legend", null, tr("picture.color"))),
        h("div", { class: "swatches" }, ...swatches),
    );
    return {
        element,
        /** @param {AvatarColor | undefined} color */
        set value(color) {
            for (const input of element.querySelectorAll("input")) input.checked = input.value === (color ?? "");
        },
    };
}
