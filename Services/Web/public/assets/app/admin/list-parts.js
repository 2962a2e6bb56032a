// @ts-check
import { h, hidden } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";

/** While a list is read. */
export function skeletonRows() {
    const row = () => h("li", { class: "skeleton-row", "aria-hidden": true }, h("span", { class: "skeleton" }), h("span", { class: "skeleton" }));
    return [h("li", { class: "skeleton-said" }, hidden(tr("common.loading"))), row(), row(), row()];
}
