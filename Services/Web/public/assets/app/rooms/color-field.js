// @ts-check
import { h, hidden, newID, setText } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { roomColors } from "./room-rules.js";

/** @typedef {import("../../lib/wire-directory.js").RoomColor} RoomColor */

/**
 * The palette as a group of radio buttons; the name of the chosen colour is written beside it.
 * @param {RoomColor} value
 */
export function colorField(value) {
    const name = newID("color");
    const chosen = h("span", { class: "muted" });
    let current = value;
    const choose = (/** @type {RoomColor} */ color) => {
        current = color;
        setText(chosen, () => t(`color.${color}`));
    };
    const swatches = roomColors.map((color) =>
        h(
            "label",
            { class: "swatch", dataset: { color }, title: tr(`color.${color}`) },
            h("input", {
                class: "visually-hidden",
                type: "radio",
                name,
                value: color,
                checked: color === value,
                onchange: () => choose(color),
            }),
            h("span", { class: "swatch-mark", "aria-hidden": true }),
            hidden(tr(`color.${color}`)),
        ),
    );
    choose(value);
    const element = h(
        "fieldset",
        { class: "field" },
        h("div", { class: "field-label" }, h("legend", null, tr("roomForm.color")), chosen),
        h("div", { class: "swatches" }, ...swatches),
    );
    return {
        element,
        get value() {
            return current;
        },
        set value(color) {
            for (const swatch of swatches) {
                const input = swatch.querySelector("input");
                if (input) input.checked = input.value === color;
            }
            choose(color);
        },
    };
}
