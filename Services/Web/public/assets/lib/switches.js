// @ts-check
// The switches that every page has: language and appearance.
import { appearances, setAppearance } from "./appearance.js";
import { h, icon } from "./dom.js";
import { language, languages, setLanguage, tr } from "./i18n.js";
import { preferences } from "./preferences.js";

/**
 * A native choice that looks like a button: on narrow screens only its icon stays.
 * @param {import("./dom.js").IconName} iconName
 * @param {() => string} label
 * @param {{ value: string, label: string | (() => string) }[]} options
 * @param {string} value
 * @param {(value: string) => void} change
 */
function picker(iconName, label, options, value, change) {
    const select = h(
        "select",
        { class: "picker-select", "aria-label": label, title: label, onchange: () => change(select.value) },
        ...options.map((option) => h("option", { value: option.value, selected: option.value === value }, option.label)),
    );
    return h("span", { class: "picker" }, icon(iconName), select, icon("chevron"));
}

export function languageSwitch() {
    const options = languages.map(({ code, name }) => ({ value: code, label: name }));
    return picker("globe", tr("common.language"), options, language(), setLanguage);
}

export function appearanceSwitch() {
    const options = appearances.map((value) => ({ value, label: tr(`appearance.${value}`) }));
    return picker("contrast", tr("common.appearance"), options, preferences.appearance, (value) =>
        setAppearance(/** @type {import("./preferences.js").Appearance} */ (value)),
    );
}
