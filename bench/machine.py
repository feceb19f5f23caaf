"""The machine that was measured on, in words."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil


def cores() -> tuple[int | None, int | None]:
    """The core of the server and its database, and the core of the load; none where there is only one."""
    available = sorted(os.sched_getaffinity(0))
    return (available[0], available[1]) if len(available) > 1 else (None, None)


def describe() -> list[tuple[str, str]]:
    return [
        ("CPU", f"{cpu_model()}, {os.cpu_count()} cores"),
        ("Memory", f"{psutil.virtual_memory().total / 2**30:.0f} GiB"),
        ("Kernel", f"{platform.system()} {platform.release()}"),
        ("System", system_name()),
        ("Python", platform.python_version()),
        ("Load average at the start", " ".join(f"{load:.1f}" for load in os.getloadavg())),
    ]


def cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def system_name() -> str:
    release = platform.freedesktop_os_release()
    return release.get("PRETTY_NAME", "unknown")
