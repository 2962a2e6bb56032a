"""What tests of account pages have in common: accounts in every state, codes of an authenticator, and a look at accessibility."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
import time
import zlib

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATIENCE = 20_000
#: Nothing that a guesser tries, and long enough everywhere.
GOOD_PASSWORD = "violet anchor breakfast lamp"
SIZES = {"narrow": (360, 740), "wide": (1280, 800)}
#: Every width, look and language, each at least once with each of the others' extremes.
LOOKS = [("narrow", "bright", "de"), ("narrow", "dark", "en"), ("wide", "bright", "en"), ("wide", "dark", "de")]
SIGN_IN_WORDS = {"en": ("User name", "Password", "Organization", "Sign in"),
                 "de": ("Benutzername", "Kennwort", "Organisation", "Anmelden")}


def totp(secret: str, ahead: int = 0) -> str:
    """The code of an authenticator (RFC 6238: SHA-1, 30 s, six digits), `ahead` steps from now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def add(stack, organization, *permissions: str, display_name: str = "Nina Neu") -> tuple[str, str]:
    """A new account with a one-time password: its user name and that password."""
    user_name = f"nina-{secrets.token_hex(4)}"
    granted = [word for permission in permissions for word in ("--permission", permission)]
    said = stack.services["identity"][0].command(
        "account", "add", "--organization", organization.ucsid, "--user-name", user_name, "--display-name", display_name,
        *granted, what="Adding an account")
    return user_name, re.search(r"good for a day: (\S+)", said).group(1)


def set_organization(stack, organization, *options: str) -> None:
    stack.services["identity"][0].command("organization", "set", organization.ucsid, *options, what="Changing an organization")


def start_sign_in(page: Page, url: str, user_name: str, password: str, organization: str, language: str = "en") -> None:
    """Up to whatever is asked for next."""
    name, secret, where, submit = SIGN_IN_WORDS[language]
    page.goto(url)
    page.get_by_label(name).fill(user_name)
    page.get_by_label(secret, exact=True).fill(password)
    page.get_by_label(where).fill(organization)
    page.get_by_role("button", name=submit, exact=True).click()


def arrive(page: Page, url: str, account, path: str, language: str = "en") -> None:
    """Signed in, at another page than the dashboard."""
    start_sign_in(page, f"{url}/sign-in?next={path}", account.user_name, account.password, account.ucsid, language)
    page.wait_for_url(f"{url}{path}")


def expect_dashboard(page: Page) -> None:
    expect(page.get_by_role("heading", name="Meeting rooms", exact=True)).to_be_visible(timeout=PATIENCE)


def section(page: Page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def choose_password(page: Page, password: str) -> None:
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password again").fill(password)
    page.get_by_role("button", name="Set password and go on").click()


def shown_secret(page: Page) -> str:
    return re.sub(r"\s", "", page.locator("code.secret").inner_text())


def enable_second_factor(page: Page, password: str) -> str:
    """In the profile; returns the secret. One code of it is used up."""
    page.get_by_role("button", name="Set up second factor").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible(timeout=PATIENCE)
    secret = shown_secret(page)
    dialog.get_by_label("Code", exact=True).fill(totp(secret))
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_role("heading", name="Your recovery codes")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name="I have kept the codes").click()
    expect(dialog).to_be_hidden()
    return secret


def looking(person, look):
    """A page of this width, look and language, until somebody signs in: `wear` then puts it into the profile."""
    size, appearance, language = look
    width, height = SIZES[size]
    page = person(locale={"en": "en-US", "de": "de-DE"}[language], viewport={"width": width, "height": height},
                  color_scheme={"bright": "light", "dark": "dark"}[appearance])
    page.add_init_script(f"""
        localStorage.setItem('parley.appearance', JSON.stringify('{appearance}'));
        localStorage.setItem('parley.language', JSON.stringify('{language}'));""")
    return page


def wear(page: Page, look) -> None:
    """By the switches of the header. What they change is kept."""
    for name, value in [("language", look[2]), ("appearance", look[1])]:
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.get_by_role("banner").locator(f"select[data-switch={name}]").select_option(value)


def check_look(page: Page, what: str) -> None:
    """Nothing is wider than its window, nothing breaks WCAG 2.2 AA as far as axe can tell."""
    # What the header covers after scrolling is not what is looked at.
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(500)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{what} is {overflow} px wider than its window"
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    problems = [f"{rule['id']}: {node['target']} {node.get('failureSummary')}"
                for rule in found.response["violations"] for node in rule["nodes"]]
    assert problems == [], f"{what}: " + "\n".join(problems)


def picture(width: int, height: int) -> bytes:
    """A PNG with a gradient."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(value for x in range(width) for value in (255 * x // width, 255 * y // height, 128))
                    for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
