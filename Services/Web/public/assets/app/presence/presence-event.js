// @ts-check

/** The presence of one account, or of all (`null`), is another one now. */
export class PresenceEvent extends Event {
    /** @param {string | null} account */
    constructor(account) {
        super("presence");
        this.account = account;
    }
}
