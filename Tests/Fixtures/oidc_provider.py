"""A small OpenID provider for tests: real HTTP on loopback, real signatures, and mistakes on demand.

As a program it prints its port in a line when it is ready, and ends when its standard input does:

    python oidc_provider.py --users '{"ada": {"password": "…", "name": "Ada", "groups": ["staff"]}}' \
        --client-id parley --client-secret secret [--mistake NAME[:WHERE]]

In Python it is `with Provider(users, client_id, client_secret) as provider: … provider.issuer …`.

What a user has beside `password` are claims; `sub` and `preferred_username` are made from the user name when missing.
A mistake is one of MISTAKES. Those of AT_ENDPOINTS can be told where: at `discovery`, `keys`, `token` or `userinfo`.

Control, for tests: POST /control/mistake (name=…, empty for none), POST /control/rotate (keep=1 leaves the old keys
published), POST /control/claims (a JSON object that is laid over the claims of ID tokens; null takes one away),
POST /control/description (the same for discovery), GET /control/counts (requests by path).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import html
import json
import os
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CODE_SECONDS = 60
AT_ENDPOINTS = {"slow", "drip", "error-500", "redirect", "huge", "not-json", "away"}
MISTAKES = AT_ENDPOINTS | {
    "wrong-nonce", "no-nonce", "wrong-aud", "wrong-iss", "wrong-azp", "expired", "not-yet", "alg-none", "alg-none-signed",
    "hs256-public-key", "foreign-key", "missing-kid", "unknown-kid", "wrong-at-hash", "no-id-token", "id-token-number",
    "wrong-sub", "issuer-mismatch", "answer-iss", "no-answer-iss", "bad-error", "access-token-type",
}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in at the test provider</title></head>
<body><main><h1>Sign in</h1>{message}<form method="post"><p><label>User name <input name="username" autofocus></label></p>
<p><label>Password <input name="password" type="password"></label></p>
<p><button name="answer" value="sign-in">Sign in</button> <button name="answer" value="cancel">Cancel</button></p></form>
</main></body></html>"""


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, length: int | None = None) -> str:
    return base64url(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def as_json(value) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Key:
    """A key that ID tokens are signed with: RS256 and PS256 with the same kind, ES256 with the other."""

    def __init__(self, algorithm: str):
        self.algorithm = algorithm
        self.id = secrets.token_hex(8)
        is_elliptic = algorithm == "ES256"
        self.private = ec.generate_private_key(ec.SECP256R1()) if is_elliptic else rsa.generate_private_key(65537, 2048)

    def sign(self, text: bytes) -> bytes:
        if self.algorithm == "ES256":
            r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return self.private.sign(text, pss if self.algorithm == "PS256" else padding.PKCS1v15(), hashes.SHA256())

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def published(self) -> dict:
        numbers = self.private.public_key().public_numbers()
        common = {"kid": self.id, "use": "sig", "alg": self.algorithm}
        if self.algorithm == "ES256":
            return common | {"kty": "EC", "crv": "P-256", "x": number(numbers.x, 32), "y": number(numbers.y, 32)}
        return common | {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}


class Refusal(Exception):
    """An error of RFC 6749, 5.2."""

    def __init__(self, code: str, status: int = 400):
        super().__init__(code)
        self.code = code
        self.status = status


class Provider:
    """Runs from `start` to `stop`, or in a `with`. `mistake`, `claims` and `description` may be set while it runs."""

    def __init__(self, users: dict, client_id: str = "parley", client_secret: str | None = "secret", *, port: int = 0,
                 algorithm: str = "RS256", authentication: str = "client_secret_basic", redirect_uris: tuple = (),
                 only_userinfo: bool = False, mistake: str = ""):
        self.users = users
        self.client_id = client_id
        self.client_secret = client_secret
        self.algorithm = algorithm
        self.authentication = authentication if client_secret else "none"
        self.redirect_uris = redirect_uris
        self.only_userinfo = only_userinfo
        self.mistake = mistake
        self.claims: dict = {}
        self.description: dict = {}
        self.counts: dict[str, int] = {}
        self.codes: dict[str, dict] = {}
        self.access_tokens: dict[str, str] = {}
        self.lock = threading.Lock()
        self.keys: list[Key] = []
        self.rotate()
        provider = self

        class BoundHandler(Handler):
            pass

        BoundHandler.provider = provider
        self.server = ThreadingHTTPServer(("127.0.0.1", port), BoundHandler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"

    def start(self) -> "Provider":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> "Provider":
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def rotate(self, keep: bool = False):
        """Signs with new keys from now on. The old ones are no longer published, unless they are kept."""
        new = [Key(name) for name in dict.fromkeys([self.algorithm, "RS256", "ES256"])]
        self.keys = new + (self.keys if keep else [])

    def is_mistaken(self, name: str, where: str) -> bool:
        mistake, _, place = self.mistake.partition(":")
        return mistake == name and where == (place or "token")

    # What the provider says of itself

    def discovery(self) -> dict:
        at = self.issuer
        document = {
            "issuer": at + "/other" if self.mistake == "issuer-mismatch" else at,
            "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token",
            "userinfo_endpoint": at + "/userinfo", "jwks_uri": at + "/keys", "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
            "token_endpoint_auth_methods_supported": [self.authentication], "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return laid_over(document, self.description)

    def key_set(self) -> dict:
        return {"keys": [key.published() for key in self.keys]}

    # Sign-in

    def check_request(self, query: dict):
        """Nobody is sent anywhere before this: the redirect goes only where the client is known to be."""
        if query.get("client_id") != self.client_id:
            raise Refusal("unauthorized_client")
        address = query.get("redirect_uri", "")
        if urlsplit(address).scheme not in ("http", "https") or self.redirect_uris and address not in self.redirect_uris:
            raise Refusal("invalid_request")
        if query.get("response_type") != "code":
            raise Refusal("unsupported_response_type")
        if "openid" not in query.get("scope", "").split(" "):
            raise Refusal("invalid_scope")
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            raise Refusal("invalid_request")

    def is_password(self, user: str, password: str) -> bool:
        known = self.users.get(user)
        return known is not None and hmac.compare_digest(known["password"].encode(), password.encode())

    def answer(self, query: dict, **fields) -> str:
        """Where the browser is sent back to."""
        fields["iss"] = self.issuer + "/other" if self.mistake == "answer-iss" else self.issuer
        if self.mistake == "no-answer-iss":
            del fields["iss"]
        if "state" in query:
            fields["state"] = query["state"]
        address = query["redirect_uri"]
        return address + ("&" if urlsplit(address).query else "?") + urlencode(fields)

    def new_code(self, query: dict, user: str) -> str:
        code = secrets.token_urlsafe(32)
        with self.lock:
            self.codes[code] = {"query": query, "user": user, "until": time.monotonic() + CODE_SECONDS}
        return code

    # Tokens

    def check_client(self, form: dict, authorization: str):
        method, client, secret = "none", form.get("client_id"), None
        if authorization.startswith("Basic "):
            try:
                pair = base64.b64decode(authorization[6:], validate=True).decode().split(":", 1)
                client, secret = (unquote_plus(part) for part in pair)
            except ValueError:
                raise Refusal("invalid_client", 401) from None
            method = "client_secret_basic"
        elif "client_secret" in form:
            method, secret = "client_secret_post", form["client_secret"]
        if method != self.authentication or client != self.client_id or secret != self.client_secret:
            raise Refusal("invalid_client", 401)

    def exchange(self, form: dict, authorization: str) -> dict:
        self.check_client(form, authorization)
        if self.mistake == "bad-error":
            raise Refusal('<b>"no"</b>\r\n' * 20)
        if form.get("grant_type") != "authorization_code":
            raise Refusal("unsupported_grant_type")
        with self.lock:
            code = self.codes.pop(form.get("code", ""), None)
        challenge = base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if code is None or code["until"] < time.monotonic() or form.get("redirect_uri") != code["query"]["redirect_uri"]:
            raise Refusal("invalid_grant")
        if not hmac.compare_digest(challenge, code["query"]["code_challenge"]):
            raise Refusal("invalid_grant")
        access_token = secrets.token_urlsafe(32)
        self.access_tokens[access_token] = code["user"]
        answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": 300,
                  "id_token": self.id_token(code["user"], code["query"].get("nonce"), access_token)}
        if self.mistake == "no-id-token":
            del answer["id_token"]
        if self.mistake == "id-token-number":
            answer["id_token"] = 17
        if self.mistake == "access-token-type":
            answer["token_type"] = "mac"
        return answer

    def person(self, user: str) -> dict:
        known = {name: value for name, value in self.users[user].items() if name != "password"}
        return {"sub": f"sub-{user}", "preferred_username": user} | known

    def id_token(self, user: str, nonce: str | None, access_token: str) -> str:
        now = int(time.time())
        claims = {"sub": self.person(user)["sub"]} if self.only_userinfo else self.person(user)
        at_hash = base64url(hashlib.sha256(access_token.encode()).digest()[:16])
        claims |= {"iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": nonce, "at_hash": at_hash}
        wrong = {
            "wrong-nonce": {"nonce": secrets.token_urlsafe(32)}, "no-nonce": {"nonce": None},
            "wrong-aud": {"aud": "somebody-else"}, "wrong-azp": {"aud": [self.client_id, "other"], "azp": "other"},
            "wrong-iss": {"iss": self.issuer + "/"}, "expired": {"iat": now - 400, "exp": now - 100},
            "not-yet": {"iat": now + 300, "exp": now + 600}, "wrong-at-hash": {"at_hash": at_hash[::-1]},
        }
        return self.signed(laid_over(laid_over(claims, self.claims), wrong.get(self.mistake, {})))

    def signed(self, claims: dict) -> str:
        key = next(key for key in self.keys if key.algorithm == self.algorithm)
        header = {"alg": self.algorithm, "typ": "JWT", "kid": key.id}
        if self.mistake in ("alg-none", "alg-none-signed"):
            header["alg"] = "none"
        if self.mistake == "hs256-public-key":
            header["alg"] = "HS256"
        if self.mistake == "missing-kid":
            del header["kid"]
        if self.mistake == "unknown-kid":
            header["kid"] = "unknown"
        text = base64url(as_json(header)) + "." + base64url(as_json(claims))
        if self.mistake == "alg-none":
            return text + "."
        if self.mistake == "hs256-public-key":
            return text + "." + base64url(hmac.digest(key.public_pem, text.encode(), "sha256"))
        signer = Key(self.algorithm) if self.mistake == "foreign-key" else key
        return text + "." + base64url(signer.sign(text.encode()))

    def user_info(self, authorization: str) -> dict:
        user = self.access_tokens.get(authorization.removeprefix("Bearer "))
        if user is None:
            raise Refusal("invalid_token", 401)
        return self.person(user) | ({"sub": "sub-somebody-else"} if self.mistake == "wrong-sub" else {})


def laid_over(below: dict, above: dict) -> dict:
    return {name: value for name, value in (below | above).items() if value is not None}


class Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        provider, path = self.provider, self.route()
        if path == "/.well-known/openid-configuration":
            self.endpoint("discovery", provider.discovery)
        elif path == "/keys":
            self.endpoint("keys", provider.key_set)
        elif path == "/userinfo":
            self.endpoint("userinfo", lambda: provider.user_info(self.headers.get("Authorization", "")))
        elif path == "/authorize":
            self.authorize(form=None)
        elif path == "/control/counts":
            self.send(200, as_json(provider.counts))
        else:
            self.send(404, b"{}")

    def do_POST(self):
        provider, path = self.provider, self.route()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if path.startswith("/control/"):
            self.control(path.removeprefix("/control/"), body)
            return
        form = single(body.decode("utf-8", "replace"))
        if path == "/token":
            self.endpoint("token", lambda: provider.exchange(form, self.headers.get("Authorization", "")))
        elif path == "/authorize":
            self.authorize(form)
        else:
            self.send(404, b"{}")

    def route(self) -> str:
        path = urlsplit(self.path).path
        with self.provider.lock:
            self.provider.counts[path] = self.provider.counts.get(path, 0) + 1
        return path

    def authorize(self, form: dict | None):
        provider, query = self.provider, single(urlsplit(self.path).query)
        try:
            provider.check_request(query)
        except Refusal as refusal:
            self.page(400, f"<p role='alert'>{html.escape(refusal.code)}</p>")
            return
        if form is None:
            self.page(200, "")
        elif form.get("answer") == "cancel":
            self.redirect(provider.answer(query, error="access_denied"))
        elif provider.is_password(form.get("username", ""), form.get("password", "")):
            self.redirect(provider.answer(query, code=provider.new_code(query, form["username"])))
        else:
            self.page(401, "<p role='alert'>User name or password is wrong.</p>")

    def endpoint(self, where: str, make):
        """Answers in JSON, unless a mistake is wanted here."""
        if self.is_mistaken(where):
            return
        try:
            self.send(200, as_json(make()))
        except Refusal as refusal:
            self.send(refusal.status, as_json({"error": refusal.code, "error_description": "no <b>way</b>"}))

    def is_mistaken(self, where: str) -> bool:
        def wanted(name: str) -> bool:
            return self.provider.is_mistaken(name, where)

        if wanted("slow"):
            time.sleep(30)
        elif wanted("drip"):
            self.head(200, 1_000)
            for _ in range(300):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        elif wanted("error-500"):
            self.send(500, b"{}")
        elif wanted("redirect"):
            self.redirect(self.provider.issuer + "/elsewhere", 307)
        elif wanted("huge"):
            self.send(200, b'{"a":"' + b"a" * 2_000_000 + b'"}')
        elif wanted("not-json"):
            self.send(200, b'{"error":1,"error":2}')
        elif wanted("away"):
            self.close_connection = True
        else:
            return False
        return True

    def control(self, name: str, body: bytes):
        if name == "mistake":
            mistake = single(body.decode()).get("name", "")
            if mistake and mistake.partition(":")[0] not in MISTAKES:
                self.send(400, b"{}")
                return
            self.provider.mistake = mistake
        elif name == "rotate":
            self.provider.rotate(keep=single(body.decode()).get("keep") == "1")
        elif name in ("claims", "description"):
            setattr(self.provider, name, json.loads(body))
        else:
            self.send(404, b"{}")
            return
        self.send(200, b"{}")

    def page(self, status: int, message: str):
        self.send(status, PAGE.format(message=message).encode(), "text/html; charset=utf-8")

    def redirect(self, address: str, status: int = 303):
        self.head(status, 0, location=address)

    def send(self, status: int, body: bytes, content: str = "application/json"):
        self.head(status, len(body), content)
        self.wfile.write(body)

    def head(self, status: int, length: int, content: str = "application/json", location: str | None = None):
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def single(text: str) -> dict:
    """The fields of a form. One that stands twice counts as missing (RFC 6749, 3.1)."""
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items() if len(values) == 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=json.loads, required=True, help="JSON: user name to password and claims")
    parser.add_argument("--client-id", default="parley")
    parser.add_argument("--client-secret", help="none makes a public client")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--algorithm", choices=["RS256", "PS256", "ES256"], default="RS256")
    parser.add_argument("--authentication", choices=["client_secret_basic", "client_secret_post"],
                        default="client_secret_basic")
    parser.add_argument("--redirect-uri", action="append", default=[], help="allowed ones; any when there is none")
    parser.add_argument("--only-userinfo", action="store_true", help="ID tokens name the subject only")
    parser.add_argument("--mistake", default="", metavar="NAME[:WHERE]", help=", ".join(sorted(MISTAKES)))
    options = parser.parse_args()
    if options.mistake and options.mistake.partition(":")[0] not in MISTAKES:
        parser.error(f"there is no mistake {options.mistake}")
    provider = Provider(
        options.users, options.client_id, options.client_secret, port=options.port, algorithm=options.algorithm,
        authentication=options.authentication, redirect_uris=tuple(options.redirect_uri),
        only_userinfo=options.only_userinfo, mistake=options.mistake)
    provider.start()
    print(provider.port, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
