"""Requests that schemathesis makes up from a document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def ask(service: str, url: str, identity, people: dict, is_full: bool, folder: Path, hooks: str, config: str,
        examples: int = 60, **known) -> None:
    """Whatever is asked: no 5xx, no answer that is not in the document, nothing wrong that is taken, nothing right that is
    refused, and no authentication that is not looked at. `config` says what is not looked at, and why.

    `people` ask, and `hooks` knows who asks what; it finds `known` in the settings. The folder is one for the program to be in."""
    settings = known | {"service": url, "origin": identity.origin, "redis": identity.redis.url, "people": {
        name: {key: getattr(person, key) for key in (
            "url", "origin", "organization", "user_name", "password", "session", "account")}
        for name, person in people.items()}}
    # The short form is the same each time, so that who has changed nothing does not see it fail.
    seed = str(int(time.time())) if is_full else "1"
    document = ROOT / f"Services/{service}/OpenAPI/openapi.json"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--no-color",
        "--config-file", str(ROOT / "Tests/API" / config), "run", str(document), "--url", url,
        "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "500" if is_full else str(examples), "--seed", seed,
        "--continue-on-failure", "--generation-database", "none", "--suppress-health-check", "all",
        "--request-timeout", "10", "--max-redirects", "0", "--warnings", "off",
    ]
    if logs := os.environ.get("PARLEY_LOGS"):
        command += ["--report", "vcr", "--report-vcr-path", f"{Path(logs).absolute()}/{service.lower()}-requests.yaml"]
    environment = os.environ | {
        "PARLEY_API_TEST": json.dumps(settings), "SCHEMATHESIS_HOOKS": hooks,
        "PYTHONPATH": str(ROOT / "Tests/API"), "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    print(run.stdout, run.stderr)
    assert run.returncode == 0, f"schemathesis found something with the seed {seed}; see above"
