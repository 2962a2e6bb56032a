// @ts-check
// The fields of the form for a room, by the names of their entries.
import { h } from "../../lib/dom.js";
import { reasonText } from "../../lib/errors.js";
import { textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { aliasField } from "./alias-field.js";
import { colorField } from "./color-field.js";
import { deputiesField } from "./deputies-field.js";
import { formPart, optionFields } from "./option-fields.js";
import { pinField } from "./pin-field.js";
import { entriesOf } from "./room-entries.js";

/** @typedef {import("./room-entries.js").RoomEntries} RoomEntries */
/** @typedef {import("../../lib/wire.js").FieldProblem} FieldProblem */
/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

/**
 * @param {RoomView | null} room
 * @param {{ own: string, signal: AbortSignal }} options `own`: one's own account
 */
export function roomFields(room, options) {
    const entries = entriesOf(room);
    const alias = aliasField(entries.alias, room?.id);
    const name = textField({
        label: tr("roomForm.name"),
        name: "name",
        value: entries.name,
        required: true,
        attributes: { autocomplete: "off", oninput: () => alias.suggestFrom(name.value) },
    });
    const description = textField({
        label: tr("roomForm.description"),
        name: "description",
        value: entries.description,
        multiline: true,
        hint: tr("roomForm.descriptionHint"),
        optional: tr("common.optional"),
    });
    return {
        name,
        alias,
        description,
        color: colorField(entries.color),
        pin: pinField(entries.pin),
        ...optionFields(entries),
        deputies: deputiesField({ value: entries.deputies, ...options }),
    };
}

/** @typedef {ReturnType<typeof roomFields>} RoomFields */

/**
 * @param {RoomFields} fields
 * @param {boolean} isOwner
 */
export function fieldParts(fields, isOwner) {
    const { name, alias, description, color, pin, lobby, waitForModerator, everyoneModerates, muteOnJoining, screenSharing, chat, keepChat } = fields;
    const meeting = [everyoneModerates, muteOnJoining, screenSharing, chat, keepChat];
    return [
        ...[name, alias, description, color].map(({ element }) => element),
        formPart(tr("roomForm.entryPart"), tr("roomForm.entryPartText"), ...[pin, lobby, waitForModerator].map(({ element }) => element)),
        formPart(tr("roomForm.meetingPart"), tr("roomForm.meetingPartText"), h("div", { class: "stack option-list" }, ...meeting.map(({ element }) => element))),
        isOwner && formPart(tr("roomForm.deputies"), tr("roomForm.deputiesText"), fields.deputies.element),
    ];
}

/**
 * @param {RoomFields} fields
 * @returns {RoomEntries}
 */
export function readFields(fields) {
    return {
        name: fields.name.value,
        alias: fields.alias.value.trim(),
        description: fields.description.value.trim(),
        color: fields.color.value,
        pin: fields.pin.value,
        lobby: fields.lobby.value,
        waitForModerator: fields.waitForModerator.value,
        everyoneModerates: fields.everyoneModerates.value,
        muteOnJoining: fields.muteOnJoining.value,
        screenSharing: fields.screenSharing.value,
        chat: fields.chat.value,
        keepChat: fields.keepChat.value,
        deputies: fields.deputies.value,
    };
}

/**
 * @param {RoomFields} fields
 * @param {keyof RoomEntries} key
 * @param {any} value
 */
export function writeField(fields, key, value) {
    /** @type {{ value: unknown }} */ (fields[key]).value = value ?? "";
}

/**
 * An entry in words, for people who compare two.
 * @param {RoomFields} fields
 * @param {keyof RoomEntries} key
 * @param {any} value
 * @returns {string}
 */
export function entryText(fields, key, value) {
    if (key === "deputies") return value.map(fields.deputies.nameOf).join(", ") || t("conflict.nothing");
    if (key === "color") return t(`color.${value}`);
    if (key === "lobby") return t(`roomForm.lobby.${value}`);
    if (key === "screenSharing" || key === "chat") return t(`roomForm.who.${value}`);
    if (typeof value === "boolean") return t(value ? "conflict.on" : "conflict.off");
    return value || t("conflict.nothing");
}

const ranges = Object.freeze({ name: limits.roomName, alias: limits.roomAlias, description: limits.roomDescription, pin: limits.pin, deputies: { min: 0, max: limits.deputies } });

/**
 * Shows each problem beside its field, and none where there is none; the first one gets the focus.
 * @param {RoomFields} fields
 * @param {FieldProblem[]} problems
 * @returns {boolean} whether there was one
 */
export function showProblems(fields, problems) {
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
 * @param {import("../../lib/wire.js").FieldReason} reason
 */
function problemText(key, reason) {
    if (key === "pin" && reason !== "not_allowed") return t("roomForm.pinForm");
    if (key === "alias" && reason === "bad_format") return t("roomForm.aliasForm");
    return reasonText(reason, ranges[key]);
}
