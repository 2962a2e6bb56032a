"""A mail server for tests: real SMTP on loopback by aiosmtpd, and refusals on demand.

As a program it prints its port in a line when it is ready, and ends when its standard input does:

    python smtp_server.py --folder FOLDER [--tls CERTIFICATE KEY [--implicit]] [--account USER PASSWORD]

Every mail it takes becomes a file in FOLDER/taken, named by number and recipient, with CRLF as it came. What FOLDER/answer
holds is what it says of the next ones: nothing (250), `451`, `550` (to RCPT), `end-451`, `end-550` (after the mail), `drop`
(the connection ends in the middle), `drop-end` (it takes the mail and ends the connection before it says so), `slow` (it
keeps silent for a minute after the mail), `late` (it takes the mail, and says so after half a second).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

TEXTS = {"451": "451 4.3.0 Not now", "550": "550 5.1.1 No such mailbox"}


class Handler:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    @property
    def answer(self) -> str:
        try:
            return (self.folder / "answer").read_text().strip()
        except FileNotFoundError:
            return ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer in TEXTS:
            return TEXTS[self.answer]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answer
        if answer == "drop":
            server.transport.abort()
            return "451 4.3.0 Gone"
        if answer.startswith("end-"):
            return TEXTS[answer.removeprefix("end-")]
        if answer == "slow":
            (self.folder / "silent").touch()
            await asyncio.sleep(60)
            return "451 4.3.0 Too late"
        name = f"{next(self.numbers):04}-{envelope.rcpt_tos[0]}"
        part = self.folder / f".{name}"
        part.write_bytes(envelope.original_content)
        part.rename(self.folder / "taken" / name)
        (self.folder / "sender").write_text(envelope.mail_from)
        (self.folder / "greeting").write_text(session.host_name)
        if answer == "drop-end":
            server.transport.abort()
        if answer == "late":
            await asyncio.sleep(0.5)
        return "250 OK"


async def serve(options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    (folder / "taken").mkdir(exist_ok=True)
    handler = Handler(folder)
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)

    def check(server, session, envelope, mechanism, data) -> AuthResult:
        given = [data.login.decode(), data.password.decode()]
        return AuthResult(success=given == options.account, handled=given == options.account)

    def session() -> SMTP:
        starttls = context if not options.implicit else None
        return SMTP(
            handler, hostname="mail.test", tls_context=starttls, require_starttls=starttls is not None,
            auth_required=options.account is not None, auth_require_tls=context is not None and not options.implicit,
            authenticator=check if options.account else None, loop=asyncio.get_running_loop())

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", 0, ssl=context if options.implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--account", nargs=2)
    asyncio.run(serve(parser.parse_args()))
