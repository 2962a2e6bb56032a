// @ts-check
import { api } from "../../lib/api.js";
import { h, hidden, icon, mount, setText } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";

/** @typedef {import("../../lib/wire.js").Colleague} Colleague */

/** More than these are found by typing more. */
const offered = 5;

/**
 * Who may manage the room beside its owner: colleagues, found by name.
 * @param {{ value: string[], own: string, signal: AbortSignal }} options `own`: one's own account
 */
export function deputiesField({ value, own, signal }) {
    let chosen = [...value];
    /** @type {Colleague[] | null} */
    let colleagues = null;
    const list = h("ul", { class: "chips", "aria-label": tr("roomForm.deputies") });
    const found = h("ul", { class: "found-people" });
    const status = h("p", { class: "field-hint", role: "status" });
    const field = textField({
        label: tr("roomForm.deputySearch"),
        name: "deputies",
        before: [h("span", { class: "input-prefix" }, icon("search"))],
        attributes: { type: "search", autocomplete: "off", spellcheck: "false", oninput: () => offer(), onkeydown: entered },
    });
    field.element.prepend(list);
    field.element.append(status, found);

    /** @param {KeyboardEvent} event */
    function entered(event) {
        if (event.key !== "Enter" || field.value.trim() === "") return;
        // Enter would save the room, with what stands in the field still missing.
        event.preventDefault();
        const [only, another] = matches();
        if (only && !another) add(only);
    }

    function matches() {
        const wanted = field.value.trim().toLocaleLowerCase();
        if (wanted === "") return [];
        return (colleagues ?? []).filter(({ account, displayName }) => !chosen.includes(account) && displayName.toLocaleLowerCase().includes(wanted));
    }

    function offer() {
        const all = matches();
        const typed = field.value.trim();
        setText(status, typed === "" ? "" : colleagues === null ? t("colleagues.failed") : all.length === 0 ? t("colleagues.noMatch", { text: typed }) : t("roomForm.deputiesFound", { count: all.length }));
        mount(found, ...all.slice(0, offered).map((person) =>
            h("li", null, h("button", { class: "button found-person", type: "button", onclick: () => add(person) }, icon("plus"), person.displayName))));
    }

    /** @param {Colleague} person */
    function add(person) {
        field.input.focus();
        if (chosen.length >= limits.deputies) return field.setError(tr("roomForm.deputiesMost", { count: limits.deputies }));
        chosen.push(person.account);
        field.value = "";
        return show();
    }

    /** @param {string} account */
    function remove(account) {
        chosen = chosen.filter((one) => one !== account);
        field.setError(null);
        field.input.focus();
        show();
    }

    /** @param {string} account */
    function nameOf(account) {
        return colleagues?.find((person) => person.account === account)?.displayName ?? t("roomForm.deputyUnknown");
    }

    function show() {
        list.hidden = chosen.length === 0;
        mount(list, ...chosen.map((account) =>
            h("li", { class: "chip" }, h("span", null, () => nameOf(account)),
                h("button", { class: "icon-button", type: "button", onclick: () => remove(account) }, icon("close"), hidden(() => t("list.remove", { text: nameOf(account) }))))));
        offer();
    }

    async function load() {
        try {
            colleagues = (await api.colleagues(signal)).filter(({ account }) => account !== own);
        } catch {
            // Said when somebody searches; who is deputy already stays.
        }
        if (!signal.aborted) show();
    }

    show();
    void load();
    return {
        element: field.element,
        input: field.input,
        setError: field.setError,
        nameOf,
        get value() {
            return [...chosen];
        },
        set value(accounts) {
            chosen = [...accounts];
            show();
        },
    };
}
