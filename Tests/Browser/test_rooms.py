"""What organizers do with their rooms: options, order, lock, deputies, and changes at the same time as somebody else's."""

import re

import people
import pytest
from accounts import LOOKS, check_look, looking
from parley import Api
from playwright.sync_api import expect


@pytest.fixture
def page(stack, person, organizer):
    page = person()
    people.sign_in(page, stack.url, organizer)
    return page


def names(page) -> list[str]:
    return page.locator("parley-room-card h2").all_inner_texts()


def edit(page, name: str):
    people.room_card(page, name).get_by_role("button", name="Edit").click()
    return page.get_by_role("dialog")


def change(api, room: dict, **changes) -> dict:
    """By somebody else, meanwhile."""
    now = api.call("GET", f"/api/directory/rooms/{room['id']}")
    draft = {key: now.get(key) for key in ("name", "alias", "description", "color", "pin", "options")}
    return api.call("PUT", f"/api/directory/rooms/{room['id']}", draft | changes, headers={"If-Match": f'"{now["version"]}"'})


def test_options_are_kept_and_marks_are_shown_as_icon_and_text(page, api):
    page.get_by_role("button", name="New meeting room").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Room name").fill("Board")
    dialog.get_by_label("PIN", exact=True).fill("1234")
    expect(dialog.get_by_text("From 6 digits on")).to_be_visible()
    dialog.get_by_label("Guests wait").check()
    dialog.get_by_label("Begin only with a moderator").check()
    dialog.get_by_label("Microphones off on joining").check()
    dialog.get_by_label("Who may share the screen").select_option("moderators")
    dialog.get_by_role("button", name="Create room").click()
    card = people.room_card(page, "Board")
    marks = card.get_by_role("list", name="What is special about this room")
    expect(marks.get_by_text("PIN", exact=True)).to_be_visible()
    expect(marks.get_by_text("Lobby", exact=True)).to_be_visible()

    room = next(room for room in api.call("GET", "/api/directory/rooms")["items"] if room["name"] == "Board")
    assert room["pin"] == "1234"
    assert room["options"] == {"everyoneModerates": False, "muteOnJoining": True, "lobby": "guests", "waitForModerator": True,
                               "screenSharing": "moderators", "chat": "everyone", "keepChat": True}
    dialog = edit(page, "Board")
    expect(dialog.get_by_label("Guests wait")).to_be_checked()
    expect(dialog.get_by_label("Who may share the screen")).to_have_value("moderators")


def test_the_personal_room_is_there_and_can_not_be_deleted(page, organizer):
    card = page.get_by_role("article").filter(has_text="Personal room")
    expect(card).to_be_visible()
    card.get_by_role("button", name="More actions").click()
    expect(card.get_by_role("menuitem", name="Edit")).to_be_visible()
    expect(card.get_by_role("menuitem", name="Delete")).to_have_count(0)


def test_the_menu_is_used_by_keyboard_and_gives_the_focus_back(page, api):
    api.create_room("Keys")
    card = people.room_card(page, "Keys")
    button = card.get_by_role("button", name="More actions")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(card.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    expect(card.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(card.get_by_role("menu")).to_be_hidden()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=re.compile("Delete"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_room_is_locked_and_unlocked(page, api, stack):
    room = api.create_room("Door")
    card = people.room_card(page, "Door")
    people.choose(card, "Lock")
    marks = card.get_by_role("list", name="What is special about this room")
    expect(marks.get_by_text("Locked", exact=True)).to_be_visible()
    assert Api(stack.url).entry(room["alias"], check=True)["admission"] == "locked"
    people.choose(card, "Unlock")
    expect(marks).to_be_hidden()
    assert Api(stack.url).entry(room["alias"], check=True)["admission"] == "direct"


def test_the_own_order_is_made_by_keyboard_and_kept(page, api):
    for name in ["One", "Two", "Three"]:
        api.create_room(name)
    page.reload()
    people.room_card(page, "Three")
    page.get_by_label("Order").select_option("own")
    before = names(page)
    last = before[-1]
    up = people.room_card(page, last).get_by_role("button", name="Move up")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    wanted = [*before[:-3], last, *before[-3:-1]]
    assert names(page) == wanted
    expect(page.get_by_text(f"“{last}” is now number {wanted.index(last) + 1} of {len(wanted)}.")).to_be_attached()
    people.wait_until(page, lambda: [room["name"] for room in api.call("GET", "/api/directory/rooms?sort=own")["items"]] == wanted, "stored")
    page.reload()
    people.room_card(page, last)
    assert names(page) == wanted


def test_the_look_is_remembered(page, api):
    api.create_room("Second")
    page.reload()
    people.room_card(page, "Second")
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.locator(".room-grid[data-look=list]")).to_be_visible()
    page.reload()
    expect(page.locator(".room-grid[data-look=list]")).to_be_visible()
    expect(page.get_by_role("button", name="List", exact=True)).to_have_attribute("aria-pressed", "true")


def test_refreshing_the_list_takes_no_focus_away(page, api):
    api.create_room("Calm", color="red")
    link = people.room_card(page, "Calm").get_by_role("button", name="Copy link")
    link.focus()
    api.create_room("A newer one")
    people.room_card(page, "A newer one")
    expect(link).to_be_focused()


def test_of_two_changes_at_once_nothing_is_lost_and_the_person_chooses(page, api):
    room = api.create_room("Plan", description="First", color="teal")
    people.room_card(page, "Plan")
    dialog = edit(page, "Plan")
    dialog.get_by_label("Room name").fill("My plan")
    dialog.get_by_label("PIN", exact=True).fill("123456")
    change(api, room, name="Their plan", description="Second", color="red")
    dialog.get_by_role("button", name="Save").click()

    expect(dialog.get_by_text("Somebody else changed this room")).to_be_visible()
    expect(dialog.get_by_text("Already taken over: Description, Colour")).to_be_visible()
    expect(dialog.get_by_label("Description")).to_have_value("Second")
    expect(dialog.get_by_label("Room name")).to_have_value("My plan")
    expect(dialog.get_by_label("PIN", exact=True)).to_have_value("123456")
    expect(dialog.get_by_text("Their plan")).to_be_visible()
    dialog.get_by_role("button", name="Take over: Room name").click()
    expect(dialog.get_by_label("Room name")).to_have_value("Their plan")
    dialog.get_by_role("button", name="Save").click()
    people.room_card(page, "Their plan")
    stored = api.call("GET", f"/api/directory/rooms/{room['id']}")
    assert (stored["name"], stored["description"], stored["color"], stored["pin"]) == ("Their plan", "Second", "red", "123456")


def test_a_deputy_manages_the_room_and_does_not_delete_it(page, api, stack, person, colleague):
    api.create_room("Shared work")
    people.room_card(page, "Shared work")
    dialog = edit(page, "Shared work")
    dialog.get_by_label("Find a colleague").fill("grace")
    dialog.get_by_role("button", name="Grace Hopper").click()
    expect(dialog.get_by_role("list", name="Deputies").get_by_text("Grace Hopper", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()

    other = person()
    people.sign_in(other, stack.url, colleague)
    card = people.room_card(other, "Shared work")
    expect(card.get_by_text("Deputy of Ada Lovelace", exact=True)).to_be_visible()
    card.get_by_role("button", name="More actions").click()
    expect(card.get_by_role("menuitem", name="Delete")).to_have_count(0)
    other.keyboard.press("Escape")
    card.get_by_role("button", name="Edit").click()
    dialog = other.get_by_role("dialog")
    expect(dialog.get_by_label("Find a colleague")).to_have_count(0)
    dialog.get_by_label("Description").fill("Prepared by Grace")
    dialog.get_by_role("button", name="Save").click()
    expect(people.room_card(other, "Shared work").get_by_text("Prepared by Grace")).to_be_visible()


def test_the_former_link_leads_who_manages_the_room_to_the_new_one(page, api, stack, organizer):
    room = api.create_room("Moved", alias=f"before-{organizer.user_name}")
    change(api, room, alias=f"after-{organizer.user_name}")
    page.goto(f"{stack.url}/r/before-{organizer.user_name}")
    expect(page.get_by_role("heading", name="Moved")).to_be_visible()
    page.wait_for_url(f"{stack.url}/r/after-{organizer.user_name}")


def test_the_entrance_says_what_awaits_a_guest(stack, person, api):
    room = api.create_room("Hearing", options={"muteOnJoining": True, "lobby": "guests"})
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    expect(guest.get_by_text("Somebody has to let you in")).to_be_visible()
    expect(guest.get_by_text("Microphones are off when people come in")).to_be_visible()


def test_what_comes_in_muted_may_be_turned_on(stack, person, api):
    room = api.create_room("Quiet", options={"muteOnJoining": True})
    guest = person()
    guest.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(guest, "Gus")
    button = guest.get_by_role("button", name="Turn on microphone")
    expect(button).to_be_visible()
    button.click()
    expect(guest.get_by_role("button", name="Turn off microphone")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(look))
def test_rooms_and_their_form_are_accessible_in_every_look(stack, person, organizer, colleague, api, look):
    for name, draft in [("Quarterly review", {"pin": "1234", "color": "yellow", "description": "Figures, plans and questions."}),
                        ("Team", {"options": {"lobby": "everyone"}, "color": "purple"})]:
        api.create_room(name, **draft)
    page = looking(person, look)
    page.request.post(f"{stack.url}/api/identity/session", headers={"Origin": stack.url}, data={
        "userName": organizer.user_name, "password": organizer.password, "organization": organizer.ucsid, "stayLoggedIn": False})
    page.goto(stack.url)
    people.room_card(page, "Team")
    page.get_by_role("main").locator("select").first.select_option("own")
    check_look(page, "cards")
    page.locator(".look-button").nth(1).click()
    check_look(page, "list")
    card = people.room_card(page, "Team")
    card.locator("[aria-haspopup=menu]").click()
    check_look(page, "menu")
    page.keyboard.press("Escape")
    page.locator(".look-button").first.click()
    card.locator(".room-edit").click()
    page.get_by_role("dialog").wait_for()
    check_look(page, "form")
