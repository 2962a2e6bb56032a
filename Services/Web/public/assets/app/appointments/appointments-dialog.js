// @ts-check
import { api } from "../../lib/api.js";
import { confirmDialog, openDialog } from "../../lib/dialog.js";
import { h, icon, mount } from "../../lib/dom.js";
import { fileName, saveFile } from "../../lib/download.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { Newest } from "../../lib/newest.js";
import { toast } from "../../lib/toast.js";
import { skeletonRows } from "../admin/list-parts.js";
import { appointmentErrorText, openAppointmentForm } from "./appointment-form.js";
import { appointmentRow } from "./appointment-row.js";
import { whenText } from "./appointment-text.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/wire-directory.js").AppointmentView} AppointmentView */

/**
 * The appointments of a room: those to come, and those that are over.
 * @param {RoomView} room
 * @param {() => void} changed
 */
export function openAppointments(room, changed) {
    const controller = new AbortController();
    const { signal } = controller;
    const message = h("div", { role: "status" });
    const upcoming = h("ul", { class: "appointment-list" });
    const past = h("ul", { class: "appointment-list" });
    const over = h("details", { class: "appointments-over", hidden: true }, h("summary", null, tr("appointments.over")), past);
    const create = h("button", { class: "button button-primary", type: "button", onclick: () => edit(null) }, icon("plus"), tr("appointment.new"));
    const reads = new Newest();
    let hasMail = false;

    const dialog = openDialog({
        title: tr("appointments.title", { name: room.name }),
        class: "dialog-list",
        body: [h("div", { class: "stack" }, message, upcoming, over)],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close")), create],
        onclose: () => controller.abort(),
    });
    mount(upcoming, ...skeletonRows());
    void load();

    async function load() {
        const isNewest = reads.begin();
        try {
            const [items, features] = await Promise.all([api.appointments.list(room.id, signal), api.features().catch(() => null)]);
            if (signal.aborted || !isNewest()) return;
            hasMail = features?.mail ?? false;
            mount(message);
            show(items);
        } catch (error) {
            if (signal.aborted || !isNewest()) return;
            const again = h("button", { class: "button notice-button", type: "button", onclick: load }, icon("refresh"), tr("common.tryAgain"));
            mount(message, notice("warning", h("p", null, () => appointmentErrorText(error)), again));
            mount(upcoming);
        }
    }

    /** @param {AppointmentView[]} items */
    function show(items) {
        const actions = { edit, cancel, download };
        const coming = items.filter(({ next }) => next);
        const gone = items.filter(({ next }) => !next);
        if (coming.length === 0) mount(upcoming, h("li", { class: "muted appointments-none" }, tr("appointments.none")));
        else mount(upcoming, ...coming.map((item) => appointmentRow(item, actions)));
        mount(past, ...gone.map((item) => appointmentRow(item, actions)));
        over.hidden = gone.length === 0;
    }

    /** The rows are new: the one that was worked on has the focus again. */
    async function reload(/** @type {string} */ id = "") {
        changed();
        await load();
        if (signal.aborted || dialog.element.contains(document.activeElement)) return;
        const row = [...dialog.element.querySelectorAll("li")].find((one) => one.dataset["appointment"] === id);
        (row?.querySelector("button") ?? create).focus();
    }

    /** @param {AppointmentView | null} appointment */
    function edit(appointment) {
        openAppointmentForm(room, appointment, { hasMail, saved: (stored) => void reload(stored.id) });
    }

    /** @param {AppointmentView} appointment */
    async function cancel(appointment) {
        const { invitees, next } = appointment;
        const told = () => (hasMail && invitees.length > 0 ? t("cancel.mailed", { count: invitees.length, addresses: invitees.join(", ") }) : t("cancel.nobody"));
        const confirmed = await confirmDialog({
            title: tr("cancel.title", { title: appointment.title }),
            text: () => `${t(appointment.recurrence ? "cancel.series" : "cancel.one", { when: whenText(appointment) })} ${next ? told() : ""}`.trim(),
            confirm: tr("cancel.confirm"),
            cancel: tr("cancel.keep"),
            danger: true,
        });
        if (!confirmed) return;
        try {
            await api.appointments.cancel(room.id, appointment.id, appointment.version);
            toast(tr("cancel.done", { title: appointment.title }), { kind: "success" });
        } catch (error) {
            toast(() => appointmentErrorText(error), { kind: "error" });
        }
        await reload();
    }

    /** @param {AppointmentView} appointment */
    async function download(appointment) {
        try {
            const wanted = { language: appointment.language, pin: appointment.includesPIN };
            saveFile(`${fileName(appointment.title) || "parley"}.ics`, await api.appointments.calendar(room.id, appointment.id, wanted), "text/calendar;charset=utf-8");
        } catch (error) {
            toast(() => appointmentErrorText(error), { kind: "error" });
        }
    }
}
