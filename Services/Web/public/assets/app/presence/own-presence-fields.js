// @ts-check
import { radioField, selectField } from "../../lib/choices.js";
import { h } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { choicesOfUntil, entriesOf, manualStates } from "./own-rules.js";
import { presenceMark } from "./presence-mark.js";
import { endText } from "./presence-text.js";

/** @typedef {import("../../lib/wire.js").ManualPresence} ManualPresence */
/** @typedef {import("./own-rules.js").PresenceEntries} PresenceEntries */
/** @typedef {{ field: string, text: () => string }} ShownProblem */

/** What is not said by the name alone. */
const hinted = new Set(["available", "do_not_disturb", "invisible"]);

/**
 * The fields in which one's own presence is set.
 * @param {ManualPresence} manual what is set until now
 * @param {number} now milliseconds
 */
export function ownPresenceFields(manual, now) {
    const entries = entriesOf(manual, now);
    const state = radioField({
        label: tr("ownPresence.state"),
        name: "state",
        value: entries.state,
        choices: manualStates.map((value) => ({ value, label: tr(`presence.${value}`), hint: hinted.has(value) ? tr(`ownPresence.hint.${value}`) : undefined })),
    });
    for (const input of state.element.querySelectorAll("input")) {
        input.nextElementSibling?.prepend(presenceMark(/** @type {import("./presence-mark.js").MarkedState} */ (input.value)));
    }
    const text = textField({ label: tr("ownPresence.text"), name: "text", value: entries.text, optional: tr("common.optional"), attributes: { autocomplete: "off" } });
    const until = selectField({
        label: tr("ownPresence.until"),
        name: "until",
        value: entries.until,
        choices: choicesOfUntil(manual).map((value) => ({ value, label: () => t(`ownPresence.until.${value}`, { time: manual.until ? endText(manual.until) : "" }) })),
        onchange: update,
    });
    const date = textField({ label: tr("ownPresence.date"), name: "date", type: "date", value: entries.date });
    const time = textField({ label: tr("ownPresence.time"), name: "time", type: "time", value: entries.time });
    const moment = h("div", { class: "field-row" }, date.element, time.element);

    function update() {
        moment.hidden = until.value !== "own";
    }

    update();
    return {
        elements: [state.element, text.element, until.element, moment],
        focus: () => /** @type {HTMLInputElement | null} */ (state.element.querySelector("input:checked"))?.focus(),
        /** @returns {PresenceEntries} */
        read: () => ({
            state: /** @type {PresenceEntries["state"]} */ (state.value), text: text.value, until: /** @type {PresenceEntries["until"]} */ (until.value),
            date: date.value, time: time.value,
        }),
        /**
         * Each problem beside its field, and none where there is none; the first one gets the focus.
         * @param {ShownProblem[]} problems
         * @returns {boolean} whether one was shown
         */
        show(problems) {
            let first = null;
            // The list of ends has no place of its own for a problem: it can be wrong only where a moment was chosen, or has passed meanwhile.
            for (const { name, field } of [{ name: "text", field: text }, { name: "until", field: date }]) {
                const problem = problems.find((one) => one.field === name);
                const isSeen = problem !== undefined && (name !== "until" || !moment.hidden);
                field.setError(isSeen ? problem.text : null);
                if (isSeen) first ??= field.input;
            }
            first?.focus();
            return first !== null;
        },
    };
}
