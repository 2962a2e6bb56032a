// @ts-check
import { api } from "../../lib/api.js";
import { h, icon, mount } from "../../lib/dom.js";
import { fileName, saveFile } from "../../lib/download.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { language, t, tr } from "../../lib/i18n.js";
import { dateText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { timesText } from "./times-text.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/wire-directory.js").MeetingItem} MeetingItem */
/** @typedef {import("../../lib/wire-directory.js").AttendanceItem} AttendanceItem */

/**
 * Who was there, read when somebody wants to see it.
 * @param {RoomView} room
 * @param {MeetingItem} meeting
 */
export function attendancePart(room, meeting) {
    // Apart from the table, which nobody wants to have read out as a whole.
    const message = h("div", { role: "status" });
    const place = h("div", { class: "attendance" });
    let isRead = false;
    const element = h("details", { class: "attendance-part", ontoggle: () => void open() }, h("summary", null, tr("attendance.show")), message, place);

    async function open() {
        if (!element.open || isRead) return;
        isRead = true;
        mount(message, h("p", { class: "muted small" }, tr("common.loading")));
        try {
            const people = await api.rooms.attendance(room.id, meeting.id);
            mount(message, people.length === 0 && h("p", { class: "muted small" }, tr("attendance.none")));
            mount(place, people.length > 0 && attendanceTable(meeting, people), downloadButton());
        } catch (error) {
            isRead = false;
            mount(message, notice("warning", () => errorText(error)));
        }
    }

    function downloadButton() {
        return h("button", { class: "button", type: "button", onclick: () => void download() }, icon("download"), tr("attendance.download"));
    }

    async function download() {
        try {
            const table = await api.rooms.attendanceTable(room.id, meeting.id, language());
            saveFile(`${fileName(room.name, meeting.startedAt.slice(0, 10)) || "parley"}.csv`, table, "text/csv;charset=utf-8");
        } catch (error) {
            toast(() => errorText(error), { kind: "error" });
        }
    }
    return element;
}

/**
 * @param {MeetingItem} meeting
 * @param {AttendanceItem[]} people
 */
function attendanceTable(meeting, people) {
    const inWords = timesText(people.flatMap(({ joinedAt, leftAt }) => [joinedAt, leftAt]));
    const caption = () => t("attendance.caption", { date: dateText(meeting.startedAt) });
    return h(
        "table",
        { class: "attendance-table small" },
        h("caption", { class: "visually-hidden" }, caption),
        h("thead", null, h("tr", null, ...["name", "joined", "left"].map((key) => h("th", { scope: "col" }, tr(`attendance.${key}`))))),
        h(
            "tbody",
            null,
            ...people.map(({ name, guest, joinedAt, leftAt }) =>
                h(
                    "tr",
                    null,
                    h("th", { scope: "row" }, name, guest ? h("span", { class: "muted" }, " ", tr("attendance.guest")) : null),
                    h("td", null, () => inWords(joinedAt)),
                    h("td", null, () => (leftAt ? inWords(leftAt) : t("attendance.inside"))),
                ),
            ),
        ),
    );
}
