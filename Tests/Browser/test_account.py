"""The profile: what people see and set of their own account."""

import json
import re

import accounts
import people
import pytest
from accounts import GOOD_PASSWORD, LOOKS, PATIENCE, expect_dashboard, section, totp
from playwright.sync_api import expect

LOOK = pytest.mark.parametrize("look", LOOKS, ids="-".join)


def test_a_name_and_a_picture_are_seen_in_the_header(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    you = section(page, "You")
    you.get_by_label("Display name").fill("Ada King")
    you.get_by_role("button", name="Save").click()
    header = page.get_by_role("banner").get_by_role("link", name="Profile")
    expect(header).to_contain_text("Ada King")
    you.get_by_label("Display name").fill("")
    you.get_by_role("button", name="Save").click()
    expect(you.get_by_text("Please fill in this field.")).to_be_visible()

    you.get_by_label("Violet").check(force=True)
    expect(header.locator("[data-avatar-color=violet]")).to_be_visible()
    page.locator("input[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": accounts.picture(1200, 700)})
    image = header.locator("img")
    expect(image).to_be_visible(timeout=PATIENCE)
    people.wait_until(page, lambda: image.evaluate("image => image.complete && image.naturalWidth") == 256, "the picture")
    page.reload()
    expect(header.locator("img")).to_be_visible(timeout=PATIENCE)
    page.locator("input[type=file]").set_input_files({"name": "me.txt", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_text("can't be read as a picture")).to_be_visible()
    you.get_by_role("button", name="Remove").click()
    expect(header.locator("img")).to_be_hidden()
    expect(header).to_contain_text("AK")


def test_language_and_appearance_take_effect_at_once_and_in_the_next_browser(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    look = section(page, "Language and appearance")
    look.get_by_label("Appearance").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-appearance", "dark")
    expect(page.get_by_role("banner").get_by_label("Appearance")).to_have_value("dark")
    look.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Profil", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_text("Gespeichert").last).to_be_visible()

    other = person()
    other.add_init_script("localStorage.getItem('parley.appearance') ?? localStorage.setItem('parley.appearance', '\"bright\"')")
    accounts.start_sign_in(other, stack.url, organizer.user_name, organizer.password, organizer.ucsid)
    expect(other.get_by_role("heading", name="Besprechungsräume")).to_be_visible(timeout=PATIENCE)
    expect(other.locator("html")).to_have_attribute("data-appearance", "dark")
    # What is chosen at the switch is the person's choice too.
    with other.expect_response(lambda answer: answer.request.method == "PUT" and answer.url.endswith("/profile")):
        other.get_by_role("banner").get_by_label("Erscheinungsbild").select_option("bright")
    page.reload()
    expect(page.get_by_role("main").get_by_role("combobox", name="Erscheinungsbild")).to_have_value("bright")


def test_presence_and_notifications_are_kept(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    part = section(page, "Presence and notifications")
    changes = [lambda: part.get_by_label("Do not disturb").check(), lambda: part.get_by_label("Show my presence").uncheck(),
               lambda: part.get_by_label("somebody leaves").uncheck()]
    for change in changes:
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            change()
    page.reload()
    expect(part.get_by_label("Do not disturb")).to_be_checked(timeout=PATIENCE)
    expect(part.get_by_label("Show my presence")).not_to_be_checked()
    expect(part.get_by_label("somebody leaves")).not_to_be_checked()
    expect(part.get_by_label("somebody comes in")).to_be_checked()

    # What can't be kept is not shown as if it were.
    page.route("**/api/identity/profile", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    part.get_by_label("Show my presence").click()
    expect(page.get_by_text("can't be reached").last).to_be_visible()
    expect(part.get_by_label("Show my presence")).not_to_be_checked()


def test_a_changed_password_ends_the_other_sessions(stack, person, organizer):
    page, other = person(), person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    accounts.arrive(other, stack.url, organizer, "/profile")
    sessions = section(page, "Where you are signed in")
    part = section(page, "Password")

    def change(current, new):
        part.get_by_label("Current password").fill(current)
        part.get_by_label("New password", exact=True).fill(new)
        part.get_by_label("New password again").fill(new)
        part.get_by_role("button", name="Change password").click()

    change("not this one", GOOD_PASSWORD)
    expect(part.get_by_text("This is not your password.")).to_be_visible(timeout=PATIENCE)
    change(organizer.password, "fourteen chars")
    expect(part.get_by_text("at least 15 characters, please")).to_be_visible()
    change(organizer.password, GOOD_PASSWORD)
    expect(page.get_by_text("Your password is changed")).to_be_visible(timeout=PATIENCE)
    expect(part.get_by_label("Current password")).to_have_value("")
    expect(sessions.get_by_role("listitem")).to_have_count(1)
    other.get_by_role("link", name="Parley").click()
    other.reload()
    expect(other.get_by_label("User name")).to_be_visible(timeout=PATIENCE)


def test_a_second_factor_is_set_up_replaced_and_removed(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    part = section(page, "Second factor")
    first = accounts.enable_second_factor(page, organizer.password)
    expect(part.get_by_text("Turned on", exact=True)).to_be_visible()
    expect(part.get_by_text("10 of 10 recovery codes are left.")).to_be_visible()

    part.get_by_role("button", name="New recovery codes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password", exact=True).fill("not this one")
    dialog.get_by_role("button", name="New recovery codes").click()
    expect(dialog.get_by_text("This is not your password.")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_label("Password", exact=True).fill(organizer.password)
    dialog.get_by_role("button", name="New recovery codes").click()
    codes = dialog.get_by_role("list", name="Your recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10, timeout=PATIENCE)
    recovery = codes.first.inner_text()
    page.keyboard.press("Escape")
    expect(codes).to_have_count(10)
    dialog.get_by_role("button", name="I have kept the codes").click()

    part.get_by_role("button", name="Use another phone or app").click()
    dialog.get_by_label("Password", exact=True).fill(organizer.password)
    dialog.get_by_label("Code", exact=True).fill(recovery)
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible(timeout=PATIENCE)
    second = accounts.shown_secret(page)
    assert second != first
    dialog.get_by_label("Code", exact=True).fill(totp(second))
    dialog.get_by_role("button", name="Turn on").click()
    dialog.get_by_role("button", name="I have kept the codes").click()

    part.get_by_role("button", name="Remove second factor").click()
    dialog.get_by_label("Password", exact=True).fill(organizer.password)
    dialog.get_by_label("Code", exact=True).fill(totp(second, ahead=1))
    dialog.get_by_role("button", name="Remove").click()
    expect(part.get_by_text("Turned off", exact=True)).to_be_visible(timeout=PATIENCE)


def test_sessions_are_seen_and_ended(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    others = [person(), person(), person()]
    for other in others:
        accounts.arrive(other, stack.url, organizer, "/profile")
    page.reload()
    part = section(page, "Where you are signed in")
    expect(part.get_by_role("listitem")).to_have_count(4, timeout=PATIENCE)
    expect(part.get_by_role("listitem").filter(has_text="This browser")).to_have_count(1)
    expect(part.get_by_text("Chrome on Linux").first).to_be_visible()
    part.get_by_role("button", name=re.compile("^Sign out –")).first.click()
    expect(part.get_by_role("listitem")).to_have_count(3)
    part.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out", exact=True).click()
    expect(part.get_by_role("listitem")).to_have_count(1)
    for other in others:
        other.reload()
        expect(other.get_by_label("User name")).to_be_visible(timeout=PATIENCE)


def test_everything_that_is_kept_can_be_taken_along(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/profile")
    with page.expect_download() as saved:
        section(page, "Your data").get_by_role("button", name="Export my data").click()
    assert saved.value.suggested_filename == f"parley-{organizer.user_name}.json"
    exported = json.loads(open(saved.value.path(), encoding="utf-8").read())
    assert exported["account"]["userName"] == organizer.user_name
    assert organizer.password not in json.dumps(exported)


@pytest.mark.parametrize("origin, words", [("ldap", "password of your organization's directory"),
                                           ("oidc", "your organization's own sign-in")])
def test_what_is_kept_elsewhere_is_explained(stack, person, organizer, origin, words):
    page = person()

    def answer(route):
        profile = route.fetch().json() | {"origin": origin}
        route.fulfill(json=profile)

    page.route("**/api/identity/profile", answer)
    accounts.arrive(page, stack.url, organizer, "/profile")
    expect(section(page, "Password").get_by_text(words)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Display name")).to_have_count(0)
    expect(page.get_by_label("Current password")).to_have_count(0)
    page.unroute_all(behavior="ignoreErrors")


def test_the_profile_can_be_used_with_the_keyboard_alone(stack, person, organizer):
    page = person()
    page.goto(f"{stack.url}/")
    expect(page.get_by_label("User name")).to_be_focused(timeout=PATIENCE)
    for text in [organizer.user_name, organizer.password]:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(organizer.ucsid)
    page.keyboard.press("Enter")
    expect_dashboard(page)

    def tab_to(locator, at_most=60):
        for _ in range(at_most):
            page.keyboard.press("Tab")
            if locator.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("the keyboard does not reach it")

    tab_to(page.get_by_role("banner").get_by_role("link", name="Profile"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Profile", exact=True)).to_be_focused()
    tab_to(page.get_by_label("Display name"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Ada of the keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner")).to_contain_text("Ada of the keys")
    opener = page.get_by_role("button", name="Set up second factor")
    tab_to(opener)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.go_back()
    expect_dashboard(page)


def test_the_profile_keeps_to_the_security_policy(stack, person, organizer):
    page = person()
    problems, foreign = [], []
    page.on("console", lambda message: problems.append(message.text)
            if "Content Security Policy" in message.text or "Trusted" in message.text else None)
    page.on("request", lambda request: foreign.append(request.url)
            if not request.url.startswith((stack.url, "blob:", "data:")) else None)
    accounts.arrive(page, stack.url, organizer, "/profile")
    accounts.enable_second_factor(page, organizer.password)
    page.locator("input[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": accounts.picture(300, 300)})
    expect(page.get_by_role("banner").locator("img").nth(1)).to_be_visible(timeout=PATIENCE)
    with page.expect_download():
        page.get_by_role("button", name="Export my data").click()
    assert problems == [] and foreign == []


@LOOK
def test_the_profile_can_be_read_by_everybody(stack, person, organizer, look):
    page = accounts.looking(person, look)
    accounts.arrive(page, stack.url, organizer, "/profile", look[2])
    accounts.wear(page, look)
    page.locator(".session").first.wait_for()
    accounts.check_look(page, "the profile")
    page.locator("parley-second-factor button").click()
    page.get_by_role("dialog").locator("input[type=password]").fill(organizer.password)
    accounts.check_look(page, "the password again")
    page.get_by_role("dialog").locator("button[type=submit]").click()
    page.locator("dialog .qr-code").wait_for()
    accounts.check_look(page, "the offer")
    page.get_by_label("Code", exact=True).fill(totp(accounts.shown_secret(page)))
    page.get_by_role("dialog").locator("button[type=submit]").click()
    page.locator("dialog .recovery-codes").wait_for()
    accounts.check_look(page, "the recovery codes")
