// @ts-check

/** @type {import("../lib/i18n.js").Catalogue} */
const de = {
    "telephone.text": "Eine Telefonanlage kann wissen, wer erreichbar ist: Sie sieht, was Kolleginnen und Kollegen sehen.",
    "telephone.stale": "Die Liste konnte nicht aktualisiert werden. Was Sie sehen, ist vielleicht veraltet.",

    "tokens.title": "Lesezugänge",
    "tokens.text": "Mit einem Zugangsschlüssel liest eine Telefonanlage die Anwesenheit unter {address}.",
    "tokens.none": "Es gibt noch keine Zugangsschlüssel.",
    "tokens.add": "Neuer Schlüssel",
    "tokens.addText": "Wer den Schlüssel hat, kann die Anwesenheit aller in Ihrer Organisation lesen, und sonst nichts.",
    "tokens.name": "Name",
    "tokens.nameHint": "Wofür der Schlüssel ist, zum Beispiel „Telefonanlage“.",
    "tokens.create": "Erzeugen",
    "tokens.created": "Erzeugt am {when}",
    "tokens.used": "Zuletzt benutzt {when}",
    "tokens.neverUsed": "Nie benutzt",
    "tokens.delete": "Schlüssel löschen",
    "tokens.deleteOne": "„{name}“ löschen",
    "tokens.deleteTitle": "Schlüssel „{name}“ löschen?",
    "tokens.deleteText": "Was diesen Schlüssel benutzt, kann die Anwesenheit nicht mehr lesen. Das lässt sich nicht rückgängig machen.",
    "tokens.deleted": "Der Schlüssel „{name}“ ist gelöscht.",
    "tokens.ready": "Der Schlüssel ist bereit",
    "tokens.readyText": "Tragen Sie diesen Schlüssel für „{name}“ in der Telefonanlage ein.",
    "tokens.readyHint": "Er wird nur jetzt angezeigt. Wer ihn verliert, braucht einen neuen.",
    "tokens.token": "Schlüssel",
    "tokens.copy": "Schlüssel kopieren",
    "tokens.copied": "Schlüssel kopiert",
};

export default de;
