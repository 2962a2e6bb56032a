// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { mount } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { roomPath } from "../../lib/links.js";
import { setTitle } from "../../lib/page.js";
import { preferences } from "../../lib/preferences.js";
import { LocalMedia } from "../media/local-media.js";
import { SeatStore } from "../protocol/seat-store.js";
import { endingPage, errorPage } from "./endings.js";
import { entryState, isPassing } from "./entry.js";
import { waitingPage } from "./message-page.js";
import { pinPage } from "./pin-page.js";
import { preJoinPage } from "./pre-join.js";
import { loadEquipment, saveEquipment } from "./equipment.js";
import { Visit } from "./visit.js";

/**
 * @typedef {import("../../lib/wire-directory.js").EntryGrant} EntryGrant
 * @typedef {import("../protocol/observer.js").Ending} Ending
 * @typedef {import("../protocol/seat-store.js").Seat} Seat
 */

/** Errors that ask for the PIN rather than being told as such. */
const pinCodes = new Set(["pin_required", "pin_wrong", "pin_locked"]);

/** The way through the room page: entrance, meeting, and what comes after it, in one document. */
export class RoomFlow {
    #host;
    #alias;
    #store;
    /** Ends what belongs to the page that is shown. */
    #page = new AbortController();
    /** @type {LocalMedia | null} */
    #local = null;
    /** @type {string | undefined} */
    #pin;
    #name = preferences.displayName;
    /** @type {string | null} */
    #accountName = null;
    /**
     * What has to be said about the account.
     *
     * @type {"sessionEnded" | "accountUnknown" | null}
     */
    #accountNotice = null;
    /** Whether the person wants to enter without the account that can't be reached. */
    #asGuest = false;
    #seats = limits.seats;
    /** @type {Visit | null} */
    #visit = null;

    /**
     * @param {HTMLElement} host
     * @param {string} alias
     */
    constructor(host, alias) {
        this.#host = host;
        this.#alias = alias;
        this.#store = new SeatStore(alias, sessionStorageOrNull());
        api.addEventListener("signedout", () => {
            this.#accountNotice = "sessionEnded";
            this.#accountName = null;
        });
    }

    start() {
        const seat = this.#store.load();
        const place = this.#store.loadPlace();
        if (seat) this.#comeBack(seat);
        else if (place) this.#waitAgain(place);
        else void this.#check();
    }

    /** What tests may see. */
    async stats() {
        return this.#visit ? this.#visit.stats() : { publisher: null, subscriber: [] };
    }

    /** Learns about the room, and whether one may come in. */
    async #check() {
        this.#show(() => waitingPage(tr("entry.looking")));
        await this.#askAccount();
        try {
            this.#preJoin(await this.#ask({ check: true }));
        } catch (error) {
            this.#refused(error);
        }
    }

    /** Who is signed in. When that can't be learnt it is said, and does not keep a guest away. */
    async #askAccount() {
        if (this.#asGuest) return;
        try {
            const session = await api.session();
            const ended = !session && (this.#accountName !== null || this.#accountNotice === "sessionEnded");
            this.#accountName = session?.displayName ?? null;
            this.#accountNotice = ended ? "sessionEnded" : null;
            if (session) this.#name = session.displayName;
        } catch {
            this.#accountNotice = api.signedIn ? null : "accountUnknown";
        }
    }

    /** @param {{ check?: boolean, displayName?: string }} request */
    #ask(request) {
        const whole = this.#pin === undefined ? request : { ...request, pin: this.#pin };
        return api.entry(this.#alias, whole, { asGuest: this.#asGuest });
    }

    /** The account can't be reached, and the person does not want to wait for it. */
    #goOnAsGuest() {
        this.#asGuest = true;
        this.#accountName = null;
        this.#accountNotice = null;
        void this.#check();
    }

    /** @param {unknown} error */
    #refused(error) {
        if (error instanceof ApiError && pinCodes.has(error.code)) return this.#askPIN();
        this.#closeDevices();
        this.#show(() => errorPage(error, () => void this.#check(), () => this.#goOnAsGuest()));
    }

    #askPIN() {
        this.#closeDevices();
        this.#pin = undefined;
        this.#show(() => pinPage({
            signInLink: this.#signInLink(),
            submit: async (pin) => {
                this.#pin = pin;
                this.#preJoin(await this.#ask({ check: true }));
            },
        }));
    }

    /** @param {EntryGrant} grant */
    #preJoin(grant) {
        setTitle(() => grant.room.name);
        this.#seats = grant.seats;
        this.#follow(grant.room.alias);
        const local = this.#openDevices();
        const account = this.#accountName;
        this.#show((signal) => preJoinPage({
            grant, local, name: this.#name, accountName: this.#accountName, signInLink: this.#signInLink(),
            accountNotice: this.#accountNotice,
            enter: (name) => this.#enter(name, account), refresh: () => this.#refresh(account, signal), signal,
        }));
    }

    /**
     * Who manages the room may have come by an alias that it had before.
     *
     * @param {string} alias The one that it has now.
     */
    #follow(alias) {
        if (alias === this.#alias) return;
        this.#alias = alias;
        this.#store = new SeatStore(alias, sessionStorageOrNull());
        history.replaceState(history.state, "", roomPath(alias));
    }

    /**
     * How things are in the room now.
     *
     * @param {string | null} account As whom the person was asked to enter.
     * @param {AbortSignal} signal
     */
    async #refresh(account, signal) {
        try {
            const grant = await this.#ask({ check: true });
            if (account !== this.#accountName && !signal.aborted) this.#preJoin(grant);
            return grant;
        } catch (error) {
            if (account !== this.#accountName && !signal.aborted) this.#refused(error);
            throw error;
        }
    }

    /**
     * Takes a seat.
     *
     * @param {string} name
     * @param {string | null} account As whom the person wants to enter.
     * @throws What the entrance page shows.
     */
    async #enter(name, account) {
        this.#name = name;
        let grant;
        try {
            grant = await this.#ask({ displayName: name });
        } catch (error) {
            if (error instanceof ApiError && pinCodes.has(error.code)) return this.#askPIN();
            if (error instanceof ApiError && error.code === "identity_unavailable") return this.#refused(error);
            throw error;
        }
        // Nobody becomes a guest without noticing.
        if (account !== this.#accountName) return this.#preJoin(grant);
        if (this.#accountName === null) preferences.displayName = name;
        const local = this.#openDevices();
        saveEquipment(this.#alias, local);
        // The room wants it so; what the person chose for this device is kept.
        if (grant.room.options.muteOnJoining) await local.setMicrophone(false);
        this.#show(() => waitingPage(tr("entry.entering")));
        /** @type {EntryGrant | null} */
        let first = grant;
        this.#open(grant.room, null, async () => {
            const { ticket = "" } = first ?? (await this.#ask({ displayName: name }));
            first = null;
            if (account !== this.#accountName) throw new ApiError(401, "unauthenticated");
            return { ticket, state: entryState(local) };
        });
    }

    /** @param {Seat} seat The one of this tab before it was reloaded. */
    #comeBack(seat) {
        this.#name = seat.name;
        const local = (this.#local = new LocalMedia());
        local.prefer(loadEquipment(this.#alias).devices);
        this.#show(() => waitingPage(tr("entry.returning")));
        this.#open({ id: seat.room, name: "" }, seat, async (wasInside) => {
            // A seat that was gone before we were back asks at the entrance; one that is lost later is taken anew.
            if (!wasInside) throw new ApiError(410, "gone");
            const { ticket = "" } = await this.#ask({ displayName: seat.name });
            return { ticket, state: entryState(local) };
        });
    }

    /** @param {import("../protocol/seat-store.js").Place} place Of this tab before it was reloaded. */
    #waitAgain({ pass, room, roomName, name }) {
        this.#name = name;
        const local = this.#openDevices();
        if (roomName !== "") setTitle(() => roomName);
        this.#show(() => waitingPage(tr("entry.returning")));
        this.#open({ id: room, name: roomName }, null, async (wasInside) => {
            // A place that is gone asks at the entrance.
            if (!wasInside) throw new ApiError(410, "gone");
            const { ticket = "" } = await this.#ask({ displayName: name });
            return { ticket, state: entryState(local) };
        }, pass);
    }

    /**
     * @param {{ id: string, name: string }} room
     * @param {Seat | null} seat
     * @param {(wasInside: boolean) => Promise<{ ticket: string, state: object }>} hello
     * @param {import("../protocol/entering.js").Pass | null} [pass] Of the waiting before a reload.
     */
    #open(room, seat, hello, pass = null) {
        const local = this.#local ?? new LocalMedia();
        this.#local = local;
        this.#visit = new Visit({
            alias: this.#alias, room, seats: this.#seats, name: this.#name, store: this.#store, seat, pass, local, hello, isPassing,
            show: (build, look) => this.#show(build, look),
            ended: (ending, wasInside) => this.#ended(ending, wasInside, seat !== null || pass !== null),
        });
        this.#visit.begin();
    }

    /**
     * @param {Ending} ending
     * @param {boolean} wasInside
     * @param {boolean} afterReload
     */
    #ended(ending, wasInside, afterReload) {
        if (this.#local?.track("microphone") || this.#local?.track("camera")) saveEquipment(this.#alias, this.#local);
        this.#visit = null;
        this.#closeDevices();
        // Who gave up waiting is at the entrance again, and so is who found no seat after a reload.
        const wasDenied = ending.kind === "refused" && ending.code === "admission_denied";
        const toEntrance = ending.kind === "ended" ? ending.reason === "left" : afterReload && !wasDenied;
        if (!wasInside && toEntrance) return void this.#check();
        if (ending.kind === "failed") return this.#refused(ending.error);
        this.#show(() => endingPage(ending, {
            seats: this.#seats, rejoin: () => void this.#check(), tryAgain: () => void this.#tryAgain(),
        }));
    }

    /** After the room was full: straight to the seat, without the entrance once more. */
    async #tryAgain() {
        this.#show(() => waitingPage(tr("entry.entering")));
        try {
            await this.#enter(this.#name, this.#accountName);
        } catch (error) {
            this.#refused(error);
        }
    }

    #openDevices() {
        if (this.#local) return this.#local;
        const { devices, microphone, camera } = loadEquipment(this.#alias);
        const local = (this.#local = new LocalMedia());
        local.prefer(devices);
        void local.prepare({ microphone, camera });
        return local;
    }

    #closeDevices() {
        this.#local?.close();
        this.#local = null;
    }

    #signInLink() {
        return `/sign-in?next=${encodeURIComponent(roomPath(this.#alias))}`;
    }

    /**
     * Replaces the page, in the same document.
     *
     * @param {(signal: AbortSignal) => HTMLElement} build The signal ends what belongs to the page.
     * @param {string} [look]
     */
    #show(build, look = "") {
        this.#page.abort();
        this.#page = new AbortController();
        const element = build(this.#page.signal);
        document.body.className = look;
        mount(this.#host, element);
        const focus = element.querySelector("[autofocus]");
        if (focus instanceof HTMLElement) focus.focus();
    }
}

function sessionStorageOrNull() {
    try {
        return window.sessionStorage;
    } catch {
        return null;
    }
}
