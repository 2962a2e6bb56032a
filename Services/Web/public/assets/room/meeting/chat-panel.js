// @ts-check
import { h, icon, mount, set } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { timeText } from "../../lib/time.js";
import { colorOf } from "./avatar.js";
import { linkify } from "./linkify.js";
import { panel } from "./panel.js";

/**
 * @typedef {import("../protocol/messages.js").ChatMessage} ChatMessage
 * @typedef {import("../protocol/chat-outbox.js").ChatOutbox} ChatOutbox
 * @typedef {import("../model/meeting.js").Meeting} Meeting
 */

/** Milliseconds: messages of one person within this time stand under one name. */
const groupTime = 120_000;
/** Characters left from which on they are counted. */
const countdown = 200;
/** Pixels from the end within which the list follows new messages. */
const nearEnd = 80;

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** @param {string} text @returns {number} Characters as people count them. */
function length(text) {
    return segmenter ? [...segmenter.segment(text)].length : [...text].length;
}

/** What was said in writing, and the field for more. */
export class ChatPanel {
    #meeting;
    #outbox;
    #list = h("div", { class: "chat-list", role: "log", "aria-live": "polite", tabindex: 0 });
    /** Not read out: what is sent is read when it comes back in the list. */
    #pending = h("div", { class: "chat-pending", "aria-live": "off" });
    #shownPending = "";
    #empty = h("div", { class: "chat-empty" }, icon("chat"), h("h3", null, tr("chat.empty")), h("p", { class: "muted small" }, tr("chat.emptyText")));
    #input = h("textarea", { class: "input chat-input", rows: 1, name: "message", "aria-label": tr("chat.message"), placeholder: tr("chat.placeholder") });
    #send = h("button", { class: "icon-button chat-send", "aria-label": tr("chat.send"), title: tr("chat.send") }, icon("send"));
    #count = h("p", { class: "chat-count small", "aria-live": "polite", hidden: true });
    #closed = h("p", { class: "chat-closed muted small", id: "chat-closed", hidden: true }, tr("chat.moderatorsOnly"));
    /** @type {ChatMessage[]} */
    #shown = [];
    element;

    /**
     * @param {Meeting} meeting
     * @param {ChatOutbox} outbox
     * @param {() => void} close
     */
    constructor(meeting, outbox, close) {
        this.#meeting = meeting;
        this.#outbox = outbox;
        const form = h("form", { class: "chat-form", onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            this.#submit();
        } }, this.#input, this.#send);
        this.#input.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            this.#submit();
        });
        this.#input.addEventListener("input", () => this.#typed());
        this.#list.append(this.#empty, this.#pending);
        this.element = panel("meet.chat", close, this.#list, this.#count, this.#closed, form);
        this.#typed();
    }

    focus() {
        this.#input.focus();
    }

    /** Shows what is new. */
    update() {
        const follows = this.#isAtEnd();
        const messages = this.#meeting.chat;
        const kept = this.#shown.every((message, index) => messages[index] === message);
        if (!kept) this.redraw();
        else for (const message of messages.slice(this.#shown.length)) this.#append(message);
        this.#showPending();
        this.#showWhetherOpen();
        this.#empty.hidden = messages.length > 0 || this.#outbox.outgoing.length > 0;
        if (follows) this.scrollToEnd();
    }

    /** In another language, or because something else was said before. */
    redraw() {
        for (const element of this.#list.querySelectorAll(".chat-message")) element.remove();
        this.#shown = [];
        for (const message of this.#meeting.chat) this.#append(message);
        this.#showPending();
    }

    scrollToEnd() {
        this.#list.scrollTop = this.#list.scrollHeight;
    }

    #isAtEnd() {
        return this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < nearEnd;
    }

    /** @param {ChatMessage} message */
    #append(message) {
        const before = this.#shown[this.#shown.length - 1];
        const continues = before?.from === message.from && Date.parse(message.at) - Date.parse(before.at) < groupTime;
        const own = message.from === this.#meeting.self;
        const element = h("div", { class: ["chat-message", own && "chat-own", continues && "chat-continued"], dataset: { message: message.seq } },
            !continues && h("p", { class: "chat-head" },
                h("span", { class: "chat-name", style: { "--person-color": colorOf(message.name) } }, own ? t("tile.you") : message.name),
                h("time", { class: "chat-time", datetime: message.at }, timeText(message.at))),
            h("p", { class: "chat-text", title: timeText(message.at) }, ...body(message.text)));
        this.#list.insertBefore(element, this.#pending);
        this.#shown.push(message);
    }

    #showPending() {
        const shown = JSON.stringify([t("chat.sending"), this.#outbox.outgoing]);
        if (shown === this.#shownPending) return;
        this.#shownPending = shown;
        mount(this.#pending, ...this.#outbox.outgoing.map((message) =>
            h("div", { class: ["chat-outgoing", message.failed && "chat-failed"] },
                h("p", { class: "chat-text" }, ...body(message.text)),
                h("p", { class: "chat-state small", role: message.failed ? "alert" : null }, t(message.failed ? "chat.failed" : "chat.sending"),
                    message.failed && h("button", { class: "button button-quiet", type: "button", onclick: () => this.#outbox.retry() }, t("chat.retry"))))));
    }

    /** Where only moderators may write, the others read. */
    #showWhetherOpen() {
        const { mayChat } = this.#meeting;
        if (this.#input.disabled === !mayChat) return;
        this.#input.disabled = !mayChat;
        set(this.#input, { "aria-describedby": mayChat ? null : this.#closed.id });
        this.#closed.hidden = mayChat;
        this.#typed();
    }

    #typed() {
        const left = limits.chatText.max - length(this.#input.value.trim());
        this.#send.disabled = this.#input.disabled || this.#input.value.trim() === "" || left < 0;
        this.#count.hidden = left >= countdown;
        this.#count.classList.toggle("chat-too-long", left < 0);
        if (left < countdown) mount(this.#count, left < 0 ? t("chat.tooLong", { count: -left }) : t("chat.left", { count: left }));
        this.#input.style.height = "auto";
        this.#input.style.height = `${Math.min(this.#input.scrollHeight + 2, 160)}px`;
    }

    #submit() {
        const text = this.#input.value.trim();
        if (text === "" || length(text) > limits.chatText.max) return;
        this.#input.value = "";
        this.#typed();
        this.#outbox.send(text);
        this.scrollToEnd();
        // The button is disabled now and would drop the focus; on a phone the keyboard stays.
        this.#input.focus();
    }
}

/** @param {string} text */
function body(text) {
    return linkify(text).map((part) =>
        part.href ? h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer" }, part.text) : part.text);
}
