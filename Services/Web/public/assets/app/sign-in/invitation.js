// @ts-check
import { h, icon } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { aliasFromInvitation, roomLink, roomPath } from "../../lib/links.js";

/** For guests: from a link or alias to its room. */
export function invitationForm() {
    const field = textField({
        label: tr("invitation.field"),
        name: "invitation",
        hint: tr("invitation.hint"),
        attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false", inputmode: "url" },
    });
    const form = h(
        "form",
        { class: "stack invitation-form", novalidate: true, hidden: true, onsubmit: go },
        field.element,
        h("button", { class: "button button-wide", type: "submit" }, tr("invitation.go")),
    );
    const opener = h(
        "button",
        { class: "button button-quiet button-wide", type: "button", "aria-expanded": false, onclick: toggle },
        icon("link"),
        tr("invitation.open"),
    );

    function toggle() {
        form.hidden = !form.hidden;
        opener.setAttribute("aria-expanded", String(!form.hidden));
        if (!form.hidden) field.input.focus();
    }

    /** @param {Event} event */
    function go(event) {
        event.preventDefault();
        const alias = aliasFromInvitation(field.value, location.origin);
        if (alias) return location.assign(roomPath(alias));
        const example = roomLink("team-weekly").replace(/^https?:\/\//, "");
        field.setError(field.value.trim() ? tr("invitation.wrong", { example }) : tr("field.missing"));
        return field.input.focus();
    }

    return h("div", { class: "invitation" }, opener, form);
}
