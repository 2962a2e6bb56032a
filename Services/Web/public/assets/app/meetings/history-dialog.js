// @ts-check
import { api } from "../../lib/api.js";
import { openDialog } from "../../lib/dialog.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { dateTimeText } from "../../lib/time.js";
import { skeletonRows } from "../admin/list-parts.js";
import { attendancePart } from "./attendance.js";
import { lengthText } from "./length-text.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/wire-directory.js").MeetingItem} MeetingItem */

/**
 * The meetings that a room has had, the newest first.
 * @param {RoomView} room
 */
export function openHistory(room) {
    const controller = new AbortController();
    const { signal } = controller;
    const message = h("div", { role: "status" });
    const list = h("ol", { class: "meeting-list" });
    const more = h("button", { class: "button", type: "button", hidden: true, onclick: read }, tr("admin.more"));
    /** @type {string | undefined} */
    let cursor;
    let count = 0;

    const dialog = openDialog({
        title: tr("history.title", { name: room.name }),
        class: "dialog-list",
        body: [h("div", { class: "stack" }, message, list, h("p", { class: "more" }, more))],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close"))],
        onclose: () => controller.abort(),
    });
    mount(list, ...skeletonRows());
    void read();

    async function read() {
        if (more.getAttribute("aria-busy") === "true") return;
        more.setAttribute("aria-busy", "true");
        try {
            const page = await api.rooms.meetings(room.id, cursor, signal);
            if (signal.aborted) return;
            mount(message);
            if (count === 0) mount(list);
            const rows = page.items.map((meeting) => meetingRow(room, meeting));
            list.append(...rows);
            // From the button, which may be gone, to the first of the new ones.
            if (count > 0) rows[0]?.focus();
            count += rows.length;
            cursor = page.nextCursor;
            more.hidden = cursor === undefined;
            if (count === 0) mount(message, h("p", { class: "muted" }, tr("history.none")));
        } catch (error) {
            if (signal.aborted) return;
            if (count === 0) mount(list);
            const again = h("button", { class: "button notice-button", type: "button", onclick: read }, icon("refresh"), tr("common.tryAgain"));
            mount(message, notice("warning", h("p", null, () => errorText(error)), again));
        } finally {
            more.removeAttribute("aria-busy");
        }
    }
}

/**
 * @param {RoomView} room
 * @param {MeetingItem} meeting
 */
function meetingRow(room, meeting) {
    const { startedAt, endedAt, people } = meeting;
    const duration = () => (endedAt ? lengthText(Date.parse(endedAt) - Date.parse(startedAt)) : t("history.running"));
    return h(
        "li",
        { class: "meeting", tabindex: -1 },
        h("p", { class: "meeting-when" }, h("time", { datetime: startedAt }, () => dateTimeText(startedAt))),
        h(
            "p",
            { class: "muted small meeting-facts" },
            h("span", { class: endedAt ? "" : "badge badge-success" }, duration),
            h("span", null, tr("history.people", { count: people })),
        ),
        // Who was there is for the owner alone.
        meeting.hasAttendance && room.access === "owner" ? attendancePart(room, meeting) : null,
    );
}
