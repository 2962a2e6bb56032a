// @ts-check
// Recovery codes, which are shown once.
import { h, icon } from "../../lib/dom.js";
import { saveFile } from "../../lib/download.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { copyText } from "../../lib/page.js";
import { dateTimeText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";

/**
 * The content of the file: whose the codes are, how they are used, and one code a line.
 * @param {readonly string[]} codes
 * @param {{ userName: string, host: string, now?: number }} of
 */
export function recoveryText(codes, { userName, host, now = Date.now() }) {
    const head = [t("recovery.fileHead", { userName, host }), t("recovery.fileDate", { date: dateTimeText(now) }), t("recovery.each")];
    return `${head.join("\n")}\n\n${codes.join("\n")}\n`;
}

/**
 * @param {readonly string[]} codes
 * @param {string} userName
 */
export function recoveryCodes(codes, userName) {
    const list = h("ul", { class: "recovery-codes", tabindex: -1, "aria-label": tr("recovery.title") }, ...codes.map((code) => h("li", null, h("code", null, code))));
    const text = () => recoveryText(codes, { userName, host: location.host });

    async function copy() {
        if (await copyText(text())) return toast(tr("recovery.copied"), { kind: "success" });
        getSelection()?.selectAllChildren(list);
        return toast(tr("common.copyByHand"), { kind: "warning" });
    }

    return h(
        "div",
        { class: "stack" },
        notice("warning", h("strong", null, tr("recovery.once")), " ", tr("recovery.onceText")),
        list,
        h(
            "div",
            { class: "row recovery-actions" },
            h("button", { class: "button", type: "button", onclick: copy }, icon("copy"), tr("recovery.copy")),
            h(
                "button",
                { class: "button", type: "button", onclick: () => saveFile("parley-recovery-codes.txt", text(), "text/plain") },
                icon("download"),
                tr("recovery.download"),
            ),
        ),
    );
}
