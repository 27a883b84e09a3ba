"""Run as somebody else what refuses to run as root."""

import os
import pwd
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from deploy.local.failure import Failed

_NAME: Final = "nobody"


class User(NamedTuple):
    """A user of this machine, with the main group."""

    name: str
    uid: int
    gid: int


def unprivileged() -> User | None:
    """Return a user without rights where the caller is root; None, the caller, otherwise."""
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(_NAME)
    except KeyError:
        raise Failed(f"this server does not run as root, and there is no user {_NAME}; be another user") from None
    return User(_NAME, found.pw_uid, found.pw_gid)


def give(user: User, folder: Path) -> None:
    """Make a user the owner of a folder and of all in it; what a link points to is left alone."""
    os.chown(folder, user.uid, user.gid, follow_symlinks=False)
    for parent, folders, files, descriptor in os.fwalk(folder):
        del parent
        for name in (*folders, *files):
            os.chown(name, user.uid, user.gid, dir_fd=descriptor, follow_symlinks=False)


def reaches(user: User, path: Path) -> bool:
    """Return whether a user may read a file, or list a folder: all folders above it count too."""
    asked = ["test", "-r", str(path)]
    run = subprocess.run(asked, cwd="/", check=False, user=user.uid, group=user.gid, extra_groups=())  # noqa: S603  # ours
    return run.returncode == 0
