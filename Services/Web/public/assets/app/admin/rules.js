// @ts-check
// What an account and an organization must look like, before the server is asked; and who may change what. Pure.
import { characters, limits } from "../../lib/limits.js";

/** @typedef {import("../../lib/wire.js").FieldProblem} FieldProblem */
/** @typedef {import("../../lib/wire.js").Permission} Permission */
/** @typedef {import("../../lib/wire.js").AccountDraft} AccountDraft */
/** @typedef {import("../../lib/wire.js").OrganizationDraft} OrganizationDraft */

/** @type {readonly Permission[]} */
export const permissions = Object.freeze(["rooms.create", "organization.admin", "system.admin"]);
const administrative = /** @type {readonly Permission[]} */ (Object.freeze(["organization.admin", "system.admin"]));

/**
 * @param {AccountDraft} draft
 * @returns {FieldProblem[]}
 */
export function checkAccount({ userName, displayName, email = "" }) {
    /** @type {FieldProblem[]} */
    const problems = [];
    if (userName === "") problems.push({ field: "userName", reason: "missing" });
    else if ([...userName].length > limits.userName.max) problems.push({ field: "userName", reason: "too_long" });
    // It separates the domain at sign-in.
    else if (userName.includes("\\")) problems.push({ field: "userName", reason: "bad_format" });
    if (displayName === "") problems.push({ field: "displayName", reason: "missing" });
    else if (characters(displayName) > limits.displayName.max) problems.push({ field: "displayName", reason: "too_long" });
    if (email.length > limits.email) problems.push({ field: "email", reason: "too_long" });
    else if (email !== "" && !/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(email)) problems.push({ field: "email", reason: "bad_format" });
    return problems;
}

/**
 * @param {OrganizationDraft} draft
 * @returns {FieldProblem[]}
 */
export function checkOrganization({ name, passwordMinimum }) {
    /** @type {FieldProblem[]} */
    const problems = [];
    if (name === "") problems.push({ field: "name", reason: "missing" });
    else if (characters(name) > limits.organizationName) problems.push({ field: "name", reason: "too_long" });
    const isRight = Number.isInteger(passwordMinimum) && passwordMinimum >= limits.leastPasswordMinimum && passwordMinimum <= limits.mostPasswordMinimum;
    if (!isRight) problems.push({ field: "passwordMinimum", reason: "bad_format" });
    return problems;
}

/**
 * What is wrong with another alias or domain for a list.
 * @param {string} text
 * @param {readonly string[]} others
 * @param {number} most
 * @returns {import("../../lib/wire.js").FieldReason | null}
 */
export function checkHandle(text, others, most) {
    if (text === "") return "missing";
    if ([...text].length > limits.ucsid.max) return "too_long";
    if (!/^[\p{L}\p{Nd}\p{Mn}\p{Mc}._-]+$/u.test(text)) return "bad_format";
    if (others.some((other) => other.toLowerCase() === text.toLowerCase())) return "taken";
    return others.length >= most ? "not_allowed" : null;
}

/**
 * Nobody changes a system administrator, or makes one, who is none.
 * @param {{ permissions: readonly Permission[] }} caller
 * @param {readonly Permission[]} theirs
 */
export function mayChange(caller, theirs) {
    return caller.permissions.includes("system.admin") || !theirs.includes("system.admin");
}

/**
 * Whether somebody has power over other accounts.
 * @param {{ permissions: readonly Permission[] }} person
 */
export function isAdministrator({ permissions: theirs }) {
    return administrative.some((permission) => theirs.includes(permission));
}

/**
 * Whether somebody would have no power over the organization afterwards.
 * @param {{ permissions: readonly Permission[], isEnabled: boolean }} before
 * @param {{ permissions: readonly Permission[], isEnabled: boolean }} after
 */
export function losesPower(before, after) {
    const hasPower = (/** @type {typeof before} */ one) => one.isEnabled && isAdministrator(one);
    return hasPower(before) && !hasPower(after);
}
