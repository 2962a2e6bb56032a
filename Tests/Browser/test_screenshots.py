"""Pictures of every page, at desktop and phone size, bright and dark, German and English, for people to look at.

They are written to the folder PARLEY_SCREENSHOTS (when it is set); the test itself holds what a look would notice first:
nothing is wider than its window. The last picture is the one of the README (`ops/docs/images/meeting.png`)."""

import asyncio
import json
import os
from pathlib import Path

import people
import pytest
from parley import Api, Participant

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}

# A camera that shows a drawn face instead of the browser's test picture, and a microphone that is silent.
DRAWN_CAMERA = """(() => {
    const [wall, skin, hair, shirt, style] = LOOKS;
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const pen = canvas.getContext("2d");
    const ellipse = (x, y, width, height, color, from = 0, to = 7) => {
        pen.fillStyle = color;
        pen.beginPath();
        pen.ellipse(x, y, width, height, 0, from, to);
        pen.fill();
    };
    const draw = () => {
        const time = performance.now() / 1000;
        const sway = 6 * Math.sin(time * 0.9);
        pen.fillStyle = wall;
        pen.fillRect(0, 0, 640, 360);
        pen.fillStyle = "rgb(255 255 255 / 14%)";
        pen.fillRect(40, 36, 150, 110);
        ellipse(548, 330, 58, 190, "rgb(0 0 0 / 8%)");
        const x = 320 + sway;
        if (style === "long") ellipse(x, 210, 92, 132, hair);
        ellipse(320 + sway / 2, 400, 168, 128, shirt);
        pen.fillStyle = skin;
        pen.fillRect(x - 24, 220, 48, 60);
        ellipse(x, 168, 70, 86, skin);
        ellipse(x, 128, 80, 62, hair, Math.PI, 2 * Math.PI);
        if (style === "bun") ellipse(x, 62, 34, 30, hair);
        if (style === "beard") ellipse(x, 206, 58, 50, hair, 0, Math.PI);
        const shut = time % 4 < 0.15 ? 1 : 5.5;
        for (const side of [-26, 26]) ellipse(x + side, 168, 5.5, shut, "#20262a");
        pen.strokeStyle = style === "beard" ? "#f2d9cf" : "#7a3b32";
        pen.lineWidth = 4;
        pen.beginPath();
        pen.arc(x, style === "beard" ? 198 : 192, 20, 0.4, Math.PI - 0.4);
        pen.stroke();
    };
    const devices = navigator.mediaDevices;
    devices.getUserMedia = async ({ audio, video }) => {
        draw();
        setInterval(draw, 100);
        const stream = new MediaStream();
        if (video) stream.addTrack(canvas.captureStream(10).getVideoTracks()[0]);
        if (audio) stream.addTrack(new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0]);
        return stream;
    };
})()"""
LOOKS = {
    "Ada Lovelace": ["#d9e4e1", "#f3cdb0", "#5a3825", "#0f766e", "long"],
    "Bob Berger": ["#e9c79a", "#e8b48e", "#2d2320", "#33566b", "beard"],
    "Cleo Kaya": ["#bcd6d2", "#b97a50", "#1f1614", "#c2543d", "bun"],
    "Dana Okafor": ["#cfd3e6", "#8a5636", "#161210", "#e0a83c", "short"],
    "Emil Novak": ["#dfd8cb", "#f6d3bb", "#b98a3c", "#5b4a8a", "short"],
}


LOOK = pytest.mark.parametrize("language, appearance", [("en", "bright"), ("de", "dark")])
SIZE = pytest.mark.parametrize("size", SIZES)


def arrive_at(person, size, language, appearance):
    """Somebody's page in this look, and what takes and checks its pictures."""
    width, height = SIZES[size]
    folder = os.environ.get("PARLEY_SCREENSHOTS")
    page = person(locale={"en": "en-US", "de": "de-DE"}[language], viewport={"width": width, "height": height},
                  color_scheme={"bright": "light", "dark": "dark"}[appearance])
    page.add_init_script(f"""
        localStorage.setItem('parley.appearance', JSON.stringify('{appearance}'));
        localStorage.setItem('parley.language', JSON.stringify('{language}'));""")

    def look(name):
        page.wait_for_timeout(700)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}-{size}-{language}-{appearance}.png")
        assert overflow <= 0, f"{name} is {overflow} px wider than its window"

    return page, look


def keep_look(stack, account, language, appearance):
    """Puts the look into the profile, which wins over what the browser remembers."""
    api = Api(stack.url)
    api.sign_in(account.user_name, account.password, account.ucsid)
    profile = api.call("GET", "/api/identity/profile")
    chosen = {key: profile[key] for key in ("presenceInMeetings", "showsPresence", "notifications")}
    api.call("PUT", "/api/identity/profile", chosen | {"language": language, "appearance": appearance})


@SIZE
@LOOK
def test_account_pages(stack, person, size, language, appearance):
    administrator = stack.organizer(permissions=("rooms.create", "organization.admin"))
    for name, permissions in [("Grace Hopper", ("rooms.create",)), ("Emmy Noether", ()), ("Alan Turing", ("rooms.create",))]:
        stack.organizer(display_name=name, organization=administrator, permissions=permissions)
    page, look = arrive_at(person, size, language, appearance)
    session = page.request.post(f"{stack.url}/api/identity/session", headers={"Origin": stack.url}, data={
        "userName": administrator.user_name, "password": administrator.password, "organization": administrator.ucsid,
        "stayLoggedIn": False})
    assert session.ok
    keep_look(stack, administrator, language, appearance)
    page.goto(f"{stack.url}/profile")
    page.locator(".session").first.wait_for()
    look("profile")
    page.goto(f"{stack.url}/admin")
    page.get_by_role("button", name="Grace Hopper").wait_for()
    look("administration")
    page.get_by_role("button", name="Grace Hopper").click()
    look("administration-person")
    page.keyboard.press("Escape")
    page.get_by_role("link", name={"en": "Settings", "de": "Einstellungen"}[language]).click()
    page.locator("input[name=passwordMinimum]").wait_for()
    look("administration-settings")
    page.get_by_role("link", name={"en": "Log", "de": "Protokoll"}[language]).click()
    page.locator(".audit-entry").first.wait_for()
    look("administration-log")


@SIZE
@LOOK
def test_line_of_a_full_room(stack, person, api, background, size, language, appearance):
    room = api.create_room("Quarterly review", color="teal")
    guest = Api(stack.url)

    async def fill():
        grants = [await asyncio.to_thread(guest.entry, room["alias"], f"Guest {number}") for number in range(50)]
        return await asyncio.gather(*(Participant.enter(stack.ws, grant, stack.url) for grant in grants))

    guests = background(fill())
    page, look = arrive_at(person, size, language, appearance)
    page.goto(f"{stack.url}/r/{room['alias']}")
    page.get_by_label({"en": "Your name", "de": "Ihr Name"}[language]).fill("Ada")
    page.get_by_role("button", name={"en": "Enter meeting", "de": "Eintreten"}[language]).click()
    page.get_by_role("button", name={"en": "Cancel", "de": "Abbrechen"}[language]).wait_for()
    look("in-line")

    async def go():
        await asyncio.gather(*(one.close() for one in guests))

    background(go())


@SIZE
@LOOK
def test_pages(stack, person, organizer, api, size, language, appearance):
    width, height = SIZES[size]
    folder = os.environ.get("PARLEY_SCREENSHOTS")
    page, look = arrive_at(person, size, language, appearance)

    page.goto(stack.url)
    page.get_by_label("User name" if language == "en" else "Benutzername").wait_for()
    look("sign-in")

    room = api.create_room("Quarterly review", description="Figures, plans and questions.", color="teal", pin="471100")
    api.create_room("Team breakfast", color="orange")
    sessions = page.request.post(f"{stack.url}/api/identity/session", headers={"Origin": stack.url}, data={
        "userName": organizer.user_name, "password": organizer.password, "organization": organizer.ucsid,
        "stayLoggedIn": False})
    assert sessions.ok
    keep_look(stack, organizer, language, appearance)
    page.goto(stack.url)
    page.get_by_text("Quarterly review").first.wait_for()
    look("dashboard")
    page.get_by_role("button", name={"en": "New meeting room", "de": "Neuer Besprechungsraum"}[language]).first.click()
    look("new-room")
    page.keyboard.press("Escape")

    others = [person(fps=8) for _ in range(2)]
    for other, name in zip(others, ["Bob Berger", "Cleo Kaya"]):
        other.goto(f"{stack.url}/r/{room['alias']}")
        if name == "Bob Berger":
            people.give_pin(other, "1")
        people.give_pin(other, "471100")
        people.enter(other, name)

    page.goto(f"{stack.url}/r/{room['alias']}")
    button = page.get_by_role("button", name={"en": "Enter meeting", "de": "Eintreten"}[language])
    button.wait_for()
    look("pre-join")
    button.click()
    people.wait_until(page, lambda: len([key for key in people.received(page) if key[1] == "video"]) == 2, "pictures")
    look("meeting")
    page.get_by_role("button", name="Chat").click()
    look("chat")
    page.keyboard.press("Escape")
    page.get_by_role("button", name={"en": "Participants", "de": "Teilnehmende"}[language], exact=True).click()
    page.get_by_role("listitem").nth(2).wait_for()
    look("people")
    page.get_by_role("complementary").get_by_role("button", name={"en": "Close", "de": "Schließen"}[language], exact=True).click()
    others[0].get_by_role("button", name="Share screen").click()
    page.locator("parley-screen video[data-live]").wait_for(timeout=people.PATIENCE)
    look("shared-screen")
    page.get_by_role("button", name={"en": "Leave", "de": "Verlassen"}[language], exact=True).click()
    look("left")

    page.goto(f"{stack.url}/r/no-such-room-here")
    page.wait_for_timeout(500)
    look("unknown-room")
    stranger = person(viewport={"width": width, "height": height})
    stranger.goto(f"{stack.url}/r/{room['alias']}")
    stranger.get_by_label("PIN").wait_for()
    if folder:
        stranger.screenshot(path=f"{folder}/pin-{size}.png")


def draw_a_meeting(stack, person, organizer, api):
    width, height = SIZES["desktop"]
    room = api.create_room("Spring product planning", color="teal")

    def arrive(name, **options):
        page = person(viewport={"width": width, "height": height}, **options)
        if name in LOOKS:
            page.add_init_script(DRAWN_CAMERA.replace("LOOKS", json.dumps(LOOKS[name])))
        page.add_init_script("localStorage.setItem('parley.appearance', JSON.stringify('dark'))")
        if name == "Ada Lovelace":
            page.request.post(f"{stack.url}/api/identity/session", headers={"Origin": stack.url}, data={
                "userName": organizer.user_name, "password": organizer.password, "organization": organizer.ucsid,
                "stayLoggedIn": False})
        page.goto(f"{stack.url}/r/{room['alias']}")
        people.enter(page, name)
        return page

    pages = {name: arrive(name) for name in LOOKS}
    pages["Finn Lund"] = arrive("Finn Lund")
    pages["Finn Lund"].get_by_role("button", name="Turn off camera").click()
    pages["Finn Lund"].get_by_role("button", name="Turn off microphone").click()
    pages["Emil Novak"].get_by_role("button", name="Turn off microphone").click()
    pages["Dana Okafor"].get_by_role("button", name="Raise hand").click()
    for name, text in [("Cleo Kaya", "Good morning! The draft is at https://wiki.example.org/plan"),
                       ("Bob Berger", "Thanks, I have read it. Two questions on page 3."),
                       ("Ada Lovelace", "Let us begin with those, then the dates."),
                       ("Dana Okafor", "I have something on the dates, too.")]:
        page = pages[name]
        if not page.get_by_label("Message").is_visible():
            page.get_by_role("button", name="Chat").click()
        page.get_by_label("Message").fill(text)
        page.get_by_role("button", name="Send").click()
        pages["Ada Lovelace"].wait_for_timeout(300)

    ada = pages["Ada Lovelace"]
    people.wait_until(ada, lambda: ada.locator("parley-tile video[data-live]").count() == 5, "five pictures")
    ada.get_by_role("button", name="Chat").hover()
    ada.locator(".toast").first.wait_for(state="detached", timeout=people.PATIENCE)
    ada.mouse.move(5, 5)
    # Time for the large pictures to become sharp, and for messages in passing to go.
    ada.wait_for_timeout(8000)
    Path(os.environ["PARLEY_SCREENSHOTS"]).mkdir(parents=True, exist_ok=True)
    ada.screenshot(path=f"{os.environ['PARLEY_SCREENSHOTS']}/meeting-desktop-en-dark.png")


# The picture of the README proves nothing, so it is made only when pictures are wanted.
if "PARLEY_SCREENSHOTS" in os.environ:
    test_a_meeting_for_the_readme = draw_a_meeting
