// @ts-check
import de from "../i18n/room.de.js";
import en from "../i18n/room.en.js";
import { register, tr } from "../lib/i18n.js";
import { isAlias } from "../lib/links.js";
import { setTitle, startPage } from "../lib/page.js";
import { ApiError } from "../lib/api.js";
import { defineTiles } from "./meeting/tile.js";
import { errorPage } from "./pages/endings.js";
import { RoomFlow } from "./pages/room-flow.js";

register({ en, de });
startPage("meeting");
defineTiles();

const host = document.getElementById("room") ?? document.body;
const alias = aliasOf(location.pathname);
if (alias) {
    const flow = new RoomFlow(host, alias);
    Object.defineProperty(window, "parley", { value: Object.freeze({ stats: () => flow.stats() }) });
    flow.start();
} else {
    setTitle(tr("message.notFound"));
    host.replaceChildren(errorPage(new ApiError(404, "room_not_found"), () => location.reload()));
}

/**
 * @param {string} path
 * @returns {string | null}
 */
function aliasOf(path) {
    const found = /^\/r\/([^/]+)\/?$/.exec(path)?.[1]?.toLowerCase() ?? "";
    return isAlias(found) ? found : null;
}
