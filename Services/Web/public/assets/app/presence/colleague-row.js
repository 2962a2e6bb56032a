// @ts-check
import { h, hidden, icon, setText } from "../../lib/dom.js";
import { t } from "../../lib/i18n.js";
import { avatar } from "../avatar.js";
import { presenceMark, setMark } from "./presence-mark.js";
import { seenText } from "./presence-text.js";

/** @typedef {import("../../lib/wire.js").Colleague} Colleague */
/** @typedef {import("../../lib/wire.js").SeenPresence} SeenPresence */

/** One of the list of colleagues. It stays the same element while what is known of the person changes. */
export class ColleagueRow {
    #mark = presenceMark();
    #state = h("span", { class: "colleague-state" });
    #words = h("span", { class: "colleague-words" });
    #name;
    #person;

    /**
     * @param {Colleague} person
     * @param {((person: Colleague) => void) | null} invite `null` for who has no rooms
     */
    constructor(person, invite) {
        this.#person = person;
        this.#name = h("span", { class: "colleague-name", title: person.displayName }, person.displayName);
        const label = () => t("colleagues.invite", { name: this.#person.displayName });
        this.element = h(
            "li",
            { class: "colleague", dataset: { account: person.account } },
            h("span", { class: "colleague-avatar" }, avatar(person.displayName), this.#mark),
            h("span", { class: "colleague-text" }, this.#name, hidden(", "), this.#state, this.#words),
            invite &&
                h("button", { class: "icon-button colleague-invite", type: "button", title: label, onclick: () => invite(this.#person) }, icon("mail"), hidden(label)),
        );
    }

    get person() {
        return this.#person;
    }

    /** @param {SeenPresence | null} seen `null` when it is not known */
    show(seen) {
        setMark(this.#mark, seen?.state ?? "unknown");
        this.element.dataset["state"] = seen?.state ?? "unknown";
        setText(this.#state, seenText(seen));
        const words = seen?.text ?? "";
        setText(this.#words, words);
        this.#words.title = words;
        this.#words.hidden = words === "";
    }
}
