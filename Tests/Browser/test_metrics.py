"""What an operator's monitoring reads."""

import json
import subprocess
import time
import urllib.request


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


def wait_for(condition, within=10):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.1)


def nodes(stack):
    return [node for several in stack.services.values() for node in several]


def test_the_metrics_of_every_service_are_well_formed(stack, api):
    api.create_room("Counted")
    for node in nodes(stack):
        status, text = get(f"{node.inner_url}/metrics")
        assert status == 200 and text.strip(), node.name
        check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert check.returncode == 0, f"{node.name}: {check.stdout}{check.stderr}"


def test_every_service_says_that_it_lives_and_is_ready(stack):
    for node in nodes(stack):
        assert get(f"{node.inner_url}/health/live")[0] == 200, node.name
        assert get(f"{node.inner_url}/health/ready")[0] == 200, node.name


def test_logs_are_json_lines_without_secrets(stack, api, organizer):
    pin = "8305917264"
    room = api.create_room("Logged", pin=pin)
    alias = room["alias"]
    ticket = api.entry(alias, "Gus", pin)["ticket"]
    api.request("GET", f"/api/directory/aliases/{alias}")
    for path in (f"/r/{alias}", f"/r/{alias}/", f"/r/{alias}/x", f"/R/{alias}"):
        api.request("GET", path)
    api.request("POST", f"/r/{alias}")
    marker = f"/marker-{room['id']}"
    api.request("GET", marker)

    secrets = [path.read_text() for path in stack.secrets.folder.iterdir()]
    secrets += [api.session, api.token, organizer.password, pin, alias, ticket]
    gateway = [stack.gateway.folder / "access.log", stack.gateway.process.log]
    wait_for(lambda: marker in gateway[0].read_text())
    for line in gateway[0].read_text().splitlines():
        assert json.loads(line)["service"] == "gateway", line
    for log in gateway:
        assert not [secret for secret in secrets if secret in log.read_text()], log.name
    for node in nodes(stack):
        text = node.process.log.read_text()
        for line in text.splitlines():
            entry = json.loads(line)
            assert entry["service"] and entry["level"], line
        assert not [secret for secret in secrets if secret in text], node.name
