"""An organization with people who have accounts: they set their presence, watch each other, and meet."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from parley import Api, ApiError
from person import Person
from scene import Scene
from stack.stack import Account, Stack
from tickets import Room
from watcher import Watcher


@dataclass(frozen=True)
class Colleague:
    api: Api
    id: str
    organization: str
    name: str

    @classmethod
    def sign_in(cls, stack: Stack, account: Account) -> "Colleague":
        api = Api(stack.url)
        api.sign_in(account.user_name, account.password, account.ucsid)
        payload = api.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["claims"]
        return cls(api, claims["account"], claims["organization"], account.display_name)

    async def token(self) -> str:
        """A fresh one, as the page asks for when the old one may have ended."""
        answer = await asyncio.to_thread(self.api.call, "POST", "/api/identity/session/token", {})
        self.api.token = answer["accessToken"]
        return self.api.token

    async def set(self, state: str, text: str | None = None, url: str | None = None) -> None:
        """By hand, at the gateway or at the process with this URL."""
        api = Api(self.api.url)
        api.token = await self.token()
        headers = {"Origin": self.api.url}
        api.url = url or api.url
        body = {"state": state, **({"text": text} if text else {})}
        await asyncio.to_thread(api.call, "PUT", "/api/presence/own", body, headers)

    async def tries_to_set(self, state: str) -> bool:
        """Whether it was accepted, and not put off because presence could not do it now."""
        try:
            await self.set(state)
        except ApiError as error:
            if error.status < 500:
                raise
            return False
        return True


class Office:
    def __init__(self, scene: Scene, people: list[Colleague]):
        self.scene = scene
        self.people = people
        self.watchers: list[Watcher] = []

    @classmethod
    def open(cls, scene: Scene, count: int) -> "Office":
        """A new organization with so many people, signed in. Blocks."""
        first = scene.stack.organizer(display_name="Colleague 1")

        def hire(number: int) -> Colleague:
            name = f"Colleague {number}"
            account = first if number == 1 else scene.stack.organizer(
                f"c{number}-{secrets.token_hex(4)}", name, organization=first)
            return Colleague.sign_in(scene.stack, account)

        with ThreadPoolExecutor(4) as pool:
            return cls(scene, list(pool.map(hire, range(1, count + 1))))

    def room(self) -> Room:
        return Room(organization=self.people[0].organization)

    async def enter(self, colleague: Colleague, room: Room, first: int = 0) -> Person:
        """Into a meeting with the account; at the signaling process with this number."""
        person = Person(self.scene.nodes, room, first=first, name=colleague.name)
        self.scene.people.append(person)
        ticket = self.scene.nodes.tickets.make(room, colleague.name, account=colleague.id)
        assert await person.enter(ticket=ticket, patience=20), person.refusal
        return person

    async def watch(self, colleague: Colleague, *addresses: str) -> Watcher:
        """From the gateway, or from one of these processes."""
        watcher = Watcher(list(addresses) or [self.scene.stack.ws], self.scene.stack.url, colleague.token,
                          self.scene.chance_of(f"watcher {len(self.watchers)}"))
        self.watchers.append(watcher)
        watcher.start()
        await self.scene.until(lambda: watcher.is_up_to_date, f"{colleague.name} sees who is there", 20)
        return watcher

    async def sees(self, watchers: list[Watcher], expected: dict[str, tuple[str, str | None]], within: float) -> float:
        """Waits until all of them see exactly this of these accounts. Returns how long it took."""

        def seen() -> list[dict]:
            return [{account: watcher.sees(account) for account in expected} for watcher in watchers]

        try:
            return await self.scene.until(
                lambda: all(watcher.is_up_to_date for watcher in watchers) and all(one == expected for one in seen()),
                "presence is right", within)
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen()} instead of {expected}") from None

    def problems(self) -> list[str]:
        return [problem for watcher in self.watchers for problem in watcher.problems]

    async def close(self) -> None:
        await asyncio.gather(*(watcher.stop() for watcher in self.watchers))
