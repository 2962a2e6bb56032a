"""The administration of an organization: people, settings and the log."""

import re

import accounts
import pytest
from accounts import GOOD_PASSWORD, LOOKS, PATIENCE
from parley import Api
from playwright.sync_api import expect

LOOK = pytest.mark.parametrize("look", LOOKS, ids="-".join)
ADMINISTRATOR = ("rooms.create", "organization.admin")


@pytest.fixture
def administrator(stack):
    return stack.organizer(display_name="Ada Lovelace", permissions=ADMINISTRATOR)


@pytest.fixture
def api(stack, administrator):
    client = Api(stack.url)
    client.sign_in(administrator.user_name, administrator.password, administrator.ucsid)
    return client


@pytest.fixture
def page(stack, person, administrator):
    page = person()
    accounts.arrive(page, stack.url, administrator, "/admin")
    expect(page.get_by_role("button", name="Ada Lovelace")).to_be_visible(timeout=PATIENCE)
    return page


def open_person(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("dialog", name="Edit person")


def row(page, name):
    return page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("button", name=name, exact=True))


def import_people(stack, organization, count):
    lines = ["userName,displayName", *(f"p{number:03},Person {number:03}" for number in range(count))]
    stack.services["identity"][0].command(
        "account", "import", "--organization", organization.ucsid, what="Importing people", text="\n".join(lines))


def test_who_may_not_administer_sees_neither_link_nor_page(stack, person, organizer):
    page = person()
    accounts.arrive(page, stack.url, organizer, "/admin")
    expect(page.get_by_role("heading", name="This page is not for you")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("link", name="Administration")).to_have_count(0)
    accounts.check_look(page, "the page that is not for them")
    page.get_by_role("link", name="To the start page").click()
    expect(page.get_by_role("heading", name="Meeting rooms", exact=True)).to_be_visible()


def test_a_person_is_added_and_comes_in(stack, person, administrator, page):
    page.get_by_role("button", name="Add person").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Display name")).to_be_focused()
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_text("Please fill in this field.")).to_have_count(2)
    dialog.get_by_label("Display name").fill("Hedy Lamarr")
    dialog.get_by_label("User name").fill(administrator.user_name.upper())
    dialog.get_by_label("E-mail").fill("hedy@example.org")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_text("Somebody else has this user name already.")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_label("User name").fill("hedy")
    dialog.get_by_role("button", name="Add").click()

    ready = page.get_by_role("dialog", name="The account is ready")
    expect(ready).to_be_visible(timeout=PATIENCE)
    password = ready.locator("code").inner_text()
    page.keyboard.press("Escape")
    expect(ready).to_be_visible()
    ready.get_by_role("button", name="Copy password").click()
    expect(page.get_by_text("Password copied")).to_be_visible()
    ready.get_by_role("button", name="Done").click()
    expect(ready).to_be_hidden()
    for words in ["Organizer", "One-time password", "Never signed in", "hedy@example.org"]:
        expect(row(page, "Hedy Lamarr")).to_contain_text(words)

    hedy = person()
    accounts.start_sign_in(hedy, stack.url, "hedy", password, administrator.ucsid)
    accounts.choose_password(hedy, GOOD_PASSWORD)
    expect(hedy.get_by_role("button", name="New meeting room")).to_be_visible(timeout=PATIENCE)


def test_many_people_are_searched_and_read_page_by_page(stack, administrator, page):
    import_people(stack, administrator, 60)
    page.reload()
    people = page.get_by_role("main").locator(".person-row")
    expect(people).to_have_count(50, timeout=PATIENCE)
    expect(page.get_by_text("The first 50 people")).to_be_visible()
    page.get_by_role("button", name="Show more").click()
    expect(people).to_have_count(61)
    expect(page.get_by_role("button", name="Person 049", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    page.get_by_label("Search by name").fill("person 01")
    expect(people).to_have_count(10)
    page.get_by_label("Search by name").fill("p059")
    expect(people).to_have_count(1)
    page.get_by_label("Search by name").fill("nobody like this")
    expect(page.get_by_text("Nobody fits “nobody like this”.")).to_be_visible()

    # The log has a line for each, and more than one page of them.
    page.get_by_role("link", name="Log").click()
    entries = page.locator(".audit-entry")
    expect(entries).to_have_count(50, timeout=PATIENCE)
    expect(entries.first).to_contain_text("An operator added the account p059.")
    page.get_by_role("button", name="Show more").click()
    expect(entries).to_have_count(62)
    expect(entries.last).to_contain_text(f"added the organization {administrator.ucsid}")


def test_a_person_is_changed_though_somebody_else_was_faster(stack, administrator, page, api):
    import_people(stack, administrator, 1)
    page.reload()
    dialog = open_person(page, "Person 000")
    item = next(one for one in api.call("GET", "/api/identity/accounts")["items"] if one["userName"] == "p000")
    draft = {key: item[key] for key in ("userName", "permissions", "isEnabled")}
    api.call("PUT", f"/api/identity/accounts/{item['account']}", draft | {"displayName": "Somebody else's choice"},
             headers={"If-Match": f'"{item["version"]}"'})
    dialog.get_by_label("Display name").fill("Grace Hopper")
    dialog.get_by_label("Create meeting rooms").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Somebody changed this account in the meantime.")).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_label("Display name")).to_have_value("Grace Hopper")
    expect(dialog.get_by_role("button", name="Save")).to_be_focused()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)
    expect(row(page, "Grace Hopper")).to_contain_text("Organizer")
    expect(page.get_by_role("button", name="Grace Hopper", exact=True)).to_be_focused()

    open_person(page, "Grace Hopper").get_by_label("May sign in").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(row(page, "Grace Hopper")).to_contain_text("Disabled")


def test_nobody_gives_up_their_own_power_by_accident(stack, administrator, page):
    dialog = open_person(page, "Ada Lovelace")
    expect(dialog.get_by_text("This is your own account.")).to_be_visible()
    expect(dialog.get_by_label("Administer the system")).to_be_disabled()
    dialog.get_by_label("Administer the organization").uncheck()
    dialog.get_by_role("button", name="Save").click()
    question = page.get_by_role("dialog", name="Give up your own power?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    question.get_by_role("button", name="Give it up").click()
    expect(dialog.get_by_role("alert").filter(has_text="This is the last administrator.")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(row(page, "Ada Lovelace")).to_contain_text("Administrator")

    # With another one, it is possible on purpose.
    stack.organizer(display_name="Grace Hopper", organization=administrator, permissions=ADMINISTRATOR)
    dialog = open_person(page, "Ada Lovelace")
    dialog.get_by_label("Administer the organization").uncheck()
    dialog.get_by_role("button", name="Save").click()
    question.get_by_role("button", name="Give it up").click()
    again = page.get_by_role("dialog", name="Enter your password")
    again.get_by_label("Password", exact=True).fill("not the password")
    again.get_by_role("button", name="Continue").click()
    expect(again.get_by_text("This is not your password.")).to_be_visible(timeout=PATIENCE)
    again.get_by_label("Password", exact=True).fill(administrator.password)
    again.get_by_role("button", name="Continue").click()
    accounts.expect_dashboard(page)
    expect(page.get_by_role("link", name="Administration")).to_have_count(0)


def test_a_system_administrator_is_out_of_reach(stack, administrator, page):
    stack.organizer(display_name="Sys Admin", organization=administrator, permissions=("system.admin",))
    page.reload()
    dialog = open_person(page, "Sys Admin")
    expect(dialog.get_by_text("Only another system administrator can change the account.")).to_be_visible()
    expect(dialog.get_by_label("Display name")).to_be_disabled()
    expect(dialog.get_by_role("button", name="Save")).to_be_hidden()
    expect(dialog.get_by_role("button", name="Delete account")).to_be_hidden()


def test_sign_in_of_others_is_reset_ended_and_deleted(stack, person, administrator, page):
    grace = stack.organizer(display_name="Grace Hopper", organization=administrator)
    theirs = person()
    accounts.arrive(theirs, stack.url, grace, "/profile")
    accounts.enable_second_factor(theirs, grace.password)
    page.reload()
    expect(row(page, "Grace Hopper")).to_contain_text("Second factor")
    dialog = open_person(page, "Grace Hopper")

    dialog.get_by_role("button", name="Remove second factor").click()
    page.get_by_role("dialog", name="Remove second factor").get_by_role("button", name="Remove").click()
    expect(dialog.get_by_role("button", name="Remove second factor")).to_be_hidden(timeout=PATIENCE)

    dialog.get_by_role("button", name="End all sessions").click()
    page.get_by_role("dialog", name="End all sessions").get_by_role("button", name="End sessions").click()
    expect(page.get_by_text("Grace Hopper is signed out everywhere.")).to_be_visible(timeout=PATIENCE)
    theirs.reload()
    expect(theirs.get_by_label("User name")).to_be_visible(timeout=PATIENCE)

    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Export data").click()
    assert saved.value.suggested_filename == f"parley-{grace.user_name}.json"

    dialog.get_by_role("button", name="New one-time password").click()
    page.get_by_role("dialog", name="New one-time password").get_by_role("button", name="Make one").click()
    shown = page.get_by_role("dialog", name="New one-time password").locator("code")
    password = shown.inner_text()
    page.get_by_role("button", name="Done").click()
    accounts.start_sign_in(theirs, stack.url, grace.user_name, password, administrator.ucsid)
    expect(theirs.get_by_role("heading", name="Choose your own password")).to_be_visible(timeout=PATIENCE)

    # What was done has changed the account: it can still be saved.
    dialog.get_by_label("E-mail").fill("grace@example.org")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE)

    dialog = open_person(page, "Grace Hopper")
    dialog.get_by_role("button", name="Delete account").click()
    question = page.get_by_role("dialog", name="Delete the account of Grace Hopper?")
    question.get_by_label(re.compile("Type")).fill("somebody")
    question.get_by_role("button", name="Delete account").click()
    expect(question.get_by_text("This is not the user name.")).to_be_visible()
    question.get_by_label(re.compile("Type")).fill(grace.user_name)
    question.get_by_role("button", name="Delete account").click()
    expect(page.get_by_text("The account of Grace Hopper is deleted.")).to_be_visible(timeout=PATIENCE)
    expect(row(page, "Grace Hopper")).to_have_count(0)

    page.get_by_role("link", name="Log").click()
    for words in ["deleted the account", "made a one-time password for", "removed the second factor of", "exported the data of"]:
        expect(page.locator(".audit-entry").filter(has_text=f"{words} {grace.user_name}")).to_have_count(1, timeout=PATIENCE)
    page.get_by_role("banner").get_by_label("Language").select_option("de")
    expect(page.locator(".audit-entry").filter(has_text=f"hat das Konto {grace.user_name} gelöscht")).to_have_count(1)


def test_how_another_administrator_signs_in_is_reset_with_the_own_password(stack, person, administrator, page):
    deputy = stack.organizer(display_name="Dora Deputy", organization=administrator, permissions=("organization.admin",))
    page.reload()
    dialog = open_person(page, "Dora Deputy")
    dialog.get_by_role("button", name="New one-time password").click()
    question = page.get_by_role("dialog", name="New one-time password")
    expect(question.get_by_text("enter your own password")).to_be_visible()
    question.get_by_label("Password", exact=True).fill("not the password")
    question.get_by_role("button", name="Make one").click()
    expect(question.get_by_text("This is not your password.")).to_be_visible(timeout=PATIENCE)
    question.get_by_label("Password", exact=True).fill(administrator.password)
    question.get_by_role("button", name="Make one").click()
    password = page.get_by_role("dialog", name="New one-time password").locator("code").inner_text()
    page.get_by_role("button", name="Done").click()
    theirs = person()
    accounts.start_sign_in(theirs, stack.url, deputy.user_name, password, administrator.ucsid)
    expect(theirs.get_by_role("heading", name="Choose your own password")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")

    # The own way in is changed in the profile.
    dialog = open_person(page, administrator.display_name)
    expect(dialog.get_by_role("button", name="Export data")).to_be_visible()
    expect(dialog.get_by_role("button", name="New one-time password")).to_have_count(0)


def test_settings_are_kept(stack, administrator, page, api):
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_label("Name", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Name", exact=True).fill("Engines & Sons")
    page.get_by_label("Sign-in domains", exact=True).and_(page.get_by_role("textbox")).fill("two words")
    page.get_by_role("button", name="Add – Sign-in domains").click()
    expect(page.get_by_text("Letters, digits, hyphens")).to_be_visible()
    page.get_by_role("textbox", name="Sign-in domains").fill("ENGINES")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove “ENGINES”")).to_be_visible()
    # What is typed and not added is meant as well.
    page.get_by_role("textbox", name="Aliases").fill(f"more-{administrator.ucsid}")
    minimum = page.get_by_label("Characters of a new password")
    minimum.fill("5")
    page.get_by_role("button", name="Save").click()
    expect(minimum).to_be_focused()
    minimum.fill("8")
    expect(page.get_by_text("safe only together with a second factor")).to_be_visible()
    page.get_by_label("Required").check()
    expect(page.get_by_text("safe only together with a second factor")).to_be_hidden()
    page.get_by_label("Everybody", exact=True).check()
    page.get_by_label("Default language").select_option("de")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings have been saved.")).to_be_visible(timeout=PATIENCE)

    expect(page.get_by_role("banner")).to_contain_text("Engines & Sons")
    settings = api.call("GET", "/api/identity/organization")["settings"]
    assert settings == {"name": "Engines & Sons", "aliases": sorted([administrator.alias, f"more-{administrator.ucsid}"]),
                        "signInDomains": ["ENGINES"], "passwordMinimum": 8, "roomCreators": "everyone",
                        "defaultLanguage": "de", "secondFactor": "required", "attendance": "off"}

    # Somebody else is faster.
    view = api.call("GET", "/api/identity/organization")
    api.call("PUT", "/api/identity/organization", view["settings"] | {"name": "Another name"},
             headers={"If-Match": f'"{view["version"]}"'})
    page.get_by_label("Name", exact=True).fill("Engines")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody changed the settings in the meantime.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Show the other change").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Another name")

    page.get_by_role("button", name="Remove “ENGINES”").click()
    other = stack.organizer()
    page.get_by_role("textbox", name="Aliases").fill(other.ucsid)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Another organization has this alias already.")).to_be_visible(timeout=PATIENCE)


def test_a_person_is_added_with_the_keyboard_alone(stack, administrator, page):
    page.get_by_role("button", name="Add person").focus()
    page.keyboard.press("Enter")
    for text in ["Key Board", "keys"]:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="The account is ready")).to_be_visible(timeout=PATIENCE)
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.get_by_role("button", name="Done").evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Key Board", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@LOOK
def test_the_administration_can_be_read_by_everybody(stack, person, administrator, look):
    german = look[2] == "de"
    stack.organizer(display_name="A person with quite a long name that has to go somewhere", organization=administrator)
    page = accounts.looking(person, look)
    accounts.arrive(page, stack.url, administrator, "/admin", look[2])
    accounts.wear(page, look)
    page.locator(".person-row").first.wait_for()
    accounts.check_look(page, "people")
    page.get_by_role("button", name="Ada Lovelace").click()
    accounts.check_look(page, "a person")
    page.get_by_role("button", name="Konto löschen" if german else "Delete account").click()
    accounts.check_look(page, "deleting")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Person hinzufügen" if german else "Add person").click()
    page.get_by_role("dialog").locator("input[name=displayName]").fill("Nina Neu")
    page.get_by_role("dialog").locator("input[name=userName]").fill("nina")
    page.get_by_role("dialog").locator("button[type=submit]").click()
    page.locator("dialog .one-time").wait_for()
    accounts.check_look(page, "the one-time password")
    page.get_by_role("button", name="Fertig" if german else "Done").click()
    page.get_by_role("link", name="Einstellungen" if german else "Settings").click()
    page.locator("input[name=passwordMinimum]").fill("8")
    accounts.check_look(page, "settings")
    page.get_by_role("link", name="Protokoll" if german else "Log").click()
    page.locator(".audit-entry").first.wait_for()
    accounts.check_look(page, "the log")
