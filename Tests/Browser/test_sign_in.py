"""Signing in with everything that may be asked for."""

import json
import re

import accounts
import pytest
from accounts import GOOD_PASSWORD, LOOKS, PATIENCE, expect_dashboard, section, totp
from playwright.sync_api import expect

LOOK = pytest.mark.parametrize("look", LOOKS, ids="-".join)


def test_a_one_time_password_leads_to_a_password_of_ones_own(stack, person, organizer):
    user_name, one_time = accounts.add(stack, organizer)
    page = person()
    accounts.start_sign_in(page, stack.url, user_name, one_time, organizer.ucsid)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("New password", exact=True)).to_be_focused()
    for password, words in [("short", "too short: at least 15"), ("ten letters", "too short: at least 15"),
                            ("password12345678", "easy to guess"), (one_time, "password that you have now")]:
        accounts.choose_password(page, password)
        expect(page.get_by_text(words)).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_label("New password", exact=True)).to_be_focused()
    page.get_by_label("New password", exact=True).fill(GOOD_PASSWORD)
    page.get_by_label("New password again").fill("something else that is long")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("not the same")).to_be_visible()

    # Back and forth, nothing typed is lost.
    page.get_by_role("button", name="Back to sign-in").click()
    expect(page.get_by_label("User name")).to_have_value(user_name)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("New password", exact=True)).to_have_value(GOOD_PASSWORD)
    accounts.choose_password(page, GOOD_PASSWORD)
    expect_dashboard(page)

    page.get_by_role("button", name="Sign out").click()
    accounts.start_sign_in(page, stack.url, user_name, GOOD_PASSWORD, organizer.ucsid)
    expect_dashboard(page)


def test_a_second_factor_is_set_up_when_it_is_demanded_and_asked_for_from_then_on(stack, person, organizer):
    accounts.set_organization(stack, organizer, "--second-factor", "required")
    user_name, one_time = accounts.add(stack, organizer)
    page = person()
    accounts.start_sign_in(page, stack.url, user_name, one_time, organizer.ucsid)
    accounts.choose_password(page, GOOD_PASSWORD)
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = accounts.shown_secret(page)
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    uri = page.locator("a[href^='otpauth:']").get_attribute("href")
    assert f"secret={secret}" in uri

    page.get_by_label("Code", exact=True).fill(totp(secret, ahead=100))
    page.get_by_role("button", name="Confirm and sign in").click()
    expect(page.get_by_text("This code is not right")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Code", exact=True)).to_have_value("")
    page.get_by_label("Code", exact=True).fill(totp(secret))
    page.get_by_role("button", name="Confirm and sign in").click()

    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible(timeout=PATIENCE)
    codes = page.get_by_role("list", name="Your recovery codes").get_by_role("listitem").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    text = open(saved.value.path(), encoding="utf-8").read()
    assert user_name in text and all(f"{code}\n" in text for code in codes)
    page.get_by_role("button", name="I have kept the codes").click()
    expect_dashboard(page)

    # Elsewhere: a recovery code opens the account once, a code of the next half minute as well.
    other = person()
    accounts.start_sign_in(other, stack.url, user_name, GOOD_PASSWORD, organizer.ucsid)
    expect(other.get_by_role("heading", name="One more step")).to_be_visible(timeout=PATIENCE)
    code = other.get_by_label("Code", exact=True)
    assert code.get_attribute("autocomplete") == "one-time-code" and code.get_attribute("inputmode") == "numeric"
    other.get_by_role("button", name="I use a recovery code").click()
    code.fill(codes[0].upper().replace("-", " "))
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect_dashboard(other)
    other.get_by_role("link", name="Profile").click()
    expect(section(other, "Second factor").get_by_text("9 of 10 recovery codes are left.")).to_be_visible()
    expect(section(other, "Second factor").get_by_role("button", name="Remove second factor")).to_be_hidden()

    third = person()
    accounts.start_sign_in(third, stack.url, user_name, GOOD_PASSWORD, organizer.ucsid)
    third.get_by_label("Code", exact=True).fill(codes[0])
    third.get_by_role("button", name="Sign in", exact=True).click()
    expect(third.get_by_text("This code is not right")).to_be_visible(timeout=PATIENCE)
    third.get_by_label("Code", exact=True).fill(totp(secret, ahead=1))
    third.get_by_role("button", name="Sign in", exact=True).click()
    expect_dashboard(third)


def test_who_tries_too_often_sees_the_seconds_go_by(stack, person, organizer):
    page = person()
    accounts.start_sign_in(page, stack.url, organizer.user_name, "wrong", organizer.ucsid)
    button = page.get_by_role("button", name="Sign in", exact=True)
    for _ in range(12):
        expect(button).not_to_have_attribute("aria-busy", "true")
        if page.get_by_text(re.compile(r"Try again in \d+ s")).count():
            break
        button.click()
    expect(page.get_by_text(re.compile(r"Try again in \d+ s"))).to_be_visible()
    expect(button).to_be_disabled()
    expect(page.get_by_role("status").filter(has_text="You can try again in")).to_have_count(1)
    expect(button).to_be_enabled(timeout=PATIENCE)
    expect(page.get_by_text("You can try again now.").first).to_be_visible()
    page.get_by_label("Password", exact=True).fill(organizer.password)
    button.click()
    expect_dashboard(page)


@pytest.mark.parametrize("code, words", [
    ("password_expired", "one-time password has expired"), ("sign_in_unavailable", "can't be reached right now"),
    ("sign_in_declined", "did not let you in"), ("account_disabled", "is disabled")])
def test_a_refusal_is_said_in_words(stack, person, organizer, code, words):
    page = person()
    page.route("**/api/identity/session", lambda route: route.fulfill(
        status=403, content_type="application/problem+json", body=json.dumps({"status": 403, "code": code}))
        if route.request.method == "POST" else route.continue_())
    accounts.start_sign_in(page, stack.url, organizer.user_name, organizer.password, organizer.ucsid)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_label("Organization")).to_have_value(organizer.ucsid)

    # The same when a provider sends somebody back.
    page.goto(f"{stack.url}/sign-in?error={code}&next=%2Fprofile")
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert page.url == f"{stack.url}/sign-in?next=%2Fprofile"


def test_ways_over_a_provider_are_offered_for_the_organization_that_is_entered(stack, person, organizer):
    page = person()
    asked = []

    def options(route):
        asked.append(route.request.url.rpartition("=")[2])
        known = asked[-1] == organizer.ucsid
        route.fulfill(json={"connections": [{"id": "c1", "name": "Example ID"}] if known else []})

    page.route("**/api/identity/sign-in-options?**", options)
    page.route("**/api/identity/oidc/**", lambda route: route.fulfill(body="the provider's page", content_type="text/plain"))
    page.goto(f"{stack.url}/sign-in?next=/r/team")
    page.get_by_label("Organization").press_sequentially("somewhere")
    page.wait_for_timeout(800)
    expect(page.get_by_role("link", name="Sign in with")).to_be_hidden()
    page.get_by_label("Organization").fill(organizer.ucsid)
    link = page.get_by_role("link", name="Sign in with Example ID")
    expect(link).to_be_visible()
    assert asked == ["somewhere", organizer.ucsid]
    page.get_by_label("Stay logged in").check()
    link.click()
    expect(page.get_by_text("the provider's page")).to_be_visible()
    assert page.url.endswith("/api/identity/oidc/c1/begin?stayLoggedIn=true&next=%2Fr%2Fteam")


@LOOK
def test_the_steps_of_signing_in_can_be_read_by_everybody(stack, person, organizer, look):
    german = look[2] == "de"
    accounts.set_organization(stack, organizer, "--second-factor", "required")
    user_name, one_time = accounts.add(stack, organizer)
    page = accounts.looking(person, look)
    page.route("**/api/identity/sign-in-options?**", lambda route: route.fulfill(
        json={"connections": [{"id": "c1", "name": "Example ID"}]}))
    page.goto(stack.url)
    page.get_by_label("Organisation" if german else "Organization").fill(organizer.ucsid)
    page.get_by_role("link", name="Example ID").wait_for()
    accounts.check_look(page, "the first step")
    accounts.start_sign_in(page, stack.url, user_name, one_time, organizer.ucsid, look[2])
    new = page.get_by_label("Neues Kennwort" if german else "New password", exact=True)
    new.fill("password12345678")
    page.locator("input[name=newPasswordAgain]").fill("password12345678")
    page.locator("form button[type=submit]").click()
    page.locator("input[name=newPassword][aria-invalid=true]").wait_for()
    accounts.check_look(page, "the new password")
    new.fill(GOOD_PASSWORD)
    page.locator("input[name=newPasswordAgain]").fill(GOOD_PASSWORD)
    page.locator("form button[type=submit]").click()
    page.locator(".qr-code").wait_for()
    accounts.check_look(page, "setting up")
    secret = accounts.shown_secret(page)
    page.get_by_label("Code", exact=True).fill(totp(secret))
    page.locator("form button[type=submit]").click()
    page.locator(".recovery-codes").wait_for()
    accounts.check_look(page, "recovery codes")
    other = accounts.looking(person, look)
    accounts.start_sign_in(other, stack.url, user_name, GOOD_PASSWORD, organizer.ucsid, look[2])
    other.get_by_label("Code", exact=True).wait_for()
    accounts.check_look(other, "the code")
