"""Who may do what with presence: nobody, people and administrators of two organizations, and their telephone systems. Nobody sees
or changes anything of the other organization."""

from __future__ import annotations

import json

import pytest
import routes
from checker import Answers
from presence import DOCUMENT, UPGRADE, Presence, Receiver, TelephoneSystem, hear, say
from websockets.exceptions import ConnectionClosed

#: What answers show that is nobody else's business.
TEXT, WEBHOOK, TOKEN = "Confidential words", "Confidential webhook", "Confidential token"
#: Status for nobody, a person, the administrator, the administrator of another organization, the own telephone system and that
#: of the other organization.
ROLES = ("nobody", "person", "boss", "stranger", "system", "other system")
SIGNED_IN = (401, 200, 200, 200, 401, 401)
TABLE = {
    "getOwnPresence": SIGNED_IN,
    "setOwnPresence": SIGNED_IN,
    "listColleagues": SIGNED_IN,
    # Who it is for is said in its first message; see below.
    "openStream": (101,) * 6,
    "listPeople": (401, 401, 401, 401, 200, 200),
    "getPerson": (401, 401, 401, 401, 200, 404),
    "listReadTokens": (401, 403, 200, 200, 401, 401),
    "createReadToken": (401, 403, 201, 201, 401, 401),
    "deleteReadToken": (401, 403, 204, 404, 401, 401),
    "listWebhooks": (401, 403, 200, 200, 401, 401),
    "listDeadLetters": (401, 403, 200, 404, 401, 401),
    "getDeadLetter": (401, 403, 200, 404, 401, 401),
    # The webhook of this test is disabled.
    "retryDeadLetter": (401, 403, 409, 404, 401, 401),
    "retryDeadLetters": (401, 403, 409, 404, 401, 401),
    "getDocument": (200,) * 6,
}
BODIES = {"setOwnPresence": {"state": "busy"}, "createReadToken": {"name": "Another"}}


@pytest.fixture(scope="module")
def document() -> dict:
    return json.loads(DOCUMENT.read_text())


class World:
    """An organization with somebody who has set something, a telephone system, and a webhook with a dead letter; and another one."""

    def __init__(self, identity, presence: Presence, document: dict):
        self.answers, self.presence = Answers(presence.url, document), presence
        here, there = (identity.organization(ucsid, ("boss", ("organization.admin",)), ("person", ()), ("ada", ()))
                       for ucsid in ("p-access-1", "p-access-2"))
        for person in (*here.values(), *there.values()):
            person.sign_in()
        self.ada = here["ada"]
        self.readers = {
            "nobody": None, "person": here["person"], "boss": here["boss"], "stranger": there["boss"],
            "system": presence.telephone_system(here["boss"]), "other system": presence.telephone_system(there["boss"])}
        presence.set(self.ada, state="absent", text=TEXT)
        with Receiver().listening() as url:
            self.webhook = presence.add_webhook(presence.organization_id("p-access-1"), url, WEBHOOK)
            presence.wait_for_dead_letters(self.webhook, 1)
        self.letter = self.as_boss("listDeadLetters").json()["items"][0]["id"]
        self.make_token()

    def make_token(self):
        self.token = self.presence.telephone_system(self.readers["boss"], TOKEN).id

    def ask(self, operation: str, reader=None, status=None):
        """`reader` is a person, a telephone system or nobody."""
        _, path = self.answers.operations[operation]
        known = {"account": self.ada.account, "webhook": self.webhook, "letter": getattr(self, "letter", None),
                 "token": getattr(self, "token", None)}
        headers = {**(reader.with_token if reader else {}), **(UPGRADE if operation == "openStream" else {})}
        return self.answers.ask(operation, BODIES.get(operation), status=status, headers=headers,
                                **{key: value for key, value in known.items() if f"{{{key}}}" in path})

    def as_boss(self, operation: str):
        return self.ask(operation, self.readers["boss"], 200)

    def state(self) -> list:
        """All that can be seen and set."""
        return [self.presence.seen(self.ada)[self.ada.account]] + [
            self.as_boss(operation).json()
            for operation in ("listWebhooks", "listReadTokens", "listDeadLetters", "getDeadLetter")]


@pytest.fixture(scope="module")
def world(identity, presence, document) -> World:
    identity.forget_guesses()
    return World(identity, presence, document)


def test_every_operation_is_in_the_table(document):
    assert set(TABLE) == {operation["operationId"] for operation in routes.in_document(document).values()}


@pytest.mark.parametrize("operation", TABLE)
def test_who_may_do_it(world, operation):
    expected = dict(zip(ROLES, TABLE[operation], strict=True))
    # Those who may not, and strangers, first: they change nothing, and learn nothing.
    own = {"person", "boss", "system"}
    may = {role for role in own if expected[role] < 300}
    before = world.state()
    for role in sorted(set(ROLES) - may):
        answer = world.ask(operation, world.readers[role])
        assert answer.status_code == expected[role], f"{operation} by {role}: {answer.status_code} {answer.text}"
        shown = [secret for secret in (TEXT, WEBHOOK, TOKEN, world.ada.account) if secret in answer.text]
        assert not shown, f"{operation} shows {role}: {answer.text}"
    assert world.state() == before, f"{operation} by somebody who may not has changed something"
    for role in sorted(may):
        answer = world.ask(operation, world.readers[role])
        assert answer.status_code == expected[role], f"{operation} by {role}: {answer.status_code} {answer.text}"
        if operation == "deleteReadToken":
            world.make_token()


def test_what_the_own_people_see_is_there(world):
    """The table would be worth nothing if there were nothing to be seen."""
    for operation, role, secret in (("listColleagues", "person", TEXT), ("listPeople", "system", TEXT),
                                    ("getPerson", "system", TEXT), ("listWebhooks", "boss", WEBHOOK),
                                    ("listReadTokens", "boss", TOKEN), ("getDeadLetter", "boss", world.ada.account)):
        assert secret in world.ask(operation, world.readers[role], 200).text, f"{operation} by {role}"


def test_colleagues_of_another_organization_are_nobody(world):
    """Also when they are asked for by name."""
    headers = world.readers["stranger"].with_token
    assert world.answers.ask("listColleagues", headers=headers, account=[world.ada.account]).json()["items"] == []


def test_a_deleted_token_opens_nothing(world):
    boss = world.readers["boss"]
    system = world.presence.telephone_system(boss)
    world.ask("listPeople", system, 200)
    world.answers.ask("deleteReadToken", status=204, headers=boss.with_token, token=system.id)
    world.ask("listPeople", system, 401)
    assert stream_of(world.presence, system.token)[0]["code"] == "unauthenticated"


@pytest.mark.parametrize("role", ROLES[1:])
def test_the_stream_is_of_the_own_organization(world, role):
    reader = world.readers[role]
    heard = stream_of(world.presence, reader.token)
    assert [message["type"] for message in heard] == ["welcome", "snapshot"]
    assert ("own" in heard[0]) == (not isinstance(reader, TelephoneSystem))
    assert (TEXT in json.dumps(heard)) == (role in ("person", "boss", "system"))


@pytest.mark.parametrize("token", ["", "nobody", "parley_pr_" + "A" * 43, "e30.e30.e30"])
def test_the_stream_is_for_nobody_else(world, token):
    (refused,) = stream_of(world.presence, token)
    assert (refused["type"], refused["code"]) == ("refused", "unauthenticated")


def stream_of(presence: Presence, token: str) -> list[dict]:
    """What is said after `hello`: the first two messages, or why not."""
    heard = []
    with presence.stream() as socket:
        say(socket, "hello", token=token)
        try:
            while len(heard) < 2:
                heard.append(hear(socket))
        except ConnectionClosed as end:
            assert end.rcvd.code == 4503, end
    return heard
