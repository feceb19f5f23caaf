"""Runs a story told by matrix-js-sdk, and finds its steps."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec

from tests.clients.accounts import Account

HERE = Path(__file__).parent
STORY_TIMEOUT_S = 100

Step = dict[str, Any]


def steps_of(story: str, people: dict[str, Account]) -> list[Step]:
    """The steps of one run of the story."""
    assert (HERE / "node_modules").is_dir(), "run `npm ci` in tests/clients/js first (`make test` does)"
    told = subprocess.run(
        ["node", story],
        cwd=HERE,
        input=msgspec.json.encode(people),
        capture_output=True,
        timeout=STORY_TIMEOUT_S,
        check=False,
    )
    assert told.returncode == 0, told.stderr.decode(errors="replace")[-4000:]
    return [msgspec.json.decode(line) for line in told.stdout.splitlines()]


def the(steps: list[Step], name: str) -> Step:
    """The one step of this name."""
    (found,) = [step for step in steps if step["step"] == name]
    return found


def texts(step: Step) -> list[str]:
    return [each.get("text", "sealed") for each in step["messages"]]
