// @ts-check
// Two people changed the same thing at once: nothing that was entered gets lost, and the person sees both.
import { h } from "../lib/dom.js";
import { notice } from "../lib/fields.js";
import { tr } from "../lib/i18n.js";

/** @typedef {() => string} Text */
/**
 * @typedef {object} Dispute
 * @property {Text} label the field's
 * @property {Text} theirs what is stored now
 * @property {Text} mine what was entered
 * @property {() => void} take puts what is stored into the field
 */

/**
 * @param {object} options
 * @param {Text} options.title
 * @param {Text[]} options.taken fields that only the other person changed
 * @param {Dispute[]} options.disputed
 * @param {Text} options.submit how the button is called that keeps what was entered
 */
export function conflictNotice({ title, taken, disputed, submit }) {
    const text = () => (disputed.length > 0 ? tr("conflict.choose", { submit: submit() }) : tr("conflict.merged", { submit: submit() }))();
    const element = notice(
        "warning",
        h("p", null, h("strong", { tabindex: -1, class: "conflict-title" }, title), " ", text),
        taken.length > 0 && h("p", { class: "small" }, () => tr("conflict.taken", { fields: taken.map((label) => label()).join(", ") })()),
        disputed.length > 0 && h("ul", { class: "conflicts" }, ...disputed.map(conflictRow)),
    );
    element.classList.add("conflict");
    return element;
}

/** @param {Dispute} dispute */
function conflictRow({ label, theirs, mine, take }) {
    const row = h(
        "li",
        { class: "conflict-row" },
        h("strong", null, label),
        h(
            "dl",
            { class: "conflict-values" },
            h("div", null, h("dt", null, tr("conflict.theirs")), h("dd", null, theirs)),
            h("div", null, h("dt", null, tr("conflict.mine")), h("dd", null, mine)),
        ),
        h("button", { class: "button", type: "button", onclick: choose }, () => tr("conflict.take", { field: label() })()),
    );

    function choose() {
        take();
        const next = row.nextElementSibling ?? row.previousElementSibling;
        const target = next?.querySelector("button") ?? row.closest(".conflict")?.querySelector(".conflict-title");
        row.remove();
        if (target instanceof HTMLElement) target.focus();
    }
    return row;
}
