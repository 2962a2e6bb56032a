// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { language, t, tr } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";
import { ownZone } from "../../lib/zones.js";
import { openDialogForm } from "../account/dialog-form.js";
import { conflictNotice } from "../conflict.js";
import { compare } from "../rooms/room-entries.js";
import { appointmentFields, entryText, fieldParts, readFields, showProblems, writeField } from "./appointment-fields.js";
import { checkAppointment, draftOf, entriesOf, matters, problemOf } from "./appointment-rules.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/wire-directory.js").AppointmentView} AppointmentView */
/** @typedef {import("./appointment-rules.js").AppointmentEntries} AppointmentEntries */

/**
 * The dialog in which an appointment is made or changed.
 * @param {RoomView} room
 * @param {AppointmentView | null} appointment `null` for a new one
 * @param {{ hasMail: boolean, saved: (appointment: AppointmentView) => void }} options
 */
export function openAppointmentForm(room, appointment, { hasMail, saved }) {
    const usual = { now: Date.now(), zone: ownZone(), language: language(), title: "", hasPIN: Boolean(room.pin) };
    const fields = appointmentFields(entriesOf(appointment, usual), room.name);
    const submit = tr(appointment ? "appointment.save" : "appointment.create");
    const place = h("div", { class: "form-message" });
    /** What the change is based on. */
    let base = appointment;

    const dialog = openDialogForm({
        title: tr(appointment ? "appointment.edit" : "appointment.new"),
        body: [place, ...fieldParts(fields, { hasPIN: Boolean(room.pin), hasMail })],
        submit,
        class: "dialog-form",
        check() {
            mount(place);
            if (!fields.invitees.finish()) return false;
            return !showProblems(fields, checkAppointment(readFields(fields), { now: Date.now(), isNew: appointment === null }));
        },
        async send() {
            const draft = draftOf(readFields(fields));
            const stored = base ? await api.appointments.update(room.id, base.id, base.version, draft) : await api.appointments.create(room.id, draft);
            saved(stored);
            const isMailed = hasMail && stored.invitees.length > 0;
            toast(isMailed ? tr("appointment.savedMailed", { count: stored.invitees.length }) : tr("appointment.saved"), { kind: "success" });
        },
        otherwise(error, busy) {
            if (!(error instanceof ApiError)) return false;
            if (error.code === "precondition_failed") {
                void showConflict().catch((failure) => busy.fail(failure));
                return true;
            }
            const entries = readFields(fields);
            return showProblems(fields, error.fields.map((refused) => problemOf(refused, entries)));
        },
    });
    fields.title.input.focus();

    /** Somebody else was faster: both are shown, and the person chooses. */
    async function showConflict() {
        if (!base) return;
        const current = await api.appointments.get(room.id, base.id);
        const [entered, now] = [readFields(fields), entriesOf(current, usual)];
        const { taken, disputed } = compare(entriesOf(base, usual), entered, now);
        base = current;
        for (const key of taken) writeField(fields, key, now[key]);
        const counts = (/** @type {keyof AppointmentEntries} */ key) => matters(key, now) || matters(key, entered);
        const label = (/** @type {keyof AppointmentEntries} */ key) => tr(`appointment.${key}`);
        const dispute = (/** @type {keyof AppointmentEntries} */ key) => ({
            label: label(key),
            theirs: () => entryText(key, now[key]),
            mine: () => entryText(key, entered[key]),
            take: () => writeField(fields, key, now[key]),
        });
        mount(place, conflictNotice({ title: tr("appointment.conflict"), taken: taken.filter(counts).map(label), disputed: disputed.filter(counts).map(dispute), submit }));
        place.scrollIntoView({ block: "start" });
        (place.querySelector("button") ?? dialog.button).focus();
    }
}

/**
 * Why an appointment can't be shown or changed.
 * @param {unknown} error
 */
export function appointmentErrorText(error) {
    const isGone = error instanceof ApiError && error.code === "not_found";
    return isGone ? t("appointment.gone") : errorText(error);
}
