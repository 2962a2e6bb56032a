"""At the entrance while the account can't be reached, or is signed in no more."""

import people
from playwright.sync_api import expect


def test_a_guest_enters_while_identity_is_away(stack, person, api):
    room = api.create_room("Open door")
    guest = person()
    guest.route("**/api/identity/**", lambda route: route.abort())
    guest.goto(f"{stack.url}/r/{room['alias']}")
    expect(guest.get_by_text("You can enter as a guest")).to_be_visible(timeout=people.PATIENCE)
    people.enter(guest, "Gail")


def test_somebody_signed_in_reads_that_the_account_is_away(stack, person, organizer, api):
    room = api.create_room("Half open door")
    ada = person()
    people.sign_in(ada, stack.url, organizer)
    # The session is known, but no access token can be had.
    ada.route("**/api/identity/session/token", lambda route: route.abort())
    ada.goto(f"{stack.url}/r/{room['alias']}")
    expect(ada.get_by_text("Your account can't be reached")).to_be_visible(timeout=people.PATIENCE)
    ada.get_by_role("button", name="Enter as a guest").click()
    people.enter(ada, "Ada")


def test_a_session_that_ended_makes_nobody_a_guest_without_words(stack, person, organizer, api):
    room = api.create_room("Closing door")
    ada = person()
    people.sign_in(ada, stack.url, organizer)
    ada.goto(f"{stack.url}/r/{room['alias']}")
    expect(ada.get_by_text("You are the moderator")).to_be_visible(timeout=people.PATIENCE)
    gone = ada.request.delete(
        f"{stack.url}/api/identity/session", headers={"Origin": stack.url, "Content-Type": "application/json"})
    assert gone.ok
    # As if the access token, which outlives the session for a while, had come to its end too.
    ada.route("**/entry", lambda route: route.fulfill(
        status=401, content_type="application/problem+json", body='{"status": 401, "code": "unauthenticated"}')
        if "authorization" in route.request.headers else route.continue_())
    ada.get_by_role("button", name="Enter meeting").click()
    expect(ada.get_by_text("Your sign-in has ended")).to_be_visible(timeout=people.PATIENCE)
    people.enter(ada, "Ada")
