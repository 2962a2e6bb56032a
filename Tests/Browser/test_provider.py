"""Signing in with an OpenID provider that is there, through the gateway, in a browser."""

import json
import re
import sys
from pathlib import Path

import accounts
import pytest
from accounts import PATIENCE, expect_dashboard
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Fixtures"))
from oidc_provider import Provider  # noqa: E402

SECRET = "the secret of the provider's client"


@pytest.fixture
def provider(stack, organizer):
    """Knows Ada, who has no account yet, and the organizer, by a verified address."""
    users = {
        "ada": {"password": "engine-of-ada", "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True},
        "them": {"password": "at the provider", "name": "Somebody", "email": "org@example.org", "email_verified": True},
        organizer.user_name: {"password": "chosen by anybody", "name": "Not the organizer"},
    }
    with Provider(users, client_secret=SECRET) as running:
        settings = {"issuer": running.issuer, "clientID": "parley", "clientSecret": SECRET}
        stack.services["identity"][0].command(
            "connection", "add", "--organization", organizer.ucsid, what="Adding a connection",
            text=json.dumps({"name": "Example ID", "kind": "oidc", "settings": settings}))
        yield running


def go_there(page, stack, organizer, user, password, start="/sign-in"):
    page.goto(f"{stack.url}{start}")
    page.get_by_label("Organization").fill(organizer.ucsid)
    page.get_by_role("link", name="Sign in with Example ID").click()
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_somebody_comes_for_the_first_time_and_again(stack, person, organizer, provider):
    page = person()
    go_there(page, stack, organizer, "ada", "engine-of-ada")
    expect_dashboard(page)
    expect(page.get_by_role("banner").get_by_text("Ada Lovelace")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    go_there(page, stack, organizer, "ada", "engine-of-ada", start="/sign-in?next=/profile")
    page.wait_for_url(f"{stack.url}/profile")
    # What a browser was sent back with is in no log.
    for log in stack.logs.glob("*.log"):
        assert not re.search(r"callback\?[^\"]*code=|code=[\w-]{20}", log.read_text(errors="replace")), log.name


def test_a_verified_address_leads_to_the_account_that_there_is_and_a_chosen_name_does_not(stack, person, organizer, provider):
    page = person()
    go_there(page, stack, organizer, organizer.user_name, "chosen by anybody")
    expect(page.get_by_role("alert").filter(has_text="did not let you in")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Organization")).to_have_value(organizer.ucsid)
    stack.services["identity"][0].command(
        "account", "set", "--organization", organizer.ucsid, "--user-name", organizer.user_name,
        "--email", "org@example.org", what="Giving an address")
    go_there(page, stack, organizer, "them", "at the provider")
    expect_dashboard(page)
    expect(page.get_by_role("banner").get_by_text(organizer.display_name)).to_be_visible()


def test_a_second_factor_is_the_providers_matter(stack, person, organizer, provider):
    accounts.set_organization(stack, organizer, "--second-factor", "required")
    page = person()
    go_there(page, stack, organizer, "ada", "engine-of-ada")
    expect(page.get_by_role("alert").filter(has_text="your provider has not confirmed one")).to_be_visible(timeout=PATIENCE)
    provider.claims = {"amr": ["pwd", "mfa"]}
    go_there(page, stack, organizer, "ada", "engine-of-ada")
    expect_dashboard(page)


def test_who_cancels_or_finds_the_provider_away_is_told(stack, person, organizer, provider):
    page = person()
    page.goto(f"{stack.url}/sign-in")
    page.get_by_label("Organization").fill(organizer.ucsid)
    page.get_by_role("link", name="Sign in with Example ID").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert").filter(has_text="did not let you in")).to_be_visible(timeout=PATIENCE)
    provider.mistake = "error-500:token"
    go_there(page, stack, organizer, "ada", "engine-of-ada")
    expect(page.get_by_role("alert").filter(has_text="can't be reached right now")).to_be_visible(timeout=PATIENCE)
