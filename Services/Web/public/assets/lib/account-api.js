// @ts-check
// The parts of the HTTP API that are about accounts: one's own, and those of an organization for its administrators.

/** @typedef {(path: string, options?: import("./api.js").RequestOptions) => Promise<any>} Send */
/** @typedef {import("./wire.js").AccountView} AccountView */
/** @typedef {import("./wire.js").OrganizationSettingsView} OrganizationSettingsView */

const profilePath = "/api/identity/profile";
const factorPath = `${profilePath}/second-factor`;
const sessionsPath = "/api/identity/sessions";
const organizationPath = "/api/identity/organization";

/**
 * One's own account.
 * @param {Send} send
 */
export function profileApi(send) {
    return {
        /** @returns {Promise<import("./wire.js").ProfileView>} */
        read: () => send(profilePath),
        /**
         * @param {import("./wire.js").ProfileDraft} draft
         * @returns {Promise<import("./wire.js").ProfileView>}
         */
        change: (draft) => send(profilePath, { method: "PUT", body: draft }),
        /**
         * All other sessions end.
         * @param {import("./wire.js").PasswordChange} change
         * @returns {Promise<void>}
         */
        changePassword: (change) => send(`${profilePath}/password`, { method: "PUT", body: change }),
        /**
         * @param {Blob} picture PNG, JPEG or WebP
         * @returns {Promise<import("./wire.js").ProfileView>}
         */
        setPicture: (picture) => send(`${profilePath}/picture`, { method: "PUT", body: picture }),
        /** @returns {Promise<import("./wire.js").ProfileView>} */
        removePicture: () => send(`${profilePath}/picture`, { method: "DELETE" }),
        /** @returns {Promise<object>} everything that identity keeps about the person */
        export: () => send(`${profilePath}/export`),

        /**
         * @param {import("./wire.js").Reauthentication} shown
         * @returns {Promise<import("./wire.js").SecondFactorOffer>}
         */
        offerSecondFactor: (shown) => send(factorPath, { method: "POST", body: shown }),
        /**
         * @param {import("./wire.js").SecondFactorSetup} setup
         * @returns {Promise<import("./wire.js").RecoveryCodes>}
         */
        setSecondFactor: (setup) => send(factorPath, { method: "PUT", body: setup }),
        /**
         * @param {import("./wire.js").Reauthentication} shown
         * @returns {Promise<void>}
         */
        removeSecondFactor: (shown) => send(factorPath, { method: "DELETE", body: shown }),
        /**
         * @param {import("./wire.js").Reauthentication} shown
         * @returns {Promise<import("./wire.js").RecoveryCodes>}
         */
        makeRecoveryCodes: (shown) => send(`${factorPath}/recovery-codes`, { method: "POST", body: shown }),

        /**
         * Where one is signed in, the session used last first.
         * @returns {Promise<import("./wire.js").SessionItem[]>}
         */
        sessions: async () => (await send(sessionsPath)).items,
        /**
         * @param {string} session
         * @returns {Promise<void>}
         */
        endSession: (session) => send(`${sessionsPath}/${encodeURIComponent(session)}`, { method: "DELETE" }),
        /** @returns {Promise<void>} */
        endOtherSessions: () => send(sessionsPath, { method: "DELETE" }),
    };
}

/**
 * An organization and its accounts, for administrators.
 * @param {Send} send
 */
export function administrationApi(send) {
    return {
        /** @returns {Promise<OrganizationSettingsView>} */
        organization: () => send(organizationPath),
        /**
         * @param {number} version
         * @param {import("./wire.js").OrganizationDraft} draft
         * @returns {Promise<OrganizationSettingsView>}
         */
        changeOrganization: (version, draft) =>
            send(organizationPath, { method: "PUT", body: draft, headers: basedOn(version) }),

        /**
         * One page, by display name.
         * @param {{ search: string, cursor?: string, limit?: number }} wanted
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire.js").AccountList>}
         */
        accounts: (wanted, signal) => send(`/api/identity/accounts?${query({ limit: 50, ...wanted })}`, { signal }),
        /**
         * @param {string} id
         * @returns {Promise<AccountView>}
         */
        account: (id) => send(accountPath(id)),
        /**
         * @param {import("./wire.js").AccountDraft} draft
         * @returns {Promise<import("./wire.js").AccountCreated>}
         */
        addAccount: (draft) => send("/api/identity/accounts", { method: "POST", body: draft }),
        /**
         * @param {string} id
         * @param {number} version
         * @param {import("./wire.js").AccountDraft} draft
         * @returns {Promise<AccountView>}
         */
        changeAccount: (id, version, draft) => send(accountPath(id), { method: "PUT", body: draft, headers: basedOn(version) }),
        /**
         * @param {string} id
         * @param {number} version
         * @returns {Promise<void>}
         */
        deleteAccount: (id, version) => send(accountPath(id), { method: "DELETE", headers: basedOn(version) }),
        /**
         * @param {string} id
         * @param {import("./wire.js").Reauthentication} [shown] for the account of another administrator
         * @returns {Promise<import("./wire.js").OneTimePasswordView>}
         */
        makeOneTimePassword: (id, shown) => send(`${accountPath(id)}/one-time-password`, { method: "POST", body: shown ?? {} }),
        /**
         * @param {string} id
         * @param {import("./wire.js").Reauthentication} [shown] for the account of another administrator
         * @returns {Promise<void>}
         */
        removeSecondFactor: (id, shown) => send(`${accountPath(id)}/second-factor`, { method: "DELETE", body: shown ?? {} }),
        /**
         * @param {string} id
         * @returns {Promise<void>}
         */
        endSessions: (id) => send(`${accountPath(id)}/sessions`, { method: "DELETE" }),
        /**
         * @param {string} id
         * @returns {Promise<object>}
         */
        export: (id) => send(`${accountPath(id)}/export`),

        /**
         * One page of what was done, the newest first.
         * @param {{ cursor?: string, limit?: number }} wanted
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire.js").AuditList>}
         */
        audit: (wanted, signal) => send(`/api/identity/audit?${query({ limit: 50, ...wanted })}`, { signal }),
    };
}

/** @param {string} id */
function accountPath(id) {
    return `/api/identity/accounts/${encodeURIComponent(id)}`;
}

/**
 * Where an account's picture is; another picture is at another address.
 * @param {string} account
 * @param {string} picture
 */
export function picturePath(account, picture) {
    return `${accountPath(account)}/picture?${query({ v: picture })}`;
}

/** @param {number} version */
function basedOn(version) {
    return { "If-Match": `"${version}"` };
}

/**
 * Leaves out what is not given.
 * @param {Record<string, string | number | undefined>} parameters
 */
function query(parameters) {
    return Object.entries(parameters)
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
        .join("&");
}
