"""Texts with which somebody means harm, or that break what is careless. Some are fine as names, and must come back as they are."""

from __future__ import annotations

import unicodedata

NAMES = {
    # Markup (OWASP Cross Site Scripting Prevention and Filter Evasion)
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)>",
    "attribute": "\" onmouseover=\"alert(1)",
    "single quote": "' onfocus='alert(1)' autofocus='",
    "link": "javascript:alert(document.cookie)",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "comment": "--><!-- <b>bold</b>",
    "style": "</style><style>*{display:none}</style>",
    "title": "</title></head><body onload=alert(1)>",
    "template": "{{7*7}}",
    "expression": "${7*7} #{7*7} <%= 7*7 %>",
    "constructor": "{{constructor.constructor('alert(1)')()}}",
    # Formulas (CSV) and commands
    "formula": "=HYPERLINK(\"https://example.com\",\"x\")",
    "command formula": "=cmd|'/c calc'!A0",
    "plus formula": "+1+1",
    "minus formula": "-2+3",
    "at formula": "@SUM(1,1)",
    "shell": "$(reboot) `reboot` ; reboot | cat",
    "path": "../../../../etc/passwd",
    "windows path": "..\\..\\CON.txt",
    "sql": "'; drop table room; --",
    "sql or": "\" or 1=1 --",
    "like": "%_%\\",
    "format": "%s%s%n%x %1$s",
    "log4j": "${jndi:ldap://example.com/a}",
    "json": "\",\"role\":\"moderator\",\"x\":\"",
    # Calendars, mail and headers
    "calendar": "x;VALUE=DATE:20270101,y\\n",
    "calendar end": "END:VEVENT",
    "crlf": "Weekly\r\nBcc: victim@example.org",
    "header": "Weekly\r\n\r\n<script>",
    "line feed": "Week\nly",
    "escaped crlf": "%0d%0aSet-Cookie:a=b",
    "semicolons": "a;b,c:d\\e\"f",
    # Unicode
    "override": "\u202egnp.exe",
    "isolate": "\u2066\u2067admin\u2069",
    "mark": "\u200fadmin\u200e",
    "byte order": "\ufeffadmin",
    "zero width": "ad\u200bmin",
    "joiner": "👩\u200d👩\u200d👧\u200d👦 family",
    "zalgo": "Z" + "\u0335\u0321\u0353" * 40 + "algo",
    "invisible": "\u200b\u2060\u00ad",
    "filler": "\u3164\u115f",
    "decomposed": "Cafe\u0301",
    "flags": "🏳️\u200d🌈🇩🇪",
    "arabic": "مرحبا بالعالم",
    "ligature": "ﷺ" * 5,
    "line separator": "a\u2028b\u2029c",
    "private": "\ue000\uf8ff",
    "noncharacter": "\ufdd0\uffff",
    "tags": "x\U000e0041\U000e0042",
    # Control characters
    "nul": "a\x00b",
    "escape": "\x1b[31mred\x1b[0m",
    "delete": "a\x7fb\x08c",
    "c1": "a\x85b\x9bc",
    # Sizes and spaces
    "empty": "",
    "spaces": " \t\u00a0\u3000 ",
    "padded": "  Weekly  ",
    "long": "x" * 3_000,
    "long emoji": "👩\u200d👩\u200d👧\u200d👦" * 81,
    # Half of a character: in JSON as an escape
    "high surrogate": "a\ud83db",
    "low surrogate": "\udc00",
}
#: Those that are no JSON but as escapes.
HALF = {"high surrogate", "low surrogate"}


def filled(body, text):
    """The body with the text where it has nothing."""
    if isinstance(body, dict):
        return {key: filled(value, text) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, text) for value in body]
    return text if body is None else body


def tidy(text: str) -> str:
    """As it is kept: without space around it, in canonical composition, with LF at the ends of lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    space = " \t\n\x0b\x0c\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200C)))
    return unicodedata.normalize("NFC", lines).strip(space)
