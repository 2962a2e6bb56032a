// @ts-check
import { api } from "../../lib/api.js";
import { h, icon } from "../../lib/dom.js";
import { fileName, saveJSON } from "../../lib/download.js";
import { tr } from "../../lib/i18n.js";
import { BusyForm } from "../account/busy-form.js";
import { section } from "../account/section.js";

/** @param {import("../../lib/wire.js").ProfileView} profile */
export function dataSection(profile) {
    const button = h("button", { class: "button", type: "button", onclick: save }, icon("download"), tr("profile.export"));
    const busy = new BusyForm(button);

    function save() {
        void busy.send(async () => saveJSON(`${fileName("parley", profile.userName)}.json`, await api.profile.export()));
    }

    return section({ title: tr("profile.data"), text: tr("profile.dataText") }, busy.message, busy.liveRegion, h("p", null, button));
}
