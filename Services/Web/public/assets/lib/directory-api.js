// @ts-check
// The part of the HTTP API that is about rooms.

/** @typedef {import("./account-api.js").Send} Send */
/** @typedef {(path: string, signal?: AbortSignal) => Promise<any[]>} All reads every page of a list */
/** @typedef {import("./wire-directory.js").RoomView} RoomView */
/** @typedef {import("./wire-directory.js").AppointmentView} AppointmentView */
/** @typedef {import("./wire-directory.js").AppointmentDraft} AppointmentDraft */

/**
 * The rooms that one manages.
 * @param {Send} send
 * @param {All} all
 */
export function roomsApi(send, all) {
    return {
        /**
         * In one's own order.
         * @param {AbortSignal} [signal]
         * @returns {Promise<RoomView[]>}
         */
        list: (signal) => all("/api/directory/rooms?sort=own&limit=100", signal),
        /**
         * @param {string} id
         * @returns {Promise<RoomView>}
         */
        get: (id) => send(roomPath(id)),
        /**
         * @param {import("./wire-directory.js").RoomDraft} draft
         * @returns {Promise<RoomView>}
         */
        create: (draft) => send("/api/directory/rooms", { method: "POST", body: draft }),
        /**
         * Replaces what can be set, unless somebody changed it since.
         * @param {string} id
         * @param {number} version
         * @param {import("./wire-directory.js").RoomDraft} draft
         * @returns {Promise<RoomView>}
         */
        update: (id, version, draft) => send(roomPath(id), { method: "PUT", body: draft, headers: basedOn(version) }),
        /**
         * @param {string} id
         * @param {number} version
         * @returns {Promise<void>}
         */
        remove: (id, version) => send(roomPath(id), { method: "DELETE", headers: basedOn(version) }),
        /**
         * From now on the room is as fresh as one that was just used.
         * @param {string} id
         * @returns {Promise<RoomView>}
         */
        renew: (id) => send(`${roomPath(id)}/renew`, { method: "POST", body: {} }),
        /**
         * @param {string} id
         * @param {boolean} locked
         * @returns {Promise<RoomView>}
         */
        lock: (id, locked) => send(`${roomPath(id)}/lock`, { method: "PUT", body: { locked } }),
        /**
         * @param {string} id
         * @param {number} version
         * @param {string[]} deputies accounts
         * @returns {Promise<RoomView>}
         */
        setDeputies: (id, version, deputies) =>
            send(`${roomPath(id)}/deputies`, { method: "PUT", body: { deputies }, headers: basedOn(version) }),
        /**
         * @param {string[]} rooms all of them, in one's own order
         * @returns {Promise<void>}
         */
        arrange: (rooms) => send("/api/directory/rooms/order", { method: "PUT", body: { rooms } }),

        /**
         * The text of an invitation, as the server puts it.
         * @param {string} id
         * @param {{ language: string, pin: boolean }} wanted
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire-directory.js").InvitationText>}
         */
        invitation: (id, { language, pin }, signal) => send(`${roomPath(id)}/invitation?language=${language}&pin=${pin}`, { signal }),
        /**
         * @param {string} id
         * @param {import("./wire-directory.js").InvitationDraft} draft
         * @returns {Promise<void>}
         */
        invite: (id, draft) => send(`${roomPath(id)}/invitations`, { method: "POST", body: draft }),

        /**
         * @param {string} id
         * @param {string} [cursor]
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire-directory.js").MeetingList>} the newest first
         */
        meetings: (id, cursor, signal) => send(`${roomPath(id)}/meetings?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { signal }),
        /**
         * @param {string} id
         * @param {string} meeting
         * @returns {Promise<import("./wire-directory.js").AttendanceItem[]>}
         */
        attendance: async (id, meeting) => (await send(`${meetingPath(id, meeting)}/attendance`)).items,
        /**
         * @param {string} id
         * @param {string} meeting
         * @param {string} language
         * @returns {Promise<Blob>}
         */
        attendanceTable: (id, meeting, language) =>
            send(`${meetingPath(id, meeting)}/attendance?format=csv&language=${language}`, { as: "text/csv" }),
        /**
         * @param {string} id
         * @param {AbortSignal} [signal]
         * @returns {Promise<import("./wire-directory.js").BanItem[]>}
         */
        bans: async (id, signal) => (await send(`${roomPath(id)}/bans`, { signal })).items,
        /**
         * @param {string} id
         * @param {string} ban
         * @returns {Promise<void>}
         */
        liftBan: (id, ban) => send(`${roomPath(id)}/bans/${encodeURIComponent(ban)}`, { method: "DELETE" }),
    };
}

/**
 * The appointments of a room.
 * @param {Send} send
 */
export function appointmentsApi(send) {
    return {
        /**
         * Those to come and, after them, those that are over.
         * @param {string} room
         * @param {AbortSignal} [signal]
         * @returns {Promise<AppointmentView[]>}
         */
        list: async (room, signal) => (await send(`${roomPath(room)}/appointments`, { signal })).items,
        /**
         * @param {string} room
         * @param {string} id
         * @returns {Promise<AppointmentView>}
         */
        get: (room, id) => send(appointmentPath(room, id)),
        /**
         * @param {string} room
         * @param {AppointmentDraft} draft
         * @returns {Promise<AppointmentView>}
         */
        create: (room, draft) => send(`${roomPath(room)}/appointments`, { method: "POST", body: draft }),
        /**
         * @param {string} room
         * @param {string} id
         * @param {number} version
         * @param {AppointmentDraft} draft
         * @returns {Promise<AppointmentView>}
         */
        update: (room, id, version, draft) => send(appointmentPath(room, id), { method: "PUT", body: draft, headers: basedOn(version) }),
        /**
         * @param {string} room
         * @param {string} id
         * @param {number} version
         * @returns {Promise<void>}
         */
        cancel: (room, id, version) => send(appointmentPath(room, id), { method: "DELETE", headers: basedOn(version) }),
        /**
         * As a file for calendars (RFC 5545).
         * @param {string} room
         * @param {string} id
         * @param {{ language: string, pin: boolean }} wanted
         * @returns {Promise<Blob>}
         */
        calendar: (room, id, { language, pin }) =>
            send(`${appointmentPath(room, id)}/calendar?pin=${pin}&language=${language}`, { as: "text/calendar" }),
    };
}

/** @param {string} id */
function roomPath(id) {
    return `/api/directory/rooms/${encodeURIComponent(id)}`;
}

/**
 * @param {string} room
 * @param {string} id
 */
function appointmentPath(room, id) {
    return `${roomPath(room)}/appointments/${encodeURIComponent(id)}`;
}

/**
 * @param {string} room
 * @param {string} id
 */
function meetingPath(room, id) {
    return `${roomPath(room)}/meetings/${encodeURIComponent(id)}`;
}

/** @param {number} version */
function basedOn(version) {
    return { "If-Match": `"${version}"` };
}
