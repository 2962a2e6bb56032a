"""What a guest's browser is told holds nothing that is not theirs: no PIN, no mail address, nothing that lets one be somebody else."""

import json
import re

import people
from playwright.sync_api import Error, expect

PIN = "8046271935"


class Wire:
    """All that a page receives: answers with their headers, and the frames of its sockets."""

    def __init__(self, page):
        self.answers = []
        self.frames = []
        self.said = []
        page.on("response", lambda answer: self.answers.append(answer))
        page.on("websocket", lambda socket: socket.on("framereceived", self._framed))

    def _framed(self, frame):
        self.frames.append(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))

    def read(self) -> int:
        """Reads the answers; a browser forgets them when it goes to another page. Returns how many bodies were read."""
        answers, self.answers = self.answers, []
        # What was under way when the browser went to another page may never have been told to the end.
        newest = max((number for number, answer in enumerate(answers) if answer.request.is_navigation_request()), default=0)
        bodies = 0
        for number, answer in enumerate(answers):
            self.said.append((answer.url, json.dumps(answer.headers)))
            # Scripts are the same for all; what is empty or a redirect has no body.
            if "/assets/" in answer.url or answer.status == 204 or 300 <= answer.status < 400:
                continue
            try:
                self.said.append((answer.url, answer.text()))
                bodies += 1
            except Error:
                if number >= newest:
                    raise
        return bodies

    def texts(self):
        """Each with the place where it was."""
        self.read()
        return [*self.said, *(("socket", frame) for frame in self.frames)]


def account_of(api) -> dict:
    return api.call("GET", "/api/identity/session")


def test_a_guest_is_told_no_secret_of_the_room_or_of_others(stack, person, organizer, api):
    address = f"{organizer.user_name}@secret.example"
    room = api.create_room("Board", pin=PIN)
    api.call("POST", f"/api/directory/rooms/{room['id']}/appointments", {
        "title": "Yearly", "start": "2031-03-02T10:00", "end": "2031-03-02T11:00", "timeZone": "Europe/Berlin",
        "invitees": [address], "includesPIN": True})
    link = f"{stack.url}/r/{room['alias']}"
    host = person()
    hosts = Wire(host)
    people.sign_in(host, stack.url, organizer)
    host.goto(link)
    people.enter(host)

    guest = person()
    guests = Wire(guest)
    guest.goto(link)
    people.give_pin(guest, PIN)
    people.enter(guest, "Gus")
    expect(people.tile(guest, organizer.display_name)).to_be_visible(timeout=people.PATIENCE)
    host.get_by_role("button", name="Chat", exact=True).click()
    host.get_by_role("textbox", name="Message").fill("Welcome")
    host.keyboard.press("Enter")
    expect(guest.locator(".toast", has_text="Welcome")).to_be_visible(timeout=people.PATIENCE)
    # Also what comes after a break and after a reload.
    assert guests.read(), "no answer was read"
    guest.reload()
    expect(people.tile(guest, organizer.display_name)).to_be_visible(timeout=people.PATIENCE)
    assert guests.read(), "no answer was read after the reload"

    theirs = "\n".join(hosts.frames)
    resume = re.findall(r'"resumeToken":"([^"]+)"', theirs)
    cookie = next(cookie["value"] for cookie in host.context.cookies() if cookie["name"] == "__Host-parley-session")
    assert resume and guests.frames, "nothing was listened to"
    secrets = {
        "the PIN": PIN, "a mail address": address, "the owner's user name": organizer.user_name, "the owner's password": organizer.password,
        "the owner's session": cookie, "the owner's account": account_of(api)["account"], "another seat's token": resume[-1],
        "another's media connection": re.search(r"a=ice-pwd:(\S+?)\\r", theirs).group(1),
    }
    for where, text in guests.texts():
        for what, secret in secrets.items():
            assert secret not in text, f"{what} was in {where}: {text[:300]}"
    # What was looked for can be found: the host's own page was told its own.
    assert any(secrets["another seat's token"] in text for text in hosts.frames)
    # The PIN stands in nothing that stays behind either.
    kept = guest.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.cookie])")
    assert PIN not in kept
