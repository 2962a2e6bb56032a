// @ts-check
import { h, icon, mount, set } from "../../lib/dom.js";
import { hasText, onLanguageChange, t, tr } from "../../lib/i18n.js";
import { codeText } from "../../lib/errors.js";
import { roomLink } from "../../lib/links.js";
import { copyText, setTitle } from "../../lib/page.js";
import { clockText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { SpeakingWatch } from "../media/levels.js";
import { OwnLevel } from "../media/own-level.js";
import { playKnock } from "../media/sound.js";
import { RequestError } from "../protocol/requests.js";
import { Banner } from "./banner.js";
import { ChatPanel } from "./chat-panel.js";
import { ControlBar } from "./control-bar.js";
import { announceKnocks } from "./knocks.js";
import { announce } from "./notices.js";
import { PeoplePanel } from "./people-panel.js";
import { openSettings } from "./settings-dialog.js";
import { listenForShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { keepAwake } from "./wake-lock.js";

/**
 * @typedef {import("./control-bar.js").Control} Control
 * @typedef {import("../model/meeting.js").MeetingEvent} MeetingEvent
 *
 * @typedef {object} MeetingPageOptions
 * @property {import("../model/room-session.js").RoomSession} session
 * @property {import("../media/local-media.js").LocalMedia} local
 * @property {import("../media/audio-outlets.js").AudioOutlets} outlets
 * @property {string} alias
 * @property {AbortSignal} signal Ends the page.
 */

/** Up to here panels cover the whole page. The same as in room-small.css. */
const narrow = matchMedia("(max-width: 47.99rem), (max-height: 28rem)");

/** The meeting itself. */
export class MeetingPage {
    #options;
    #stage;
    #bar;
    #banner;
    #chat;
    #people;
    #side = h("div", { class: "meeting-side", hidden: true });
    #roomName = h("h1", { class: "meeting-name", tabindex: -1, autofocus: true });
    #locked = h("p", { class: "meeting-locked small", hidden: true }, icon("lock"), tr("door.locked"));
    #clock = h("p", { class: "meeting-clock muted small" });
    #main;
    /** @type {"chat" | "people" | null} */
    #panel = null;
    #unread = 0;
    #silenced = false;
    /** Whether the page is about to show what has changed. */
    #isDue = false;
    #chatIsRead = () => {};
    /** @type {Set<string>} */
    #speaking = new Set();
    element;

    /** @param {MeetingPageOptions} options */
    constructor(options) {
        this.#options = options;
        const { session, local, signal } = options;
        const { meeting, media, outbox } = session;
        this.#stage = new Stage({ meeting, local, media, empty: this.#aloneCard(), signal });
        this.#bar = new ControlBar((control) => void this.#pressed(control));
        this.#banner = new Banner(() => void options.outlets.retry());
        this.#chat = new ChatPanel(meeting, outbox, () => this.#open(null));
        this.#people = new PeoplePanel(meeting, () => this.#open(null), this.#copyButton("button button-wide"), {
            admit: (people) => this.#ask(session.admit(people)), deny: (person) => this.#ask(session.deny(person)),
            lock: (locked) => this.#ask(session.setLocked(locked)),
        });
        this.#main = h("div", { class: "meeting-main" },
            h("header", { class: "meeting-header" },
                h("img", { class: "brand-mark", src: "/assets/img/logo.svg", alt: "", width: 28, height: 28 }),
                this.#roomName, this.#locked, this.#stage.position, this.#clock),
            h("main", { class: "meeting-stage" }, this.#stage.element, this.#banner.element),
            this.#bar.element);
        this.element = h("div", { class: "meeting" }, this.#main, this.#side);
        this.#listen();
        this.#watchSpeaking();
        this.#update();
    }

    /** @param {boolean} silenced Whether the browser wants a click before it plays sound. */
    setSilenced(silenced) {
        this.#silenced = silenced;
        this.#update();
    }

    #listen() {
        const { session, local, outlets, signal } = this.#options;
        const update = () => this.#update();
        session.meeting.addEventListener("change", (event) => this.#changed(/** @type {MeetingEvent} */ (event)), { signal });
        session.addEventListener("state", update, { signal });
        session.addEventListener("pictures", () => this.#stage.update(), { signal });
        session.addEventListener("outbox", () => this.#chat.update(), { signal });
        local.addEventListener("source", (event) => {
            const { source, replaced } = /** @type {import("../media/local-media.js").SourceEvent} */ (event);
            if (replaced) toast(() => t("device.replaced", { kind: t(`device.${source}`) }), { kind: "warning" });
            update();
        }, { signal });
        local.addEventListener("devices", () => void outlets.setSpeaker(local.chosen("speaker")), { signal });
        narrow.addEventListener("change", update, { signal });
        onLanguageChange(() => {
            this.#chat.redraw();
            this.#update();
        }, signal);
        this.#side.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && !event.isComposing) this.#open(null);
        }, { signal });
        this.#chatIsRead = announce(session.meeting, () => this.#panel === "chat", () => this.#open("chat"), signal);
        announceKnocks(session.meeting, {
            open: () => this.#open("people"), isOpen: () => this.#panel === "people",
            play: () => void playKnock(local.chosen("speaker")).catch(() => {}),
        }, signal);
        listenForShortcuts((control) => void this.#pressed(control), signal);
        keepAwake(signal);
        this.#stage.watchVisibility(signal);
        const timer = setInterval(() => this.#showClock(), 1000);
        signal.addEventListener("abort", () => {
            clearInterval(timer);
            setTitle(() => session.meeting.roomName);
        }, { once: true });
    }

    #watchSpeaking() {
        const { session, local, signal } = this.#options;
        const own = new OwnLevel(local, () => toast(tr("meet.mutedTalking"), { kind: "warning" }));
        const watch = new SpeakingWatch(async () => {
            const levels = await session.media.levels();
            for (const id of levels.keys()) if (!session.meeting.participant(id)?.state.microphone) levels.delete(id);
            return levels.set(session.meeting.self, own.measure());
        }, (speaking) => {
            this.#speaking = speaking;
            this.#stage.heard(speaking);
            this.#people.heard(speaking);
        });
        watch.start();
        signal.addEventListener("abort", () => {
            watch.stop();
            own.close();
        }, { once: true });
    }

    /** @param {MeetingEvent} change */
    #changed({ what, message }) {
        const { session: { meeting }, local } = this.#options;
        if ((what === "room" || what === "snapshot") && local.isOn("screen") && !meeting.mayShareScreen) {
            void local.setScreen(false);
            toast(tr("meet.shareModerators"), { kind: "warning" });
        }
        if (what === "chat" && this.#panel !== "chat" && message?.from !== this.#options.session.meeting.self) this.#unread += 1;
        // Fifty who come in one moment are one change of the page.
        if (this.#isDue) return;
        this.#isDue = true;
        queueMicrotask(() => {
            this.#isDue = false;
            if (!this.#options.signal.aborted) this.#update();
        });
    }

    #update() {
        const { session, local } = this.#options;
        const { meeting } = session;
        if (this.#roomName.textContent !== meeting.roomName) mount(this.#roomName, meeting.roomName);
        this.#bar.update({
            ...local.state, hand: session.hand, panel: this.#panel, unread: this.#unread,
            people: meeting.size, waiting: meeting.lobby.length, mayShareScreen: meeting.mayShareScreen, microphoneProblem: local.problem("microphone") !== null, cameraProblem: local.problem("camera") !== null,
        });
        this.#locked.hidden = !meeting.locked;
        this.#banner.update({
            reconnecting: session.connection.state === "reconnecting", sharing: local.isOn("screen"), silenced: this.#silenced,
        });
        if (this.#panel === "people") this.#people.update(this.#speaking);
        if (this.#panel === "chat") this.#chat.update();
        this.#main.inert = this.#panel !== null && narrow.matches;
        this.#stage.update();
        this.#showClock();
        setTitle(() => `${this.#unread > 0 ? `(${this.#unread}) ` : ""}${meeting.roomName}`);
    }

    #showClock() {
        const text = clockText(Date.now() - (this.#options.session.since ?? Date.now()));
        if (this.#clock.textContent !== text) mount(this.#clock, text);
        if (this.#clock.title === "") set(this.#clock, { title: tr("meet.duration") });
    }

    /** @param {Control} control */
    async #pressed(control) {
        const { session, local } = this.#options;
        switch (control) {
            case "microphone":
                await local.setMicrophone(!local.isOn("microphone"));
                return this.#explain("microphone", local.isOn("microphone"));
            case "camera":
                await local.setCamera(!local.isOn("camera"));
                return this.#explain("camera", local.isOn("camera"));
            case "screen":
                if (!local.isOn("screen") && !session.meeting.mayShareScreen) return void toast(tr("meet.shareModerators"), { kind: "warning" });
                await local.setScreen(!local.isOn("screen"));
                return this.#explain("screen", local.isOn("screen"));
            case "hand":
                return session.setHand(!session.hand);
            case "chat":
            case "people":
                return this.#open(this.#panel === control ? null : control);
            case "settings":
                return openSettings(local, this.#options.signal);
            case "leave":
                return session.leave();
        }
    }

    /**
     * What a moderator wishes; what does not come true is said.
     *
     * @param {Promise<unknown>} wish
     */
    #ask(wish) {
        wish.catch((error) => toast(() => codeText(error instanceof RequestError && !error.undecided ? error.code : "unavailable"), { kind: "error" }));
    }

    /**
     * A switch that did not move says why.
     *
     * @param {"microphone" | "camera" | "screen"} source
     * @param {boolean} on
     */
    #explain(source, on) {
        const problem = this.#options.local.problem(source);
        if (on || !problem) return;
        const key = `device.${source}.${problem}`;
        toast(tr(hasText(key) ? key : `device.${source}.other`), { kind: "warning" });
    }

    /** @param {"chat" | "people" | null} panel */
    #open(panel) {
        const before = this.#panel;
        this.#panel = panel;
        if (panel === "chat") {
            this.#unread = 0;
            this.#chatIsRead();
        }
        // Before it is shown: what is added to a log on the page is read out, all of it.
        if (panel === "chat") this.#chat.update();
        this.#side.hidden = panel === null;
        mount(this.#side, panel === "chat" ? this.#chat.element : panel === "people" ? this.#people.element : null);
        this.#update();
        if (panel === "chat") {
            this.#chat.scrollToEnd();
            this.#chat.focus();
        } else if (panel === "people" && narrow.matches) {
            this.#side.querySelector("button")?.focus();
        } else if (panel === null && before !== null) {
            this.#bar.focus(before);
        }
    }

    #aloneCard() {
        return h("div", { class: "alone", hidden: true },
            h("div", null,
                h("p", { class: "alone-title" }, tr("meet.alone")),
                h("p", { class: "muted small" }, tr("meet.aloneText"))),
            this.#copyButton("button button-primary"));
    }

    /** @param {string} look */
    #copyButton(look) {
        const link = roomLink(this.#options.alias);
        return h("button", { class: look, type: "button", onclick: async () => {
            const copied = await copyText(link);
            toast(copied ? tr("meet.linkCopied") : link, { kind: copied ? "success" : "info" });
        } }, icon("link"), tr("meet.copyLink"));
    }
}
