// @ts-check

/** @type {import("../lib/i18n.js").Catalogue} */
const en = {
    "telephone.text": "A telephone system can know who is available: it sees what colleagues see.",
    "telephone.stale": "The list could not be refreshed. What you see may be old.",

    "tokens.title": "Read tokens",
    "tokens.text": "With a token, a telephone system reads presence at {address}.",
    "tokens.none": "There are no tokens yet.",
    "tokens.add": "New token",
    "tokens.addText": "Whoever has the token can read the presence of everybody in your organization, and nothing else.",
    "tokens.name": "Name",
    "tokens.nameHint": "What the token is for, for example “Telephone system”.",
    "tokens.create": "Make token",
    "tokens.created": "Made on {when}",
    "tokens.used": "Last used {when}",
    "tokens.neverUsed": "Never used",
    "tokens.delete": "Delete token",
    "tokens.deleteOne": "Delete “{name}”",
    "tokens.deleteTitle": "Delete the token “{name}”?",
    "tokens.deleteText": "Whatever uses this token can no longer read presence. This can't be undone.",
    "tokens.deleted": "The token “{name}” is deleted.",
    "tokens.ready": "The token is ready",
    "tokens.readyText": "Enter this token for “{name}” in the telephone system.",
    "tokens.readyHint": "It is shown only now. Whoever loses it needs a new one.",
    "tokens.token": "Token",
    "tokens.copy": "Copy token",
    "tokens.copied": "Token copied",
};

export default en;
