// @ts-check
import { appearances, setAppearance } from "../../lib/appearance.js";
import { selectField } from "../../lib/choices.js";
import { languages, setLanguage, tr } from "../../lib/i18n.js";
import { ownProfile } from "../../lib/own-profile.js";
import { section } from "../account/section.js";
import { saveNow } from "./save.js";

/** @typedef {import("../../lib/wire.js").Language} Language */
/** @typedef {import("../../lib/wire.js").Appearance} Appearance */

/**
 * Both take effect at once, and wherever the person signs in.
 * @param {import("../../lib/wire.js").ProfileView} profile
 * @param {AbortSignal} signal
 */
export function appearanceSection(profile, signal) {
    const language = selectField({
        label: tr("common.language"),
        name: "language",
        value: profile.language ?? "",
        choices: [{ value: "", label: tr("profile.languageOfBrowser") }, ...languages.map(({ code, name }) => ({ value: code, label: name }))],
        onchange(value) {
            if (value) setLanguage(value);
            void saveNow({ language: /** @type {Language} */ (value) || undefined }, show);
        },
    });
    const appearance = selectField({
        label: tr("common.appearance"),
        name: "appearance",
        value: profile.appearance,
        hint: tr("profile.appearanceHint"),
        choices: appearances.map((value) => ({ value, label: tr(`appearance.${value}`) })),
        onchange(value) {
            setAppearance(/** @type {Appearance} */ (value));
            void saveNow({ appearance: /** @type {Appearance} */ (value) }, show);
        },
    });

    /** Somebody may use the switches above as well. */
    function show() {
        const now = ownProfile.current ?? profile;
        language.value = now.language ?? "";
        appearance.value = now.appearance;
    }

    ownProfile.addEventListener("change", show, { signal });
    return section({ title: tr("profile.look"), text: tr("profile.lookText") }, language.element, appearance.element);
}
