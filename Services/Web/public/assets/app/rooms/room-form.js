// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { openDialog } from "../../lib/dialog.js";
import { h, mount, newID } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";
import { conflictNotice } from "../conflict.js";
import { compare, draftOf, entriesOf, isSame } from "./room-entries.js";
import { entryText, fieldParts, readFields, roomFields, showProblems, writeField } from "./room-fields.js";
import { checkRoom } from "./room-rules.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("./room-entries.js").RoomEntries} RoomEntries */

/**
 * The dialog in which a room is made or changed.
 * @param {RoomView | null} room `null` for a new one
 * @param {{ own: string, saved: (room: RoomView) => void }} options `own`: one's own account
 */
export function openRoomForm(room, { own, saved }) {
    const id = newID("room-form");
    const controller = new AbortController();
    const fields = roomFields(room, { own, signal: controller.signal });
    const isOwner = room?.access !== "deputy";
    const message = h("div", { class: "form-message" });
    const label = tr(room ? "roomForm.save" : "roomForm.create");
    const submit = h("button", { class: "button button-primary", type: "submit", form: id }, label);
    const form = h("form", { id, class: "stack", novalidate: true, onsubmit: send }, message, ...fieldParts(fields, isOwner));
    /** What the change is based on; the room as it is stored. */
    let base = room;
    const dialog = openDialog({
        title: tr(room ? "roomForm.edit" : "roomForm.new"),
        class: "dialog-form",
        body: [form],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.cancel")), submit],
        onclose: () => {
            controller.abort();
            fields.alias.stop();
        },
    });
    fields.name.input.focus();

    /** @param {Event} event */
    async function send(event) {
        event.preventDefault();
        if (submit.getAttribute("aria-busy") === "true") return;
        mount(message);
        const entries = readFields(fields);
        const problems = checkRoom(entries, { aliasRequired: room !== null });
        if (fields.alias.refusal) problems.push({ field: "alias", reason: fields.alias.refusal });
        if (showProblems(fields, problems)) return;
        submit.setAttribute("aria-busy", "true");
        try {
            const result = await save(entries);
            dialog.close();
            saved(result);
            toast(tr(room ? "roomForm.saved" : "roomForm.created", { name: result.name }), { kind: "success" });
        } catch (error) {
            await show(error);
        } finally {
            submit.removeAttribute("aria-busy");
        }
    }

    /**
     * Deputies are another request; when only that one fails, saving again does not make a second room.
     * @param {RoomEntries} entries
     */
    async function save(entries) {
        const draft = { ...draftOf(entries), alias: entries.alias || base?.alias };
        const stored = base ? await api.rooms.update(base.id, base.version, draft) : await api.rooms.create(draft);
        base = stored;
        if (!isOwner || isSame(stored.deputies, entries.deputies)) return stored;
        saved(stored);
        return (base = await api.rooms.setDeputies(stored.id, stored.version, entries.deputies));
    }

    /** @param {unknown} error */
    async function show(error) {
        if (!(error instanceof ApiError)) return mount(message, notice("error", () => errorText(error)));
        if (error.code === "precondition_failed") return showConflict();
        if (error.code === "alias_taken") return void showProblems(fields, [{ field: "alias", reason: "taken" }]);
        if (showProblems(fields, error.fields)) return undefined;
        return say(() => (isGone(error) ? t("roomForm.gone") : errorText(error)));
    }

    /** @param {() => string} text */
    function say(text) {
        mount(message, notice("error", text));
        message.scrollIntoView({ block: "nearest" });
    }

    /** Somebody else was faster: both are shown, and the person chooses. */
    async function showConflict() {
        if (!base) return;
        let current;
        try {
            current = await api.rooms.get(base.id);
        } catch (error) {
            return say(() => (isGone(error) ? t("roomForm.gone") : errorText(error)));
        }
        const [entered, now] = [readFields(fields), entriesOf(current)];
        const { taken, disputed } = compare(entriesOf(base), entered, now);
        base = current;
        for (const key of taken) writeField(fields, key, now[key]);
        const dispute = (/** @type {keyof RoomEntries} */ key) => ({
            label: tr(`roomForm.${key}`),
            theirs: () => entryText(fields, key, now[key]),
            mine: () => entryText(fields, key, entered[key]),
            take: () => writeField(fields, key, now[key]),
        });
        mount(message, conflictNotice({ title: tr("roomForm.conflict"), taken: taken.map((key) => tr(`roomForm.${key}`)), disputed: disputed.map(dispute), submit: label }));
        message.scrollIntoView({ block: "start" });
        message.querySelector("button")?.focus();
    }
}

/** @param {unknown} error */
function isGone(error) {
    return error instanceof ApiError && ["not_found", "room_not_found"].includes(error.code);
}
