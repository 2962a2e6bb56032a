"""Bad input gets its clear error, changes nothing and stops no process."""

import asyncio
import base64
import json

import pytest
import websockets
from parley import Api, ApiError, Participant, Refused


@pytest.fixture
def room(api):
    return api.create_room("Refusals")


def first_answer(stack, room_id, text, background, base=None, origin=None):
    """Connects, says `text` first, and returns (the answer or None, the close code)."""

    async def talk():
        participant = await Participant.connect(base or stack.ws, room_id, origin or stack.url)
        await participant.socket.send(text)
        answer = None
        try:
            answer = json.loads(await asyncio.wait_for(participant.socket.recv(), 10))
            await asyncio.wait_for(participant.socket.wait_closed(), 10)
        except websockets.ConnectionClosed:
            pass
        return answer, participant.socket.close_code

    return background(talk())


def hello(ticket):
    return json.dumps({"type": "hello", "ticket": ticket})


def grant(stack, room, name="Guest"):
    return Api(stack.url).entry(room["alias"], name)


def test_a_ticket_works_once_and_only_for_its_room(stack, room, api, background):
    first = grant(stack, room)
    participant = background(Participant.enter(stack.ws, first, stack.url))
    answer, close = first_answer(stack, room["id"], hello(first["ticket"]), background)
    assert (answer["code"], close) == ("ticket_invalid", 4503)
    other = api.create_room("Another")
    answer, close = first_answer(stack, other["id"], hello(grant(stack, room)["ticket"]), background)
    assert (answer["code"], close) == ("ticket_invalid", 4503)
    background(participant.leave())


def test_a_forged_ticket_is_refused(stack, room, background):
    head, body, signature = grant(stack, room)["ticket"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert claims["claims"]["role"] == "participant"
    claims["claims"]["role"] = "moderator"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"ticket+jwt"}').rstrip(b"=").decode()
    for ticket in [f"{head}.{forged}.{signature}", f"{unsigned}.{body}.", f"{unsigned}.{forged}.{signature}", "x", ""]:
        answer, close = first_answer(stack, room["id"], hello(ticket), background)
        assert (answer["code"], close) == ("ticket_invalid", 4503), ticket


@pytest.mark.parametrize("text, code", [
    ("nonsense", "malformed_message"),
    ('{"type":"hello","ticket":"a","ticket":"b"}', "malformed_message"),
    ('{"type":"hello"}', "malformed_message"),
    ('{"type":"dance"}', "unknown_type"),
    ('{"type":"chat.send","text":"before hello"}', None),
    ("[" * 100_000, "message_too_large"),
])
def test_a_first_message_that_is_no_hello_is_refused(stack, room, background, text, code):
    answer, close = first_answer(stack, room["id"], text, background)
    said = answer.get("code") or answer.get("error", {}).get("code")
    assert close is not None
    if code and code != "message_too_large":
        assert said == code
    assert_alive(stack, room, background)


def test_inside_a_meeting_bad_messages_are_answered_and_the_meeting_goes_on(stack, room, background):
    async def talk():
        ada = await Participant.enter(
            stack.ws, await asyncio.to_thread(grant, stack, room, "Ada"), stack.url)
        answers = []
        for text in ["nonsense", '{"type":"chat.send","id":1,"id":2,"text":"x"}', '{"type":"dance","id":7}',
                     '{"type":"chat.send","id":8}', json.dumps({"type": "chat.send", "id": 9, "text": "x" * 3000}),
                     json.dumps({"type": "media.view", "id": 10, "slots": [{"mid": "0", "layer": 9, "participant": "x"}]}),
                     json.dumps({"type": "participant.update", "id": 11, "name": "\u0007"}),
                     json.dumps({"type": "media.publish", "id": 12, "sdp": "v=0"})]:
            seen = len(ada.events) + len(ada.replies)
            await ada.socket.send(text)
            await ada.until(lambda: len(ada.events) + len(ada.replies) > seen, f"an answer to {text[:40]}")
        answers = {id: reply["error"]["code"] for id, reply in ada.replies.items()}
        errors = [event["error"]["code"] for event in ada.events if "error" in event]
        fine = await ada.ask("chat.send", text="still here")
        await ada.leave()
        return answers, errors, fine

    answers, errors, fine = background(talk())
    assert answers == {7: "unknown_type", 8: "malformed_message", 9: "validation_failed", 10: "media_refused",
                       11: "validation_failed", 12: "media_refused"}
    assert errors == ["malformed_message", "malformed_message"]
    assert "ok" in fine


def test_an_oversized_frame_and_a_binary_one_close_the_socket(stack, room, background):
    async def closed_by(data):
        ada = await Participant.enter(stack.ws, await asyncio.to_thread(grant, stack, room), stack.url)
        await ada.socket.send(data)
        await asyncio.wait_for(ada.socket.wait_closed(), 10)
        return ada.socket.close_code

    assert background(closed_by("x" * (256 * 1024 + 1))) == 1009
    assert background(closed_by(b"\x00\x01")) == 1003
    assert_alive(stack, room, background)


@pytest.mark.parametrize("origin", ["https://evil.example", "{url}.evil.example", "null", None])
def test_a_foreign_origin_gets_no_socket(stack, room, background, origin):
    async def connect():
        headers = {} if origin is None else {"Origin": origin.replace("{url}", stack.url)}
        with pytest.raises(websockets.InvalidStatus) as refusal:
            async with websockets.connect(
                    f"{stack.ws}/api/signaling/rooms/{room['id']}/socket", additional_headers=headers):
                pass
        return refusal.value.response.status_code

    assert background(connect()) == 403


def test_guests_learn_nothing_of_rooms_that_they_have_no_pin_for_and_what_is_missing_otherwise(stack, api):
    room = api.create_room("Locked", pin="001234")
    guest = Api(stack.url)

    def code(**request):
        alias = request.pop("alias", room["alias"])
        with pytest.raises(ApiError) as error:
            guest.entry(alias, **request)
        return error.value.status, error.value.code

    assert code(display_name="Gus") == (403, "pin_required")
    assert code(display_name="Gus", pin="1234") == (403, "pin_wrong")
    assert code(display_name="Gus", pin="001234 OR 1=1") == (403, "pin_wrong")
    assert code(alias="no-such-room", display_name="Gus") == (403, "pin_required")
    assert code(alias="no-such-room", display_name="Gus", pin="001234") == (403, "pin_wrong")
    with pytest.raises(ApiError) as error:
        api.entry("no-such-room", "Ada")
    assert (error.value.status, error.value.code) == (404, "room_not_found")
    assert code(pin="001234") == (400, "validation_failed")
    assert guest.entry(room["alias"], "Gus", "001234")["ticket"]


def test_pins_can_not_be_guessed(stack, api):
    room = api.create_room("Guessing", pin="735100")
    guest = Api(stack.url)
    codes = []
    for guess in range(12):
        with pytest.raises(ApiError) as error:
            guest.entry(room["alias"], "Eve", f"{guess:06}")
        codes.append(error.value.code)
    assert codes[:3] == ["pin_wrong"] * 3
    assert codes[-1] == "pin_locked"
    with pytest.raises(ApiError) as error:
        guest.entry(room["alias"], "Eve", "735100")
    assert error.value.code == "pin_locked"


@pytest.mark.parametrize("raw, status, code", [
    (b"nonsense", 400, "bad_request"), (b'{"name":"a","name":"b"}', 400, "bad_request"), (b"[]", 400, "bad_request"),
    (b'{"name":""}', 400, "validation_failed"), (b'{"name":"x","pin":"12"}', 400, "validation_failed"),
    (b'{"name":"x","alias":"No Spaces"}', 400, "validation_failed"),
    (b'{"name":"' + b"x" * 70_000 + b'"}', 413, "payload_too_large"),
])
def test_bad_rooms_are_refused_by_name(api, raw, status, code):
    answer_status, headers, body = api.request("POST", "/api/directory/rooms", raw=raw)
    assert answer_status == status
    if body is not None:
        assert headers["Content-Type"].startswith("application/problem+json")
        assert body["code"] == code


def test_inner_paths_are_not_reachable(stack):
    guest = Api(stack.url)
    for path in ["/internal/occupancy", "/api/signaling/internal/occupancy", "/metrics", "/health/ready",
                 "/api/directory/../internal/rooms", "/api/directory/%2e%2e/internal/x", "//internal/occupancy"]:
        status, _, _ = guest.request("POST", path, {"rooms": []})
        assert status in (400, 403, 404, 405), path


def assert_alive(stack, room, background):
    participant = background(Participant.enter(stack.ws, grant(stack, room), stack.url))
    background(participant.leave())
