"""A process for one picture: it gives up whatever it could do harm with, then reads what a stranger sent.

Standard input is the picture, standard output the thumbnail, the exit code the verdict. Whoever takes this process
over by a picture finds no environment, no network, no file, no other process of its user, and little time.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from myelin.media.verdicts import Ask, Verdict

Thumbnail = Callable[[BinaryIO, BinaryIO, Ask], Verdict]

MEMORY_BYTES = 768 * 1024 * 1024
CPU_S = 10
WALL_S = 60
MADE_BYTES = 64 * 1024 * 1024
NOBODY = 65_534
LIMITS = (
    (resource.RLIMIT_AS, MEMORY_BYTES),
    (resource.RLIMIT_CPU, CPU_S),
    (resource.RLIMIT_FSIZE, MADE_BYTES),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NPROC, 0),
    # Input, output and errors are open, and nothing can be opened beside them: no file and no socket.
    (resource.RLIMIT_NOFILE, 3),
)


def main(width: str, height: str, crops: str, animated: str) -> None:
    """Answer one question and end."""
    step_back()
    # Only now: what Pillow loads is loaded at everybody's convenience, and before nothing can be opened any more.
    from myelin.media.picture import prepare, thumbnail

    prepare()
    ask = Ask(int(width), int(height), crops == "1", animated == "1")
    with open(0, "rb") as source, open(1, "wb") as target:
        confine()
        verdict = judged(thumbnail, source, target, ask)
        # Without what Python does at its end: the verdict stands, and a broken library might change it.
        os._exit(verdict)


def judged(thumbnail: Thumbnail, source: BinaryIO, target: BinaryIO, ask: Ask) -> Verdict:
    try:
        return thumbnail(source, target, ask)
    except MemoryError:
        return Verdict.TOO_LARGE
    except Exception:
        # Pillow's decoders raise whatever they come upon.
        return Verdict.NO_PICTURE


def step_back() -> None:
    """Let everybody else go first, and end in any case."""
    signal.alarm(WALL_S)
    os.nice(19)
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError), Path("/proc/self/oom_score_adj").open("w") as likely:
        likely.write("1000")


def confine() -> None:
    """Give up every right and all but the three open files; there is no way back."""
    for limit, most in LIMITS:
        resource.setrlimit(limit, (most, most))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
