"""Who was in a meeting, for the owner where the organization wants it so; and who may come back."""

import csv
import io
from pathlib import Path

import people
import pytest
from accounts import check_look, set_organization
from database import ban_guests_from_here, sql
from playwright.sync_api import expect


@pytest.fixture
def page(stack, person, organizer):
    page = person()
    people.sign_in(page, stack.url, organizer)
    return page


def keep_lists(stack, page, organizer) -> None:
    set_organization(stack, organizer, "--attendance", "owner")
    query = f"""select allows_attendance from directory.organization
        where id = (select id from identity.organization where ucsid = '{organizer.ucsid}')"""
    people.wait_until(page, lambda: sql(stack, query) == "t", "directory knows what the organization wants")


def enter(page, link, name=None):
    page.goto(link)
    people.enter(page, name)


def leave(page):
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="You left the meeting")).to_be_visible(timeout=people.PATIENCE)


def test_who_was_there_is_read_and_downloaded_after_a_meeting(stack, person, page, organizer, api):
    keep_lists(stack, page, organizer)
    room = api.create_room("Retrospective")
    link = f"{stack.url}/r/{room['alias']}"
    host, guest = page.context.new_page(), person()
    enter(host, link)
    enter(guest, link, "=Gus")
    expect(people.tile(host, "=Gus")).to_be_visible(timeout=people.PATIENCE)
    leave(guest)
    leave(host)
    path = f"/api/directory/rooms/{room['id']}/meetings"
    people.wait_until(page, lambda: any("endedAt" in meeting for meeting in api.call("GET", path)["items"]), "the meeting is over")

    people.choose(people.room_card(page, "Retrospective"), "Past meetings")
    dialog = page.get_by_role("dialog", name="Past meetings in “Retrospective”")
    expect(dialog.get_by_text("2 people")).to_be_visible()
    dialog.get_by_text("Who was there").click()
    table = dialog.get_by_role("table")
    for name in (f"{organizer.display_name}", "=Gus (guest)"):
        expect(table.get_by_role("rowheader", name=name, exact=True)).to_be_visible()
    expect(table.get_by_text("still inside")).to_have_count(0)
    # Read when one goes there, and not all of it as soon as it comes.
    expect(dialog.get_by_role("status").filter(has=page.locator("table"))).to_have_count(0)
    check_look(page, "attendance")

    with page.expect_download() as started:
        dialog.get_by_role("button", name="As a table (CSV)").click()
    assert started.value.suggested_filename.startswith("Retrospective-")
    assert started.value.suggested_filename.endswith(".csv")
    rows = list(csv.reader(io.StringIO(Path(started.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["Name", "Guest", "Joined", "Left"]
    # What would be a formula is none.
    assert sorted(row[:2] for row in rows[1:]) == sorted([["'=Gus", "yes"], [organizer.display_name, "no"]])
    assert all(row[2] and row[3] for row in rows[1:])


def test_who_was_removed_is_let_back_in(stack, person, page, organizer):
    name = f"Door {organizer.user_name}"
    link = people.create_room(page, name)
    ban_guests_from_here(stack, name, "Gus", "Grace Hopper")
    guest = person()
    guest.goto(f"{stack.url}{link}")
    expect(guest.get_by_role("heading", name="You can't come in here")).to_be_visible(timeout=people.PATIENCE)

    people.choose(people.room_card(page, name), "Removed people")
    dialog = page.get_by_role("dialog", name=f"Removed from “{name}”")
    expect(dialog.get_by_text("Removed by Grace Hopper")).to_be_visible()
    check_look(page, "a ban")
    dialog.get_by_role("button", name="Let back in – Gus").click()
    expect(page.get_by_text("Gus may come in again.")).to_be_visible()
    expect(dialog.get_by_text("Nobody is kept out.")).to_be_visible()
    guest.reload()
    people.enter(guest, "Gus")
