"""Fifty seats, taken by browsers and plain clients together, over two signaling processes."""

import asyncio
import time

import people
from parley import Api, ApiError, Participant, Refused
from playwright.sync_api import expect


def test_the_51st_stands_in_line_and_gets_in_when_one_leaves(stack, person, api, background):
    room = api.create_room("Fifty")
    link = f"{stack.url}/r/{room['alias']}"
    first, second = person(), person()
    for page, name in [(first, "First"), (second, "Second")]:
        page.goto(link)
        people.enter(page, name)

    guest = Api(stack.url)

    async def take_seats():
        return [
            await Participant.enter(
                stack.signaling[index % len(stack.signaling)],
                await asyncio.to_thread(guest.entry, room["alias"], f"Guest {index}"), stack.url)
            for index in range(48)
        ]

    guests = background(take_seats())
    assert len(stack.signaling) == 2

    first.get_by_role("button", name="Participants").click()
    expect(first.get_by_role("list", name="Participants").get_by_role("listitem")).to_have_count(50)

    late, later = person(), person()
    for page, name, position in [(late, "Late", 1), (later, "Later", 2)]:
        page.goto(link)
        page.get_by_label("Your name").fill(name)
        expect(page.get_by_text("50 of 50 places taken")).to_be_visible(timeout=people.PATIENCE)
        expect(page.get_by_text("you stand in line")).to_be_visible()
        page.get_by_role("button", name="Enter meeting").click()
        expect(page.get_by_role("heading", name="room is full")).to_be_visible(timeout=people.PATIENCE)
        expect(page.get_by_role("status").filter(has_text=f"You are number {position} in line")).to_be_visible()
        expect(page.get_by_text("Fifty", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Leave")).to_be_hidden()

    background(guests[0].leave())
    expect(late.get_by_role("button", name="Leave")).to_be_visible(timeout=people.PATIENCE)
    expect(later.get_by_text("You are number 1 in line")).to_be_visible(timeout=people.PATIENCE)
    # A tile on the first page comes only with speaking.
    listed = first.get_by_role("list", name="Participants").get_by_role("listitem")
    expect(listed.filter(has_text="Late")).to_be_visible(timeout=people.PATIENCE)

    # Who does not want to wait any longer is at the entrance again, and takes no seat.
    later.get_by_role("button", name="Cancel").click()
    expect(later.get_by_role("button", name="Enter meeting")).to_be_visible(timeout=people.PATIENCE)
    background(guests[1].leave())
    later.wait_for_timeout(2000)
    expect(first.get_by_role("list", name="Participants").get_by_role("listitem")).to_have_count(49)

    async def go():
        await asyncio.gather(*(guest.close() for guest in guests[2:]))

    background(go())


def test_of_200_at_once_exactly_50_get_in_twenty_times(stack, api, background):
    guest = Api(stack.url)

    def ask(alias, name):
        """Two hundred from one address are more than the gateway lets through in a second."""
        for _ in range(60):
            try:
                return guest.entry(alias, name)
            except ApiError as error:
                if error.code != "too_many_requests":
                    raise
                time.sleep(0.25)
        raise AssertionError("the gateway's limit does not end")

    async def attempt(index, grant):
        try:
            return await Participant.enter(stack.signaling[index % len(stack.signaling)], grant, stack.url)
        except Refused as refusal:
            assert refusal.code == "room_full"
            return None

    async def round(number):
        room = await asyncio.to_thread(api.create_room, f"Rush {number}")
        grants = await asyncio.gather(
            *(asyncio.to_thread(ask, room["alias"], f"Guest {index}") for index in range(200)))
        results = await asyncio.gather(*(attempt(index, grant) for index, grant in enumerate(grants)))
        admitted = [participant for participant in results if participant]
        ids = {participant.welcome["participant"] for participant in admitted}
        seats = [len(participant.welcome["participants"]) for participant in admitted]
        await asyncio.gather(*(participant.leave() for participant in admitted))
        return len(admitted), len(ids), max(seats)

    async def rounds():
        return [await round(number) for number in range(20)]

    assert background(rounds(), within=240) == [(50, 50, 50)] * 20
