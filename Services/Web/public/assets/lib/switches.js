// @ts-check
// The switches that every page has: language and appearance.
import { appearances, setAppearance } from "./appearance.js";
import { follow, h, icon } from "./dom.js";
import { language, languages, setLanguage, tr } from "./i18n.js";
import { ownProfile } from "./own-profile.js";
import { preferences } from "./preferences.js";

/** @typedef {import("./wire.js").Language} Language */
/** @typedef {import("./preferences.js").Appearance} Appearance */

/**
 * A native choice that looks like a button: on narrow screens only its icon stays.
 * @param {{ name: "language" | "appearance", icon: import("./dom.js").IconName, options: { value: string, label: string | (() => string) }[], value: string, change: (value: string) => void }} of
 */
function picker({ name, icon: iconName, options, value, change }) {
    const label = tr(`common.${name}`);
    const select = h(
        "select",
        { class: "picker-select", "aria-label": label, title: label, dataset: { switch: name }, onchange: () => change(select.value) },
        ...options.map((option) => h("option", { value: option.value, selected: option.value === value }, option.label)),
    );
    return { select, element: h("span", { class: "picker" }, icon(iconName), select, icon("chevron")) };
}

export function languageSwitch() {
    const { select, element } = picker({
        name: "language",
        icon: "globe",
        options: languages.map(({ code, name }) => ({ value: code, label: name })),
        value: language(),
        change(code) {
            setLanguage(code);
            ownProfile.keep({ language: /** @type {Language} */ (code) });
        },
    });
    follow(select, () => (select.value = language()));
    return element;
}

export function appearanceSwitch() {
    return picker({
        name: "appearance",
        icon: "contrast",
        options: appearances.map((value) => ({ value, label: tr(`appearance.${value}`) })),
        value: preferences.appearance,
        change(value) {
            setAppearance(/** @type {Appearance} */ (value));
            ownProfile.keep({ appearance: /** @type {Appearance} */ (value) });
        },
    }).element;
}
