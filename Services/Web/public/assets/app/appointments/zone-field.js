// @ts-check
import { h, newID, setText } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { language, t, tr } from "../../lib/i18n.js";
import { allZones, isZone, ownZone, zoneCity } from "../../lib/zones.js";

/**
 * A time zone, found by typing part of its name. The clock there is shown, so that nobody takes the wrong one.
 * @param {string} value
 */
export function zoneField(value) {
    const id = newID("zones");
    const zones = allZones();
    const field = textField({
        label: tr("appointment.timeZone"),
        name: "timeZone",
        value,
        attributes: { list: id, autocomplete: "off", spellcheck: "false", autocapitalize: "none", oninput: update, onchange: correct },
    });
    const clock = h("p", { class: "field-hint", role: "status" });
    field.element.append(h("datalist", { id }, ...zones.map((zone) => h("option", { value: zone }, zoneCity(zone)))), clock);

    /** "berlin" is enough. */
    function correct() {
        const typed = field.value.trim().toLowerCase().replaceAll(" ", "_");
        const found = zones.find((zone) => zone.toLowerCase() === typed) ?? only(zones.filter((zone) => zone.toLowerCase().endsWith(`/${typed}`)));
        if (found) field.value = found;
        update();
    }

    function update() {
        const zone = field.value.trim();
        const now = (/** @type {string} */ timeZone) => new Intl.DateTimeFormat(language(), { timeZone, timeStyle: "short", dateStyle: undefined }).format(Date.now());
        setText(clock, zone !== ownZone() && isZone(zone) ? t("appointment.zoneClock", { time: now(zone), own: now(ownZone()) }) : "");
    }

    update();
    return {
        ...field,
        get value() {
            return field.value.trim();
        },
        set value(zone) {
            field.value = zone;
            update();
        },
    };
}

/** @param {string[]} found */
function only(found) {
    return found.length === 1 ? found[0] : undefined;
}
