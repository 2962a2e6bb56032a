"""Whoever is signed out anywhere leaves the meetings that were entered with that session."""

import people
import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("how", ["signs out", "is disabled"])
def test_a_meeting_ends_for_who_is_signed_out(stack, person, colleague, api, how):
    room = api.create_room("Signed out")
    grace, guest = person(), person()
    people.sign_in(grace, stack.url, colleague)
    grace.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(grace)
    guest.goto(f"{stack.url}/r/{room['alias']}")
    people.enter(guest, "Gail")
    expect(people.tile(guest, colleague.display_name)).to_be_visible(timeout=people.PATIENCE)
    if how == "signs out":
        dashboard = grace.context.new_page()
        dashboard.goto(stack.url)
        dashboard.get_by_role("button", name="Sign out").click()
    else:
        stack.services["identity"][0].command(
            "account", "disable", "--organization", colleague.ucsid, "--user-name", colleague.user_name, what="Disabling")
    expect(grace.get_by_role("heading", name="You have been signed out")).to_be_visible(timeout=7_000)
    expect(people.tile(guest, colleague.display_name)).to_have_count(0, timeout=people.PATIENCE)
    expect(people.tile(guest, "Gail")).to_be_visible()
