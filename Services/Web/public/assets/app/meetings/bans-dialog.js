// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { openDialog } from "../../lib/dialog.js";
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { Newest } from "../../lib/newest.js";
import { dateTimeText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { skeletonRows } from "../admin/list-parts.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/wire-directory.js").BanItem} BanItem */

/**
 * Who was removed from a room and can't come back, until it is lifted.
 * @param {RoomView} room
 */
export function openBans(room) {
    const controller = new AbortController();
    const { signal } = controller;
    const message = h("div", { role: "status" });
    const list = h("ul", { class: "ban-list" });
    const reads = new Newest();
    const dialog = openDialog({
        title: tr("bans.title", { name: room.name }),
        class: "dialog-list",
        body: [h("div", { class: "stack" }, h("p", { class: "muted" }, tr("bans.text")), message, list)],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close"))],
        onclose: () => controller.abort(),
    });
    mount(list, ...skeletonRows());
    void load();

    async function load() {
        const isNewest = reads.begin();
        try {
            const bans = await api.rooms.bans(room.id, signal);
            if (signal.aborted || !isNewest()) return;
            mount(message);
            mount(list, ...bans.map(row));
            showNone();
        } catch (error) {
            if (signal.aborted || !isNewest()) return;
            mount(list);
            const again = h("button", { class: "button notice-button", type: "button", onclick: load }, icon("refresh"), tr("common.tryAgain"));
            mount(message, notice("warning", h("p", null, () => errorText(error)), again));
        }
    }

    function showNone() {
        if (list.childElementCount === 0) mount(message, h("p", null, tr("bans.none")));
    }

    /** @param {BanItem} ban */
    function row(ban) {
        const { name, guest, bannedBy, bannedAt, until } = ban;
        const button = h("button", { class: "button", type: "button", onclick: lift }, tr("bans.lift"), hidden(" – ", name));
        const element = h(
            "li",
            { class: "ban" },
            h(
                "div",
                { class: "ban-text" },
                h("p", null, h("strong", null, name), guest ? h("span", { class: "muted" }, " ", tr("attendance.guest")) : null),
                h("p", { class: "muted small" }, () => t("bans.by", { name: bannedBy, when: dateTimeText(bannedAt) })),
                h("p", { class: "muted small" }, () => (until ? t("bans.until", { when: dateTimeText(until) }) : t("bans.forever"))),
            ),
            button,
        );

        async function lift() {
            if (button.getAttribute("aria-busy") === "true") return;
            button.setAttribute("aria-busy", "true");
            try {
                await api.rooms.liftBan(room.id, ban.id);
            } catch (error) {
                // Somebody else was faster, or its time was over.
                if (!(error instanceof ApiError) || error.code !== "not_found") {
                    button.removeAttribute("aria-busy");
                    toast(() => errorText(error), { kind: "error" });
                    return;
                }
            }
            // What is read meanwhile may still have it.
            reads.begin();
            const next = (element.nextElementSibling ?? element.previousElementSibling)?.querySelector("button");
            element.remove();
            showNone();
            (next ?? dialog.element.querySelector("h2"))?.focus();
            toast(tr("bans.lifted", { name }), { kind: "success" });
        }
        return element;
    }
}
