"""A whole meeting of three people in real browsers, through the gateway."""

import people
from playwright.sync_api import expect


def moving(page, kinds, count):
    """Whether `count` sources of each kind arrive and go on arriving."""
    before = people.received(page)
    page.wait_for_timeout(600)
    after = people.received(page)

    def rises(key):
        field = "totalAudioEnergy" if key[1] == "audio" else "framesDecoded"
        return key in before and (after[key].get(field) or 0) > (before[key].get(field) or 0)

    return all(sum(1 for key in after if key[1] == kind and rises(key)) >= count for kind in kinds)


def test_three_people_meet(stack, person, organizer):
    ada, bob, cleo = person(), person(), person()

    people.sign_in(ada, stack.url, organizer)
    link = people.create_room(ada, "Weekly meeting", pin="0471")
    expect(people.room_card(ada, "Weekly meeting").get_by_text("PIN", exact=False).first).to_be_visible()
    ada.goto(stack.url + link if link.startswith("/") else link)
    people.enter(ada)

    bob.goto(ada.url)
    people.give_pin(bob, "9999")
    expect(bob.get_by_text("PIN is not right")).to_be_visible()
    people.give_pin(bob, "0471")
    people.enter(bob, "Bob")

    cleo.goto(ada.url)
    people.give_pin(cleo, "0471")
    people.enter(cleo, "Cleo")

    everybody = [ada, bob, cleo]
    for page in everybody:
        people.wait_until(
            page, lambda: moving(page, ["audio", "video"], 2), "moving video and audio of the two others", within=30)

    # Chat reaches all.
    bob.get_by_role("button", name="Chat").click()
    bob.get_by_label("Message").fill("Hello from Bob")
    bob.get_by_role("button", name="Send").click()
    for page in [ada, cleo]:
        page.get_by_role("button", name="Chat").click()
    for page in everybody:
        expect(page.get_by_text("Hello from Bob").first).to_be_visible()

    # A shared screen is seen by the others.
    ada.get_by_role("button", name="Share screen").click()
    for page in [bob, cleo]:
        people.wait_until(page, lambda: moving_screen(page), "the shared screen", within=20)
    ada.get_by_role("button", name="Stop sharing").click()
    for page in [bob, cleo]:
        people.wait_until(page, lambda: not screens(page), "the end of the shared screen")

    # A reload comes back into the meeting, not to the pre-join page.
    bob.reload()
    expect(bob.get_by_role("button", name="Leave")).to_be_visible(timeout=people.PATIENCE)
    expect(bob.get_by_role("button", name="Enter meeting")).to_be_hidden()
    for page in everybody:
        people.wait_until(
            page, lambda: moving(page, ["audio", "video"], 2), "media after the reload", within=30)
    expect(people.tile(cleo, "Bob")).to_be_visible()

    # Leaving updates the others' lists.
    cleo.get_by_role("button", name="Leave").click()
    for page in [ada, bob]:
        expect(people.tile(page, "Cleo")).to_be_hidden(timeout=people.PATIENCE)
        page.get_by_role("button", name="Participants").click()
        expect(page.get_by_role("list", name="Participants").get_by_role("listitem")).to_have_count(2)


def screens(page):
    return [key for key in people.received(page) if key[1] == "screen"]


def moving_screen(page):
    return any((entry.get("framesDecoded") or 0) > 0 for key, entry in people.received(page).items()
               if key[1] == "screen")


def test_camera_and_microphone_can_be_turned_off_and_on(stack, person, api):
    room = api.create_room("Buttons")
    ada, bob = person(), person()
    for page, name in [(ada, "Ada"), (bob, "Bob")]:
        page.goto(f"{stack.url}/r/{room['alias']}")
        people.enter(page, name)
    people.wait_until(bob, lambda: moving(bob, ["audio", "video"], 1), "Ada's media")

    ada.get_by_role("button", name="Turn off camera").click()
    people.wait_until(bob, lambda: not [key for key in people.received(bob) if key[1] == "video"], "no more picture")
    expect(people.tile(bob, "Ada").locator("video[data-live]")).to_have_count(0)
    ada.get_by_role("button", name="Turn on camera").click()
    people.wait_until(bob, lambda: moving(bob, ["video"], 1), "the picture again")

    ada.get_by_role("button", name="Turn off microphone").click()
    expect(people.tile(bob, "Ada").get_by_text("Microphone off").first).to_be_attached()
    ada.get_by_role("button", name="Turn on microphone").click()
    people.wait_until(bob, lambda: moving(bob, ["audio"], 1), "the sound again")


def test_somebody_without_camera_and_microphone_takes_part(stack, person, api):
    room = api.create_room("Listeners")
    ada, deaf = person(), person(devices=False)
    ada.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(ada, "Ada")
    deaf.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(deaf, "Dora")
    people.wait_until(deaf, lambda: moving(deaf, ["audio", "video"], 1), "Ada's media")
    expect(people.tile(ada, "Dora")).to_be_visible()
    deaf.get_by_role("button", name="Chat").click()
    deaf.get_by_label("Message").fill("I can only write")
    deaf.get_by_label("Message").press("Enter")
    ada.get_by_role("button", name="Chat").click()
    expect(ada.get_by_text("I can only write").first).to_be_visible()
