"""Presence for telephone systems, in the administration: tokens to read it, webhooks, and what could not be delivered."""

import accounts
import pytest
from accounts import PATIENCE
from parley import Api
from playwright.sync_api import expect

PEOPLE = "/api/presence/people"


@pytest.fixture
def administrator(stack):
    return stack.organizer(display_name="Ada Lovelace", permissions=("rooms.create", "organization.admin"))


@pytest.fixture
def page(stack, person, administrator):
    page = person()
    accounts.arrive(page, stack.url, administrator, "/admin")
    page.get_by_role("link", name="Telephone system").click()
    expect(page.get_by_role("heading", name="Read tokens")).to_be_visible(timeout=PATIENCE)
    return page


def rows(page, name):
    return page.get_by_role("list", name=name).get_by_role("listitem")


def read(stack, token):
    """The status of what a telephone system asks, and the answer."""
    status, _, answer = Api(stack.url).request("GET", PEOPLE, headers={"Authorization": f"Bearer {token}", "Origin": None})
    return status, answer


def make_token(page, name):
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog", name="New token")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Make token").click()
    ready = page.get_by_role("dialog", name="The token is ready")
    expect(ready).to_be_visible(timeout=PATIENCE)
    token = ready.locator("code").inner_text()
    return ready, token


def test_a_token_reads_presence_until_it_is_deleted(stack, page):
    expect(page.get_by_text("There are no tokens yet.")).to_be_visible(timeout=PATIENCE)
    ready, token = make_token(page, "Reception")
    assert token.startswith("parley_pr_")
    page.keyboard.press("Escape")
    expect(ready).to_be_visible()
    ready.get_by_role("button", name="Copy token").click()
    expect(page.get_by_text("Token copied")).to_be_visible()
    ready.get_by_role("button", name="Done").click()
    expect(ready).to_be_hidden()
    expect(page.get_by_role("button", name="New token")).to_be_focused()
    expect(rows(page, "Read tokens")).to_contain_text("Reception")
    expect(rows(page, "Read tokens")).to_contain_text("Never used")
    expect(page.get_by_text(token)).to_have_count(0)

    status, answer = read(stack, token)
    assert status == 200
    # Whose page this is, is there.
    assert [item["displayName"] for item in answer["items"]] == ["Ada Lovelace"]
    page.reload()
    expect(rows(page, "Read tokens")).to_contain_text("Last used now", timeout=PATIENCE)

    page.get_by_role("button", name="Delete “Reception”").click()
    question = page.get_by_role("dialog", name="Delete the token “Reception”?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete “Reception”")).to_be_focused()
    assert read(stack, token)[0] == 200
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Delete token").click()
    expect(page.get_by_text("The token “Reception” is deleted.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("There are no tokens yet.")).to_be_visible()
    expect(page.get_by_role("heading", name="Read tokens")).to_be_focused()
    status, answer = read(stack, token)
    assert (status, answer["code"]) == (401, "unauthenticated")


def test_what_is_wrong_with_a_name_is_said_and_there_are_not_too_many_tokens(stack, administrator, page):
    api = Api(stack.url)
    api.sign_in(administrator.user_name, administrator.password, administrator.ucsid)
    for number in range(20):
        api.call("POST", "/api/presence/read-tokens", {"name": f"Token {number}"})
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog", name="New token")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_role("button", name="Make token").click()
    expect(dialog.get_by_text("Please fill in this field.")).to_be_visible()
    dialog.get_by_label("Name").fill("x" * 81)
    dialog.get_by_role("button", name="Make token").click()
    expect(dialog.get_by_text("At most 80 characters, please.")).to_be_visible()
    dialog.get_by_label("Name").fill("One more")
    dialog.get_by_role("button", name="Make token").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There are as many of these as there can be.", timeout=PATIENCE)
    page.keyboard.press("Escape")
    # What others have made comes by itself.
    expect(rows(page, "Read tokens")).to_have_count(20, timeout=PATIENCE)
