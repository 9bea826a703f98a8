"""Changes identity, ties its life to its parent and becomes the given program.

A program of its own rather than a `preexec_fn`: code between fork and exec of a process with
threads may deadlock.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
FALLBACK_ID = 65534


def nobody() -> tuple[int, int]:
    """A user without rights; initdb insists that its number has a name."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return FALLBACK_ID, FALLBACK_ID
    return entry.pw_uid, entry.pw_gid


def check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def enter_namespace(libc: ctypes.CDLL) -> None:
    """Stay the same user for the kernel, but look like `nobody` to a server that refuses root."""
    inner_uid, inner_gid = nobody()
    outer_uid, outer_gid = os.getuid(), os.getgid()
    check(libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{inner_uid} {outer_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{inner_gid} {outer_gid} 1", encoding="ascii")


def become_nobody() -> None:
    uid, gid = nobody()
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main(parent: int, death_signal: int, identity: str, command: list[str]) -> None:
    """Order matters: a change of credentials clears the death signal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    libc = ctypes.CDLL(None, use_errno=True)
    if identity == "namespace":
        enter_namespace(libc)
    elif identity == "nobody":
        become_nobody()
    if sys.platform == "linux":
        check(libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0))
        if os.getppid() != parent:
            # The parent died before the kernel knew whom to tell.
            sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
