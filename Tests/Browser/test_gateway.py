"""The gateway by itself: which paths lead where, and which headers every answer has."""

import http.client
from urllib.parse import urlsplit

import pytest

HEADERS = ["Content-Security-Policy", "Permissions-Policy", "X-Content-Type-Options", "Referrer-Policy",
           "Cross-Origin-Opener-Policy", "X-Frame-Options"]


def get(stack, path, method="GET", headers=None, body=None, source=None):
    parts = urlsplit(stack.url)
    host = "127.0.0.1" if source else parts.hostname
    connection = http.client.HTTPConnection(host, parts.port, timeout=10, source_address=(source, 0) if source else None)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path, status", [
    ("/", 200), ("/sign-in", 200), ("/r/any-room", 200), ("/r/any-room/", 200), ("/robots.txt", 200),
    ("/app.html", 404), ("/nothing", 404), ("/assets/nothing.js", 404), ("/api/nothing", 404), ("/internal/x", 404),
    ("/metrics", 404), ("/health/ready", 404), ("/api/signaling/internal/occupancy", 404),
    ("//internal/x", 400), ("/api/directory/../internal/x", 400), ("/api/directory/%2e%2E/internal/x", 400),
    ("/api/directory/..%2finternal", 400), ("/api/directory/..%5Cinternal", 400), ("/assets/..;/internal", 400),
    ("/api/identity/jwks.json", 200), ("/api/directory/rooms", 401), ("/api/presence/colleagues", 401),
])
def test_each_path_has_its_answer_and_every_answer_its_headers(stack, path, status):
    code, headers, _ = get(stack, path)
    assert code == status
    for name in HEADERS:
        assert len(headers.get_all(name) or []) == 1, name
    if path.startswith("/api/") and status != 400:
        assert headers.get_all("Cache-Control") == ["no-store"]


def test_pages_are_asked_for_again_by_their_etag(stack):
    code, headers, _ = get(stack, "/")
    assert code == 200 and headers["Cache-Control"] == "no-cache"
    code, _, body = get(stack, "/", headers={"If-None-Match": headers["ETag"]})
    assert code == 304 and not body


def test_errors_of_the_gateway_are_problem_documents(stack):
    code, headers, body = get(stack, "/api/directory/rooms", "POST", {"Content-Type": "application/json"}, b"x" * 70_000)
    assert code == 413
    assert headers["Content-Type"] == "application/problem+json"
    assert b'"code":"payload_too_large"' in body


@pytest.mark.parametrize("path", ["/api/identity/session", "/api/identity/session/"])
def test_attempts_to_sign_in_are_limited(stack, path):
    """From an address of its own for each path, so that nobody else's attempts are used up."""
    source = "127.0.0.3" if path.endswith("/") else "127.0.0.2"
    answers = [get(stack, path, "POST", body=b"", source=source) for _ in range(60)]
    assert any(code == 429 and b'"title":"Too many requests."' in body for code, _, body in answers)
    assert get(stack, path, source=source)[0] != 429


def test_a_request_id_is_the_gateways_own(stack):
    _, headers, _ = get(stack, "/api/identity/session", headers={"X-Request-ID": "chosen-by-the-client"})
    assert headers["X-Request-ID"] != "chosen-by-the-client"


def test_a_head_that_is_too_large_is_refused(stack):
    code, _, _ = get(stack, "/", headers={"X-Large": "a" * 20_000})
    assert code == 400
