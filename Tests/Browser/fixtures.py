"""What more than one suite of tests is given: people with browsers, and an event loop beside them."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("PARLEY_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as instance:
        yield instance


@pytest.fixture(scope="session")
def browsers(playwright):
    """Browsers by the kind of their fake devices, started when first asked for."""
    started = {}

    def browser(fps: int = 15, devices: bool = True):
        key = (fps, devices)
        if key not in started:
            flags = list(FLAGS)
            if devices:
                flags.append(f"--use-fake-device-for-media-stream=display-media-type=browser,fps={fps}")
            if os.geteuid() == 0:
                flags.append("--no-sandbox")
            started[key] = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        return started[key]

    yield browser
    for instance in started.values():
        instance.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Lets fixtures know whether their test failed."""
    report = (yield).get_result()
    if report.when == "call":
        item.failed = report.failed


@pytest.fixture
def person(browsers, request):
    """Somebody with a browser of their own: nothing is shared between two of them. What the page says in its console is
    printed when the test fails, and with PARLEY_LOGS a picture of the page is kept there."""
    contexts = []

    def arrive(fps: int = 15, devices: bool = True, **options):
        # A list of granted permissions denies all others; writing to the clipboard on a click needs none elsewhere.
        permissions = ["clipboard-write", *(["camera", "microphone"] if devices else [])]
        context = browsers(fps, devices).new_context(
            **{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, "permissions": permissions, **options})
        contexts.append(context)
        page = context.new_page()
        number = len(contexts)
        page.on("console", lambda message: print(f"[person {number}] {message.type}: {message.text}"))
        page.on("pageerror", lambda error: print(f"[person {number}] error: {error}"))
        return page

    yield arrive
    logs = os.environ.get("PARLEY_LOGS")
    for number, context in enumerate(contexts, 1):
        if logs and getattr(request.node, "failed", False):
            for page in context.pages:
                page.screenshot(path=f"{logs}/{request.node.name}-{number}.png")
        context.close()


@pytest.fixture(scope="session")
def background_loop():
    """An event loop in a thread: plain socket clients live there while browsers are driven here."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def background(background_loop):
    """Runs a coroutine (or awaitable) to its end and returns what it returns."""

    def run(work, within: float = 60):
        async def awaited():
            return await work

        future = asyncio.run_coroutine_threadsafe(awaited(), background_loop)
        try:
            return future.result(within)
        except TimeoutError:
            future.cancel()
            raise AssertionError(f"not done within {within} s") from None

    return run
