// @ts-check
import { errorText } from "../../lib/errors.js";
import { tr } from "../../lib/i18n.js";
import { ownProfile } from "../../lib/own-profile.js";
import { toast } from "../../lib/toast.js";

let dismiss = () => {};

/**
 * Keeps what was chosen at once, and says so. When that fails, what is seen goes back to what holds.
 * @param {import("../../lib/own-profile.js").ProfilePart} part
 * @param {() => void} [revert]
 */
export async function saveNow(part, revert) {
    try {
        await ownProfile.change(part);
        // One message is enough for several choices.
        dismiss();
        dismiss = toast(tr("profile.saved"), { kind: "success" });
    } catch (error) {
        revert?.();
        toast(() => errorText(error), { kind: "error" });
    }
}
