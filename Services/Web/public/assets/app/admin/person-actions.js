// @ts-check
// What can be done to an account besides changing it.
import { api, ApiError } from "../../lib/api.js";
import { confirmDialog } from "../../lib/dialog.js";
import { h, icon, mount } from "../../lib/dom.js";
import { fileName, saveJSON } from "../../lib/download.js";
import { errorText } from "../../lib/errors.js";
import { t, tr } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";
import { askAgain } from "../account/reauthentication.js";
import { confirmDeletion } from "./confirm-deletion.js";
import { showOneTimePassword } from "./one-time-password.js";
import { isAdministrator } from "./rules.js";

/** @typedef {import("../../lib/wire.js").AccountView} AccountView */
/**
 * @typedef {object} ActionContext
 * @property {boolean} isOwn
 * @property {() => number} version
 * @property {(account: AccountView) => void} changed
 * @property {() => void} removed
 */

/**
 * @param {AccountView} person
 * @param {ActionContext} context
 */
export function personActions(person, { isOwn, version, changed, removed }) {
    const name = person.displayName;
    const place = h("ul", { class: "action-list" });
    let current = person;

    async function refresh() {
        current = await api.administration.account(person.account);
        changed(current);
        show();
    }

    /** @param {() => Promise<void>} work */
    async function run(work) {
        try {
            await work();
        } catch (error) {
            toast(() => (isGone(error) ? t("people.gone") : errorText(error)), { kind: "error" });
        }
    }

    /**
     * Asks, and for another administrator's account for the own password, too.
     * @param {{ name: "password" | "factor", danger: boolean }} what
     * @param {(shown?: import("../../lib/wire.js").Reauthentication) => Promise<void>} work
     */
    async function open({ name: action, danger }, work) {
        const [title, confirm] = [tr(`action.${action}`), tr(`action.${action}Confirm`)];
        const text = () => t(`action.${action}Text`, { name });
        if (isAdministrator(current)) {
            askAgain({
                title, text: () => `${text()} ${t("action.askPassword", { name })}`, submit: confirm, needsCode: false, danger, send: work,
            });
        } else if (await confirmDialog({ title, text, confirm, danger })) {
            await run(() => work());
        }
    }

    const actions = {
        password: () =>
            open({ name: "password", danger: false }, async (shown) => {
                const made = await api.administration.makeOneTimePassword(person.account, shown);
                // After the dialog that asked has closed.
                setTimeout(() => showOneTimePassword(person.userName, made, { isNew: false }));
                // It is made, whatever becomes of this.
                void refresh().catch(() => {});
            }),
        factor: () =>
            open({ name: "factor", danger: true }, async (shown) => {
                await api.administration.removeSecondFactor(person.account, shown);
                await refresh();
                toast(tr("action.factorDone", { name }), { kind: "success" });
            }),
        async sessions() {
            const text = () => `${t("action.sessionsText", { name })} ${isOwn ? t("action.ownSessions") : ""}`.trim();
            if (!(await confirmDialog({ title: tr("action.sessions"), text, confirm: tr("action.sessionsConfirm"), danger: true }))) return;
            await run(async () => {
                await api.administration.endSessions(person.account);
                toast(tr("action.sessionsDone", { name }), { kind: "success" });
            });
        },
        async export() {
            await run(async () => saveJSON(`${fileName("parley", person.userName)}.json`, await api.administration.export(person.account)));
        },
        async delete() {
            const confirmed = await confirmDeletion({ userName: current.userName, name, isOwn, send: () => api.administration.deleteAccount(person.account, version()) });
            if (!confirmed) return;
            removed();
            toast(tr("action.deleted", { name }), { kind: "success" });
        },
    };

    function show() {
        mount(
            place,
            // For the own account there is the profile.
            !isOwn && current.origin === "local" && action("key", "password", actions.password),
            !isOwn && current.hasSecondFactor && action("shield", "factor", actions.factor),
            action("sign-out", "sessions", actions.sessions),
            action("download", "export", actions.export),
            action("trash", "delete", actions.delete, true),
        );
    }

    show();
    return h("section", { class: "person-actions" }, h("h3", null, tr("action.title")), place);
}

/**
 * @param {import("../../lib/dom.js").IconName} mark
 * @param {"password" | "factor" | "sessions" | "export" | "delete"} name
 * @param {() => void} run
 * @param {boolean} [danger]
 */
function action(mark, name, run, danger = false) {
    return h("li", null, h("button", { class: ["button action", danger && "action-danger"], type: "button", onclick: run }, icon(mark), tr(`action.${name}`)));
}

/** @param {unknown} error */
export function isGone(error) {
    return error instanceof ApiError && error.code === "not_found";
}
