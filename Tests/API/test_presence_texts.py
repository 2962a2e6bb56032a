"""Hostile texts in every field of every body of presence, in its queries and paths, and on its stream: what is accepted comes back
as it was wherever it is shown, what is refused is answered with 400, and nothing is answered with 500."""

from __future__ import annotations

import json
from urllib.parse import quote

import hostile
import pytest
import requests
from hostile import HALF, filled, tidy
from presence import hear, say
from websockets.exceptions import ConnectionClosed

#: The whole of each body, with `None` where the text comes; whether that is one of a few words, or has a form of its own.
BODIES = [
    ("put", "own", {"state": None}, True),
    ("put", "own", {"state": "busy", "text": None}, False),
    ("put", "own", {"state": "busy", "until": None}, True),
    ("post", "read-tokens", {"name": None}, False),
]


class Desk:
    """An administrator who asks."""

    def __init__(self, identity, presence):
        self.presence = presence
        self.url = f"{presence.url}/api/presence/"
        people = identity.organization("p-texts", ("boss", ("organization.admin",)), ("dora", ()))
        self.boss, self.dora = people["boss"], people["dora"]
        self.boss.sign_in()
        self.system = presence.telephone_system(self.boss)
        self.webhook = presence.add_webhook(presence.organization_id("p-texts"), "http://127.0.0.1:1/", "Nobody")
        identity.forget_guesses()

    def ask(self, method: str, path: str, body=None, reader=None) -> requests.Response:
        # Halves of characters cross the wire as escapes.
        data = None if body is None else json.dumps(body).encode()
        answer = requests.request(method, self.url + path, data=data, timeout=15, headers={
            **(reader or self.boss).with_token, "Content-Type": "application/json"})
        assert answer.status_code < 500, f"{method} {path} {body!r}: {answer.status_code} {answer.text}"
        return answer

    def make_room(self):
        """An organization has only so many tokens, and a person sets only so much in a minute."""
        self.presence.forget_changes(self.boss)
        for item in self.ask("get", "read-tokens").json()["items"]:
            if item["id"] != self.system.id:
                self.ask("delete", f"read-tokens/{item['id']}")


@pytest.fixture(scope="module")
def desk(identity, presence) -> Desk:
    return Desk(identity, presence)


@pytest.mark.parametrize("method,path,body,has_form", BODIES, ids=lambda value: json.dumps(value))
def test_fields(desk, method, path, body, has_form):
    (place,) = (key for key, value in body.items() if value is None)
    accepted = 0
    for number, (name, text) in enumerate(hostile.NAMES.items()):
        if number % 15 == 0:
            desk.make_room()
        answer = desk.ask(method, path, filled(body, text))
        if answer.status_code < 300:
            accepted += 1
            assert name not in HALF and not has_form, f"{name} was accepted"
            kept = answer.json()["name"] if place == "name" else answer.json()["manual"]["text"]
            assert kept == tidy(text), f"{name} came back as {answer.text}"
            continue
        problem = answer.json()
        assert answer.status_code == 400, f"{name}: {answer.status_code} {answer.text}"
        assert problem["code"] == ("bad_request" if name in HALF or has_form else "validation_failed"), f"{name}: {answer.text}"
        if name not in HALF:
            assert [field["field"] for field in problem["fields"]] == [place], f"{name}: {answer.text}"
    assert (accepted > 30) != has_form


def test_accepted_texts_are_the_same_everywhere(desk):
    """To oneself, colleagues, telephone systems, and on the stream of either."""
    readers = (desk.dora.token, desk.system.token)
    with desk.presence.stream() as colleague, desk.presence.stream() as system:
        for socket, token in zip((colleague, system), readers):
            say(socket, "hello", token=token)
            assert [hear(socket)["type"], hear(socket)["type"]] == ["welcome", "snapshot"]
        for number, (name, text) in enumerate(hostile.NAMES.items()):
            if number % 15 == 0:
                desk.make_room()
            if desk.ask("put", "own", {"state": "busy", "text": text}).status_code != 200:
                continue
            kept = tidy(text)
            assert desk.ask("get", "own").json()["seen"]["text"] == kept, name
            assert desk.presence.seen(desk.dora)[desk.boss.account]["text"] == kept, name
            for socket in (colleague, system):
                while not tells(hear(socket), desk.boss.account, kept):
                    pass
        assert desk.ask("get", f"people/{desk.boss.account}", reader=desk.system).json()["text"] == kept


def tells(message: dict, account: str, text: str) -> bool:
    return message["type"] == "changed" and message["view"]["account"] == account and message["view"].get("text") == text


def test_queries_and_paths(desk):
    dead_letters = f"webhooks/{desk.webhook}/dead-letters"
    for name, text in hostile.NAMES.items():
        if name in HALF:
            continue
        part = quote(text, safe="")
        for method, path in (
                ("get", f"colleagues?account={quote(text)}"), ("get", f"{dead_letters}?limit={quote(text)}"),
                ("get", f"{dead_letters}?cursor={quote(text)}"), ("get", f"{dead_letters}/{part}"),
                ("post", f"{dead_letters}/{part}/retry"), ("get", f"webhooks/{part}/dead-letters"),
                ("delete", f"read-tokens/{part}"), ("post", f"webhooks/{part}/dead-letters/retry")):
            answer = desk.ask(method, path)
            if answer.status_code >= 400:
                assert answer.headers["Content-Type"] == "application/problem+json", f"{path}: {answer.text}"
            # What is no text at all is another path, or asks for everything.
            if text:
                assert answer.status_code in (400, 404), f"{name} in {method} {path}: {answer.status_code}"


@pytest.mark.parametrize("first", [
    b"", b"{", b"[]", b"null", b"\x00", b'"hello"', b'{"type":1}', b'{"type":"hello"}', b'{"type":"hello","token":1}',
    b'{"type":"hello","type":"ping","token":"x"}', b'{"type":"hello","token":"\\ud800"}', b'{"type":"activity","active":true}',
    b'{"type":"ping"}', b'{"type":"unheard-of"}', b"[" * 1000, b'{"type":"hello","token":"' + b"x" * 16000 + b'"}'])
def test_what_is_no_hello_is_refused(desk, first):
    with desk.presence.stream() as socket:
        socket.send(first.decode())
        refused = hear(socket)
        assert refused["type"] == "refused" and refused["code"] in (
            "bad_request", "malformed_message", "message_too_large", "unknown_type", "unauthenticated"), refused
        with pytest.raises(ConnectionClosed) as end:
            hear(socket)
        assert end.value.rcvd.code == 4503


def test_what_is_too_large_or_no_text_ends_the_stream(desk):
    for first, code in (("x" * 17_000, 1009), (b'{"type":"hello"}', 1003)):
        with desk.presence.stream() as socket:
            socket.send(first)
            with pytest.raises(ConnectionClosed) as end:
                while True:
                    hear(socket)
            assert end.value.rcvd.code == code, first


def test_hostile_messages_after_hello(desk):
    """They are answered with an error, and the stream goes on; too many of them end it."""
    texts = ["", "{", "[]", '{"type":"hello","token":"x"}', '{"type":"activity"}', '{"type":"activity","active":"yes"}',
             '{"type":"unheard-of"}', '{"type":"changed","epoch":"x","seq":1}', "<script>"]
    with desk.presence.stream() as socket:
        say(socket, "hello", token=desk.dora.token, epoch="x" * 5_000, seq=-1)
        assert [hear(socket)["type"], hear(socket)["type"]] == ["welcome", "snapshot"]
        for text in texts:
            socket.send(text)
            while (heard := hear(socket))["type"] == "changed":
                pass
            assert heard["type"] == "error", f"{text}: {heard}"
        say(socket, "ping")
        while (heard := hear(socket))["type"] == "changed":
            pass
        assert heard == {"type": "pong"}
        with pytest.raises(ConnectionClosed) as end:
            for _ in range(40):
                say(socket, "ping")
            while True:
                hear(socket)
        assert end.value.rcvd.code == 4429
