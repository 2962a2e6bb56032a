import { Connection } from "../public/assets/room/protocol/connection.js";
import { FakeSocket, settle, welcome } from "./fake-socket.mjs";

/** A connection, and what its observer has seen. */
export function start(options = {}) {
    const seen = { states: [], waiting: [], welcomes: [], resumed: 0, events: [], joined: [], media: [], endings: [], tickets: 0 };
    const connection = new Connection({
        url: "wss://parley.test/socket",
        observer: {
            stateChanged: (state) => seen.states.push(state),
            waiting: ({ position }) => seen.waiting.push(position),
            welcomed: (message) => seen.welcomes.push(message),
            resumed: () => (seen.resumed += 1),
            happened: (event) => {
                seen.events.push(event.seq);
                if (event.type === "joined") seen.joined.push(...event.participants);
            },
            media: (message) => seen.media.push(message.type),
            ended: (ending) => seen.endings.push(ending),
        },
        hello: async () => ({ ticket: `ticket-${++seen.tickets}`, state: { microphone: true } }),
        WebSocketClass: FakeSocket,
        random: () => 0,
        ...options,
    });
    connection.open();
    return { connection, seen };
}

/** Skips the waiting time before the next attempt. */
export async function nextAttempt(t) {
    t.mock.timers.tick(6000);
    await settle();
    return FakeSocket.last;
}

/** The first socket, opened, before its answer. */
export async function asking(t, options) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const started = start(options);
    await settle();
    FakeSocket.last.open();
    return started;
}

export async function inMeeting(t, options) {
    const meeting = await asking(t, options);
    FakeSocket.last.say(welcome());
    return meeting;
}

export const chat = (seq) => ({ seq, type: "chat", from: "x", text: `${seq}` });
