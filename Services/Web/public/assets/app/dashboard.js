// @ts-check
import { h, mount } from "../lib/dom.js";
import { Colleagues } from "./presence/colleagues.js";
import { Rooms } from "./rooms/rooms.js";

/** The home of a signed-in person: own rooms, and who is there. */
export class Dashboard extends HTMLElement {
    #rooms;
    #colleagues;

    /** @param {import("../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#rooms = new Rooms(session);
        this.#colleagues = new Colleagues(session);
    }

    connectedCallback() {
        mount(this, h("main", { class: "dashboard", id: "content", tabindex: -1 }, this.#rooms, this.#colleagues));
    }

    focusHeading() {
        this.#rooms.focusHeading();
    }
}

customElements.define("parley-dashboard", Dashboard);
