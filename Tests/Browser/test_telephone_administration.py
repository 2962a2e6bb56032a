"""Presence for telephone systems, in the administration: tokens to read it, webhooks, and what could not be delivered."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import accounts
import pytest
from accounts import LOOKS, PATIENCE
from parley import Api
from playwright.sync_api import expect

PEOPLE = "/api/presence/people"


class Receiver:
    """A telephone system on this machine. It answers every message with `status` and keeps its id and body."""

    def __init__(self, status: int):
        self.status = status
        self.messages: list[tuple[str, dict]] = []
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with receiver._arrived:
                    receiver.messages.append((self.headers["webhook-id"], json.loads(body)))
                    receiver._arrived.notify_all()

            def log_message(self, *words):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/presence"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def wait_for(self, condition) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: condition(self.messages), PATIENCE / 1000), self.messages

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def receiver():
    """One that wants no messages: the first of them is given up at once, and the webhook is disabled."""
    running = Receiver(410)
    yield running
    running.stop()


@pytest.fixture
def administrator(stack):
    return stack.organizer(display_name="Ada Lovelace", permissions=("rooms.create", "organization.admin"))


@pytest.fixture
def api(stack, administrator):
    client = Api(stack.url)
    client.sign_in(administrator.user_name, administrator.password, administrator.ucsid)
    return client


def operate(stack, *words):
    return stack.services["presence"][0].command("webhook", *words, what="Managing webhooks")


@pytest.fixture
def webhook(stack, api, receiver):
    """The id of one whose first message was given up."""
    organization = api.call("GET", "/api/identity/session")["organization"]["id"]
    said = operate(stack, "add", "--organization", organization, "--url", f"{receiver.url}?key=secret", "--name", "Switchboard",
                   "--plain")
    receiver.wait_for(lambda messages: len(messages) == 1)
    return re.search(r"id: (\S+)", said).group(1)


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


def test_what_is_wrong_with_a_name_is_said_and_there_are_not_too_many_tokens(page, api):
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


def test_what_a_webhook_could_not_deliver_is_seen_and_sent_again(stack, receiver, webhook, page):
    row = rows(page, "Webhooks")
    expect(row).to_have_count(1, timeout=PATIENCE)
    for words in ["Switchboard", receiver.url.removesuffix("/presence"), "Disabled", f"presence webhook enable --id {webhook}", "Waiting: 0 messages",
                  "Last delivery: none", "The receiver wants no more messages (410)."]:
        expect(row).to_contain_text(words)
    # What may be a secret in the address is not shown.
    expect(row).not_to_contain_text("key=secret")
    expect(row).not_to_contain_text("/presence?")
    expect(row).not_to_contain_text(receiver.url)

    row.get_by_role("button", name="Undelivered messages: 1 – Switchboard").click()
    dialog = page.get_by_role("dialog", name="Undelivered messages of “Switchboard”")
    letter = dialog.get_by_role("listitem")
    expect(letter).to_have_count(1, timeout=PATIENCE)
    for words in ["State of 0 people", "The receiver wants no more messages (410).", "Given up", "tried once"]:
        expect(letter).to_contain_text(words)
    expect(dialog.get_by_text("Nothing can be sent again until the operator enables it.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send")).to_have_count(0)
    letter.get_by_text("Show message").press("Enter")
    expect(letter.get_by_role("region", name="Message")).to_contain_text('"type": "presence.snapshot"', timeout=PATIENCE)
    letter.get_by_role("button", name="Copy message").click()
    expect(page.get_by_text("Message copied")).to_be_visible()

    page.keyboard.press("Escape")

    # The receiver is well again, and so says the operator: it gets what is now.
    receiver.status = 204
    operate(stack, "enable", "--id", webhook)
    receiver.wait_for(lambda messages: len(messages) == 2)
    expect(row).to_contain_text("Enabled", timeout=PATIENCE)
    expect(row.get_by_text("Disabled")).to_have_count(0)

    row.get_by_role("button", name="Undelivered messages: 1 – Switchboard").click()
    expect(letter).to_have_count(1, timeout=PATIENCE)
    letter.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("The telephone system is told everything anew.")).to_be_visible(timeout=PATIENCE)
    expect(letter).to_have_count(0)
    expect(dialog.get_by_text("There are no undelivered messages.")).to_be_visible()
    expect(dialog.get_by_role("heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.get_by_role("button", name="Undelivered messages: 0")).to_be_focused()
    receiver.wait_for(lambda messages: len(messages) == 3)
    given_up, (id, body) = receiver.messages[0][0], receiver.messages[-1]
    assert id != given_up and body["type"] == "presence.snapshot"
    expect(row).to_contain_text("Waiting: 0 messages", timeout=PATIENCE)


def answer_with(page, pattern, body):
    page.route(pattern, lambda route: route.fulfill(json=body))


def letters(numbers):
    failure = {"at": "2026-12-01T08:00:00Z", "reason": "refused", "status": 503}
    return [{"id": f"msg_{number}", "type": "presence.changed", "events": number, "createdAt": failure["at"], "failedAt": failure["at"],
             "attempts": 6, "lastFailure": failure} for number in numbers]


def test_many_messages_are_read_page_by_page_and_sent_again_together(stack, receiver, webhook, page):
    receiver.status = 204
    operate(stack, "enable", "--id", webhook)
    receiver.wait_for(lambda messages: len(messages) == 2)
    expect(rows(page, "Webhooks")).to_contain_text("Enabled", timeout=PATIENCE)
    # So many take a real receiver hours: the answers of the server are those of its description.
    path = f"**/api/presence/webhooks/{webhook}/dead-letters"
    answer_with(page, f"{path}?limit=50", {"items": letters(range(100, 50, -1)), "nextCursor": "51"})
    answer_with(page, f"{path}?limit=50&cursor=51", {"items": letters(range(50, 0, -1))})
    rows(page, "Webhooks").get_by_role("button", name="Undelivered").click()
    dialog = page.get_by_role("dialog")
    items = dialog.locator(".letter")
    expect(items).to_have_count(50, timeout=PATIENCE)
    expect(items.first).to_contain_text("100 changes")
    expect(items.first).to_contain_text("tried 6 times")
    page.route(f"{path}?limit=50&cursor=51", lambda route: route.abort())
    dialog.get_by_role("button", name="Show more").click()
    expect(dialog.get_by_text("can't be reached")).to_be_visible()
    expect(items).to_have_count(50)
    page.unroute(f"{path}?limit=50&cursor=51")
    answer_with(page, f"{path}?limit=50&cursor=51", {"items": letters(range(50, 0, -1))})
    dialog.get_by_role("button", name="Try again").click()
    expect(items).to_have_count(100)
    expect(items.nth(50)).to_be_focused()
    expect(dialog.get_by_text("can't be reached")).to_have_count(0)

    # Somebody else has sent this one again: there is none of this name any more.
    items.first.get_by_role("button", name="Send again").click()
    expect(items).to_have_count(99, timeout=PATIENCE)
    expect(items.first).to_be_focused()
    dialog.get_by_role("button", name="Send all again").click()
    question = page.get_by_role("dialog", name="Send all again?")
    question.get_by_role("button", name="Cancel").click()
    expect(items).to_have_count(99)
    dialog.get_by_role("button", name="Send all again").click()
    question.get_by_role("button", name="Send all again").click()
    # The real one.
    expect(page.get_by_text("The telephone system is told everything anew, instead of 1 message.")).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_text("There are no undelivered messages.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send all again")).to_be_hidden()
    receiver.wait_for(lambda messages: len(messages) == 3)


def test_a_list_that_can_not_be_read_says_so_and_keeps_what_is_known(page, webhook):
    expect(rows(page, "Webhooks")).to_have_count(1, timeout=PATIENCE)
    page.route("**/api/presence/webhooks", lambda route: route.abort())
    expect(page.get_by_text("What you see may be old.")).to_be_visible(timeout=PATIENCE)
    expect(rows(page, "Webhooks")).to_have_count(1)
    page.get_by_role("link", name="Log").click()
    page.get_by_role("link", name="Telephone system").click()
    section = page.get_by_role("region", name="Webhooks")
    expect(section.get_by_text("can't be reached")).to_be_visible(timeout=PATIENCE)
    page.unroute("**/api/presence/webhooks")
    section.get_by_role("button", name="Try again").click()
    expect(rows(page, "Webhooks")).to_have_count(1, timeout=PATIENCE)
    expect(section.get_by_text("can't be reached")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_telephone_systems_can_be_administered_by_everybody(stack, person, administrator, api, webhook, look):
    german = look[2] == "de"
    api.call("POST", "/api/presence/read-tokens", {"name": "A telephone system with quite a long name that has to go somewhere"})
    page = accounts.looking(person, look)
    accounts.arrive(page, stack.url, administrator, "/admin", look[2])
    accounts.wear(page, look)
    page.get_by_role("link", name="Telefonanlage" if german else "Telephone system").click()
    page.locator(".token-row").wait_for()
    page.locator(".webhook-row").wait_for()
    accounts.check_look(page, "the telephone system")
    page.locator(".webhook-row button").click()
    page.locator(".letter summary").click()
    page.locator(".letter pre").wait_for()
    accounts.check_look(page, "undelivered messages")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Neuer Schlüssel" if german else "New token").click()
    page.get_by_role("dialog").locator("input").fill("PBX")
    accounts.check_look(page, "a new token")
    page.get_by_role("dialog").locator("button[type=submit]").click()
    page.locator("dialog .one-time").wait_for()
    accounts.check_look(page, "the token, once")
