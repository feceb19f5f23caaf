"""A process that uses the engine: `python -m tests.database.engine_user DATA_DIR server|command [ACCOUNT]`.

Says "ready", waits for the end of its input, leaves and says "left"; says why when it cannot start.
"""

import asyncio
import os
import pwd
import sys
from pathlib import Path

from myelin.engine import EngineError, embedded_engine


async def main(data_dir: Path, *, serving: bool) -> None:
    async with embedded_engine(data_dir, serving=serving):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


def become(name: str) -> None:
    # The interpreter may lie where that account cannot read: what is imported late is imported now.
    asyncio.run(asyncio.to_thread(int))
    account = pwd.getpwnam(name)
    if account.pw_uid != os.geteuid():
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)


if __name__ == "__main__":
    if sys.argv[3:]:
        become(sys.argv[3])
    try:
        asyncio.run(main(Path(sys.argv[1]), serving=sys.argv[2] == "server"))
        print("left", flush=True)
    except EngineError as error:
        print(error, flush=True)
