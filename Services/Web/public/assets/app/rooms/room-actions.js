// @ts-check
// What can be done to a room of the list.
import { api, ApiError } from "../../lib/api.js";
import { confirmDialog } from "../../lib/dialog.js";
import { errorText } from "../../lib/errors.js";
import { t, tr } from "../../lib/i18n.js";
import { dateText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { openAppointments } from "../appointments/appointments-dialog.js";
import { openInvitation } from "../invitations/invitation-dialog.js";
import { openBans } from "../meetings/bans-dialog.js";
import { openHistory } from "../meetings/history-dialog.js";
import { openRoomForm } from "./room-form.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/**
 * The list that the room is in.
 * @typedef {object} RoomHome
 * @property {string} own one's own account
 * @property {(room: RoomView) => void} put the room is new or changed
 * @property {(room: RoomView) => void} drop it is gone
 * @property {() => void} refresh
 */

/**
 * @param {import("./room-card.js").RoomAction} action
 * @param {RoomView} room
 * @param {RoomHome} home
 */
export function runRoomAction(action, room, home) {
    switch (action) {
        case "edit":
            return openRoomForm(room, { own: home.own, saved: home.put });
        case "invite":
            return openInvitation(room);
        case "appointments":
            return openAppointments(room, home.refresh);
        case "history":
            return openHistory(room);
        case "bans":
            return openBans(room);
        case "renew":
            return void renew(room, home);
        case "lock":
            return void lock(room, home);
        case "remove":
            return void remove(room, home);
    }
}

/**
 * @param {RoomView} room
 * @param {RoomHome} home
 */
async function renew(room, home) {
    await attempt(home, async () => {
        const renewed = await api.rooms.renew(room.id);
        home.put(renewed);
        toast(tr("renew.done", { name: room.name, date: dateText(renewed.expiresAt) }), { kind: "success" });
    });
}

/**
 * @param {RoomView} room
 * @param {RoomHome} home
 */
async function lock(room, home) {
    await attempt(home, async () => {
        const changed = await api.rooms.lock(room.id, !room.locked);
        home.put(changed);
        toast(tr(changed.locked ? "lock.locked" : "lock.unlocked", { name: room.name }), { kind: "success" });
    });
}

/**
 * @param {RoomView} room
 * @param {RoomHome} home
 */
async function remove(room, home) {
    const count = room.occupancy ?? 0;
    const confirmed = await confirmDialog({
        title: tr("delete.title", { name: room.name }),
        text: () => `${count > 0 ? `${t("delete.inside", { count })} ` : ""}${t("delete.text")}`,
        confirm: tr("room.delete"),
        danger: true,
    });
    if (!confirmed) return;
    await attempt(home, async () => {
        try {
            await api.rooms.remove(room.id, room.version);
        } catch (error) {
            // Somebody else was faster, and it is what was wanted.
            if (!(error instanceof ApiError) || !["not_found", "room_not_found"].includes(error.code)) throw error;
        }
        home.drop(room);
        toast(tr("delete.done", { name: room.name }), { kind: "success" });
    });
}

/**
 * @param {RoomHome} home
 * @param {() => Promise<void>} work
 */
async function attempt(home, work) {
    try {
        await work();
    } catch (error) {
        toast(() => errorText(error), { kind: "error" });
        home.refresh();
    }
}
