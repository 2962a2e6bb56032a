// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { selectField } from "../../lib/choices.js";
import { openDialog } from "../../lib/dialog.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText, isAbort } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { language, tr } from "../../lib/i18n.js";
import { roomLink } from "../../lib/links.js";
import { toast } from "../../lib/toast.js";
import { BusyForm } from "../account/busy-form.js";
import { openRoomForm } from "../rooms/room-form.js";
import { arrangeRooms } from "../rooms/room-rules.js";
import { copyOrShow } from "./copy.js";
import { invitationPreview } from "./invitation-preview.js";

/** @typedef {import("../../lib/wire.js").Colleague} Colleague */
/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

/**
 * Invites a colleague to one of one's own rooms: by mail where that is set up, or with what is copied.
 * @param {Colleague} person
 * @param {string} own one's own account
 * @param {RoomView} [chosen] a room that was just made
 */
export function openColleagueInvitation(person, own, chosen) {
    const controller = new AbortController();
    const { signal } = controller;
    const content = h("div", { class: "stack" }, h("p", { class: "muted", role: "status" }, tr("common.loading")));
    const actions = h("div", { class: "invite-actions" });
    let stop = () => {};
    const dialog = openDialog({
        title: tr("inviteColleague.title", { name: person.displayName }),
        body: [content],
        actions: [actions],
        onclose: () => {
            controller.abort();
            stop();
        },
    });
    const closeButton = () => h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close"));

    async function load() {
        try {
            const [rooms, features] = await Promise.all([api.rooms.list(signal), api.features().catch(() => null)]);
            if (signal.aborted) return;
            // Nobody comes into a room that has expired.
            const open = arrangeRooms(rooms.filter(({ age }) => age !== "expired"), { order: "used", search: "", language: language() });
            const first = open.find(({ id }) => id === chosen?.id) ?? open[0];
            if (first) show(open, first, features?.mail ?? false);
            else showNone();
        } catch (error) {
            if (signal.aborted || isAbort(error)) return;
            const again = h("button", { class: "button notice-button", type: "button", onclick: load }, icon("refresh"), tr("common.tryAgain"));
            mount(content, notice("warning", h("p", null, () => errorText(error)), again));
            mount(actions, closeButton());
        }
    }

    function showNone() {
        const make = () => {
            dialog.close();
            openRoomForm(null, { own, saved: (room) => openColleagueInvitation(person, own, room) });
        };
        mount(content, h("p", { role: "status" }, tr("inviteColleague.none")));
        mount(actions, closeButton(), h("button", { class: "button button-primary", type: "button", onclick: make }, icon("plus"), tr("rooms.new")));
    }

    /**
     * @param {RoomView[]} rooms
     * @param {RoomView} first
     * @param {boolean} hasMail
     */
    function show(rooms, first, hasMail) {
        let room = first;
        const preview = invitationPreview(room, { primary: !hasMail, copying: () => dialog.close() });
        stop = preview.stop;
        const field = selectField({
            label: tr("inviteColleague.room"),
            name: "room",
            value: room.id,
            choices: rooms.map(({ id, name }) => ({ value: id, label: name })),
            onchange: (id) => {
                room = rooms.find((one) => one.id === id) ?? room;
                preview.show(room);
            },
        });
        const copyLink = () => {
            dialog.close();
            void copyOrShow(roomLink(room.alias), { done: tr("inviteColleague.linkCopied"), title: tr("room.copyLink"), label: tr("room.copyLink") });
        };
        const send = sendButton(person, () => ({ room, ...preview.wanted() }), () => dialog.close());
        const link = h("button", { class: "button", type: "button", onclick: copyLink }, icon("link"), tr("room.copyLink"));
        const copying = h("div", { class: "invite-copying" }, link, hasMail && preview.copyButton);
        mount(content, send.busy.liveRegion, field.element, ...preview.elements, copying, h("div", { role: "status" }, send.busy.message));
        mount(actions, closeButton(), hasMail ? send.button : preview.copyButton);
        field.input.focus();
    }

    void load();
}

/**
 * @param {Colleague} person
 * @param {() => { room: RoomView, language: string, pin: boolean }} wanted
 * @param {() => void} sent
 */
function sendButton({ account, displayName: name }, wanted, sent) {
    const button = h("button", { class: "button button-primary", type: "button", onclick: send }, icon("send"), tr("inviteColleague.send"));
    const busy = new BusyForm(button);

    async function send() {
        await busy.send(
            async () => {
                const { room, language, pin } = wanted();
                await api.rooms.invite(room.id, { invitees: [], accounts: [account], includesPIN: pin, language });
                sent();
                toast(tr("inviteColleague.sent", { name }), { kind: "success" });
            },
            (error) => {
                const problem = error instanceof ApiError ? error.fields.find(({ field }) => field === "accounts") : undefined;
                if (!problem) return false;
                busy.say("warning", tr(problem.reason === "missing" ? "inviteColleague.noAddress" : "inviteColleague.gone", { name }));
                return true;
            },
        );
    }

    return { button, busy };
}
