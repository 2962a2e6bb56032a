"""Files of a stack: rendered templates, secrets, and who may read them."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import subprocess
from pathlib import Path

from .problems import Problem

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"@([A-Z_]+)@")


def render(template: Path, target: Path, values: dict[str, object], mode: int = 0o600) -> None:
    """Writes the template with each `@NAME@` replaced. A name without value is a mistake of ours, not a default."""

    def value(match: re.Match) -> str:
        if match[1] not in values:
            raise KeyError(f"{template.name}: no value for @{match[1]}@")
        return str(values[match[1]])

    write(target, PLACEHOLDER.sub(value, template.read_text()), mode)


def write(target: Path, text: str, mode: int = 0o600) -> None:
    """Replaces the file; nobody else can read it at any moment."""
    temporary = target.with_name(target.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with open(descriptor, "w") as file:
        os.fchmod(descriptor, mode)
        file.write(text)
    temporary.replace(target)


class Secrets:
    """Random secrets, one file each, kept from start to start."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)

    def file(self, name: str, value: str | None = None) -> Path:
        """The file with the secret `name`; made with 256 random bits, or with `value`, which replaces what was there."""
        path = self.folder / name
        if value is not None:
            write(path, value)
        elif not path.exists():
            write(path, secrets.token_hex(32))
        return path

    def value(self, name: str) -> str:
        return self.file(name).read_text()


def is_root() -> bool:
    return os.geteuid() == 0


def service_user(*preferred: str) -> str | None:
    """Whom a server that should not be root runs as; `None` when we are not root ourselves."""
    if not is_root():
        return None
    for name in (*preferred, "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise Problem("There is no user to run servers as: neither " + " nor ".join((*preferred, "nobody")) + ".")


def can_read(user: str | None, path: Path) -> bool:
    if user is None:
        return os.access(path, os.R_OK)
    return subprocess.run([*as_user(user), "test", "-r", str(path)], capture_output=True, check=False).returncode == 0


def as_user(user: str | None) -> list[str]:
    """The words before a command that is to run as `user`."""
    if user is None:
        return []
    group = str(pwd.getpwnam(user).pw_gid)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs", "--pdeathsig=TERM"]


def folder_for(user: str | None, path: Path) -> Path:
    """A folder that belongs to `user`. Under a home folder that is closed to others, it is below /var/lib instead, where
    nothing is cleaned up by age, with a name that is kept beside `path`: what was made anew never meets old data."""
    path.mkdir(parents=True, exist_ok=True)
    if user is None:
        path.chmod(0o700)
        return path
    if not can_read(user, path.parent):
        known = path.parent / "id"
        if not known.exists():
            write(known, secrets.token_hex(8))
        path = Path(f"/var/lib/parley-{known.read_text()}-{path.name}")
        path.mkdir(mode=0o700, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid not in (0, pwd.getpwnam(user).pw_uid):
            raise Problem(f"{path} belongs to somebody else.")
    entry = pwd.getpwnam(user)
    give(path, entry.pw_uid, entry.pw_gid)
    path.chmod(0o700)
    return path


def give(path: Path, user: int, group: int) -> None:
    """Makes `user` the owner of the folder and all that is in it."""
    for folder, _, names in os.walk(path):
        os.chown(folder, user, group)
        for name in names:
            os.chown(os.path.join(folder, name), user, group, follow_symlinks=False)
