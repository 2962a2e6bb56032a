// @ts-check
// What was done, in words.
import { hasText, languages, t } from "../../lib/i18n.js";

/** @typedef {import("../../lib/wire.js").AuditItem} AuditItem */

/** The text of every action that identity writes down (`AuditAction`). A test holds them against each other. */
export const auditTexts = /** @type {Readonly<Record<string, string>>} */ (
    Object.freeze({
        "organization.added": "audit.organizationAdded",
        "organization.changed": "audit.organizationChanged",
        "organization.enabled": "audit.organizationEnabled",
        "organization.disabled": "audit.organizationDisabled",
        "account.added": "audit.accountAdded",
        "account.changed": "audit.accountChanged",
        "account.enabled": "audit.accountEnabled",
        "account.disabled": "audit.accountDisabled",
        "account.deleted": "audit.accountDeleted",
        "account.exported": "audit.accountExported",
        "account.linked": "audit.accountLinked",
        "account.password_changed": "audit.passwordChanged",
        "account.one_time_password": "audit.oneTimePassword",
        "account.second_factor_set": "audit.secondFactorSet",
        "account.second_factor_removed": "audit.secondFactorRemoved",
        "account.recovery_codes_made": "audit.recoveryCodesMade",
        "account.recovery_code_used": "audit.recoveryCodeUsed",
        "account.sessions_ended": "audit.sessionsEnded",
        "connection.added": "audit.connectionAdded",
        "connection.changed": "audit.connectionChanged",
        "connection.deleted": "audit.connectionDeleted",
    })
);

/**
 * A sentence without its subject; of an action that a newer server writes, its name.
 * @param {Pick<AuditItem, "action" | "subject">} entry
 */
export function auditText({ action, subject }) {
    const key = auditTexts[action];
    return key ? t(key, { subject }) : t("audit.other", { action, subject });
}

/**
 * Who did it. Two names stand for no person.
 * @param {Pick<AuditItem, "actor" | "actorAccount">} entry
 */
export function auditActor({ actor, actorAccount }) {
    if (actorAccount) return actor;
    if (actor === "operator") return t("audit.operator");
    return actor === "sign-in" ? t("audit.signIn") : actor;
}

/**
 * From where; two texts stand for no address.
 * @param {Pick<AuditItem, "source">} entry
 */
export function auditSource({ source }) {
    if (source === "command line") return t("audit.commandLine");
    return source === "directory" ? t("audit.directory") : source;
}

/** Words for values that are names in the API, by the detail that they stand in. */
const values = /** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */ (
    Object.freeze({
        permissions: { "rooms.create": "permission.rooms_create", "organization.admin": "permission.organization_admin", "system.admin": "permission.system_admin" },
        roomCreators: { permitted: "settings.permitted", everyone: "settings.everyone" },
        secondFactor: { optional: "settings.factorOptional", required: "settings.factorRequired" },
        attendance: { off: "settings.attendanceOff", owner: "settings.attendanceOwner" },
        language: { none: "audit.nothing" },
        defaultLanguage: { none: "audit.nothing" },
        email: { none: "audit.nothing" },
    })
);

/**
 * What was changed, a line each. A change is told as `before → after`, and several values stand with commas between them.
 * @param {Pick<AuditItem, "detail">} entry
 */
export function auditDetails({ detail }) {
    return Object.entries(detail).map(([name, value]) => ({
        name: hasText(`auditDetail.${name}`) ? t(`auditDetail.${name}`) : name,
        value: value.split(" → ").map((side) => valueText(name, side)).join(" → "),
    }));
}

/**
 * @param {string} name
 * @param {string} value
 */
function valueText(name, value) {
    if (value === "") return t("audit.nothing");
    const known = values[name];
    if (!known) return value;
    return value
        .split(", ")
        .map((word) => wordText(known[word], word))
        .join(", ");
}

/**
 * @param {string | undefined} key
 * @param {string} word
 */
function wordText(key, word) {
    return key ? t(key) : languages.find(({ code }) => code === word)?.name ?? word;
}
