"""Two people of one organization who look at each other."""

from __future__ import annotations

import re

import people
import pytest
from accounts import PATIENCE
from playwright.sync_api import Page, WebSocketRoute, expect

#: A page that was closed is a device for 10 s more; as much again for a slow machine.
DEVICE_GOES = 20_000
#: A seat is kept for 30 s for whoever vanished, leases end after 45 s, and the device after that.
VANISHES = 75_000
#: Whose session has ended: 5 s, and some for a slow machine.
SIGNED_OUT = 8_000


def row(page: Page, name: str):
    """Somebody in the list of colleagues."""
    return page.get_by_role("list", name="Colleagues").get_by_role("listitem").filter(has_text=name)


def expect_seen(page: Page, name: str, state: str | re.Pattern, within: int = PATIENCE) -> None:
    expect(row(page, name).locator(".colleague-state")).to_have_text(state, timeout=within)


def own(page: Page):
    """The button in the header."""
    return page.get_by_role("banner").get_by_role("button", name="My presence")


def expect_own(page: Page, state: str, within: int = PATIENCE) -> None:
    expect(own(page)).to_have_accessible_name(f"My presence: {state}", timeout=within)


def set_presence(page: Page, state: str, text: str = "", until: str | None = None) -> None:
    own(page).click()
    dialog = page.get_by_role("dialog", name="My presence")
    dialog.get_by_label(state, exact=True).check()
    dialog.get_by_label("Text for colleagues").fill(text)
    if until:
        dialog.get_by_label("How long").select_option(label=until)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)


def other_tab(page: Page, url: str) -> Page:
    """Of the same browser, signed in as the same person."""
    tab = page.context.new_page()
    tab.goto(url)
    return tab


class Cable:
    """What the stream of a page goes through: cut, nothing of it arrives in either direction, and nobody is told."""

    def __init__(self, page: Page):
        self.is_cut = False
        page.route_web_socket(re.compile("/api/presence/stream"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            return socket.close(code=4490)
        server = socket.connect_to_server()
        socket.on_message(lambda message: None if self.is_cut else server.send(message))
        server.on_message(lambda message: None if self.is_cut else socket.send(message))


def expect_nothing_known(page: Page, within: int) -> None:
    """Signed out: nothing of anybody's presence is shown any more."""
    expect(page.locator(".presence-mark:not([data-state=unknown])")).to_have_count(0, timeout=within)


@pytest.fixture
def ada(stack, person, organizer, colleague):
    """The organizer at the dashboard, with one colleague: Grace Hopper."""
    page = person()
    people.sign_in(page, stack.url, organizer)
    return page


@pytest.fixture
def grace(stack, person, colleague):
    page = person()
    people.sign_in(page, stack.url, colleague)
    return page


@pytest.fixture
def room(api):
    return api.create_room("Round table")
