// @ts-check
import { api, ApiError } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { h, mount, newID } from "../lib/dom.js";
import { errorText, reasonText } from "../lib/errors.js";
import { notice, textField } from "../lib/fields.js";
import { t, tr } from "../lib/i18n.js";
import { limits } from "../lib/limits.js";
import { toast } from "../lib/toast.js";
import { aliasField } from "./alias-field.js";
import { colorField } from "./color-field.js";
import { checkRoom, generatePIN } from "./room-rules.js";

/** @typedef {import("../lib/wire.js").RoomView} RoomView */
/** @typedef {import("../lib/wire.js").FieldProblem} FieldProblem */

/**
 * The dialog in which a room is made or changed.
 * @param {RoomView | null} room `null` for a new one
 * @param {(room: RoomView) => void} saved
 */
export function openRoomForm(room, saved) {
    const id = newID("room-form");
    const fields = roomFields(room);
    const message = h("div", { class: "form-message" });
    const submit = h(
        "button",
        { class: "button button-primary", type: "submit", form: id },
        tr(room ? "roomForm.save" : "roomForm.create"),
    );
    const form = h(
        "form",
        { id, class: "stack", novalidate: true, onsubmit: send },
        message,
        ...[fields.name, fields.alias, fields.description, fields.color, fields.pin].map((field) => field.element),
    );
    /** The state that a change is based on. */
    let version = room?.version ?? 0;
    const dialog = openDialog({
        title: tr(room ? "roomForm.edit" : "roomForm.new"),
        body: [form],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.cancel")), submit],
        onclose: () => fields.alias.stop(),
    });
    fields.name.input.focus();

    /** @param {Event} event */
    async function send(event) {
        event.preventDefault();
        if (submit.getAttribute("aria-busy") === "true") return;
        mount(message);
        const entries = entriesOf(fields);
        const problems = checkRoom(entries, { aliasRequired: room !== null });
        if (fields.alias.refusal) problems.push({ field: "alias", reason: fields.alias.refusal });
        if (showProblems(fields, problems)) return;
        submit.setAttribute("aria-busy", "true");
        try {
            const draft = { ...entries, name: entries.name.trim(), alias: entries.alias || undefined, pin: entries.pin || undefined };
            const result = room ? await api.rooms.update(room.id, version, draft) : await api.rooms.create(draft);
            dialog.close();
            saved(result);
            toast(tr(room ? "roomForm.saved" : "roomForm.created", { name: result.name }), { kind: "success" });
        } catch (error) {
            await show(error);
        } finally {
            submit.removeAttribute("aria-busy");
        }
    }

    /** @param {unknown} error */
    async function show(error) {
        if (!(error instanceof ApiError)) return mount(message, notice("error", () => errorText(error)));
        if (error.code === "precondition_failed") return showConflict();
        if (error.code === "alias_taken") return void showProblems(fields, [{ field: "alias", reason: "taken" }]);
        if (showProblems(fields, error.fields)) return undefined;
        const gone = error.code === "not_found" || error.code === "room_not_found";
        return mount(message, notice("error", () => (gone ? t("roomForm.gone") : errorText(error))));
    }

    /** Somebody else was faster: say so, and let the person decide whose state stays. */
    async function showConflict() {
        const rooms = await api.rooms.list().catch(() => null);
        const current = rooms?.find(({ id: other }) => other === room?.id);
        if (rooms && !current) return mount(message, notice("error", tr("roomForm.gone")));
        version = current?.version ?? version;
        mount(message, notice("warning", h("strong", null, tr("roomForm.conflict")), " ", tr("roomForm.conflictText")));
        message.scrollIntoView({ block: "nearest" });
        return submit.focus();
    }
}

/** @param {RoomView | null} room */
function roomFields(room) {
    const alias = aliasField(room?.alias ?? "");
    const name = textField({
        label: tr("roomForm.name"),
        name: "name",
        value: room?.name ?? "",
        required: true,
        attributes: { autocomplete: "off", oninput: () => alias.suggestFrom(name.value) },
    });
    const description = textField({
        label: tr("roomForm.description"),
        name: "description",
        value: room?.description ?? "",
        multiline: true,
        hint: tr("roomForm.descriptionHint"),
        optional: tr("common.optional"),
    });
    return { name, alias, description, color: colorField(room?.color ?? "teal"), pin: pinField(room?.pin ?? "") };
}

/** @param {string} value */
function pinField(value) {
    const clear = h("button", { class: "button button-quiet", type: "button", onclick: () => put("") }, tr("roomForm.pinClear"));
    const generate = h("button", { class: "button button-quiet", type: "button", onclick: () => put(generatePIN()) }, tr("roomForm.pinGenerate"));
    const field = textField({
        label: tr("roomForm.pin"),
        name: "pin",
        value,
        hint: tr("roomForm.pinHint"),
        optional: tr("common.optional"),
        after: [generate, clear],
        attributes: { class: "input pin-input", inputmode: "numeric", autocomplete: "off", maxlength: limits.pin.max, oninput: update },
    });

    /** @param {string} pin */
    function put(pin) {
        field.value = pin;
        field.setError(null);
        update();
        field.input.focus();
    }
    function update() {
        clear.hidden = field.value === "";
    }
    update();
    return field;
}

/** @param {ReturnType<typeof roomFields>} fields */
function entriesOf(fields) {
    return {
        name: fields.name.value,
        alias: fields.alias.value.trim(),
        description: fields.description.value.trim(),
        color: fields.color.value,
        pin: fields.pin.value.trim(),
    };
}

const ranges = Object.freeze({ name: limits.roomName, alias: limits.roomAlias, description: limits.roomDescription, pin: limits.pin });

/**
 * Shows each problem beside its field, and none where there is none; the first one gets the focus.
 * @param {ReturnType<typeof roomFields>} fields
 * @param {FieldProblem[]} problems
 * @returns {boolean} whether there was one
 */
function showProblems(fields, problems) {
    let first = null;
    for (const key of /** @type {(keyof typeof ranges)[]} */ (Object.keys(ranges))) {
        const problem = problems.find(({ field }) => field === key);
        fields[key].setError(problem ? () => problemText(key, problem.reason) : null);
        if (problem) first ??= fields[key].input;
    }
    first?.focus();
    return first !== null;
}

/**
 * @param {keyof typeof ranges} key
 * @param {import("../lib/wire.js").FieldReason} reason
 */
function problemText(key, reason) {
    if (key === "pin" && reason !== "not_allowed") return t("roomForm.pinForm");
    if (key === "alias" && reason === "bad_format") return t("roomForm.aliasForm");
    return reasonText(reason, ranges[key]);
}
