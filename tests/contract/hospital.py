"""A small hospital on a server of its own: a directory imported by the command line, people who sign in."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.servers import free_port, running, settings

LISTED = """\
工号,姓名,科室,职称,职业,电话,兼职
0101,单小明,内科系统/心内科,主任医师,医,8001,
0102,仇曾,内科系统/心内科,主治医师,医,8002,
0103,欧阳雪,内科系统/心内科,护师,护,8003,重症医学科:护师
0104,解乐,外科系统/骨科,住院医师,医,8004,
0105,王丹,医务处,科员,管,8005,
"""


class Hospital(msgspec.Struct, frozen=True):
    """A running server, and what a command beside it must know."""

    url: str
    folder: Path
    environment: Mapping[str, str]

    def command(self, *arguments: str, stdin: str = "", expect: int = 0) -> str:
        """What `myelin ARGUMENTS` said."""
        done = subprocess.run(
            [sys.executable, "-m", "myelin", *arguments],
            env=dict(self.environment),
            input=stdin.encode(),
            capture_output=True,
            timeout=120,
            check=False,
        )
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == expect, said
        return said

    def command_on(self, content: str | bytes, *arguments: str, expect: int = 0) -> str:
        """What a command said of a file with this content, which is its last argument."""
        file = self.folder / "table.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.command(*arguments, str(file), expect=expect)

    def import_people(self, table: str = LISTED, *options: str) -> str:
        return self.command_on(table, "directory", "import", "--yes", *options)

    def give_password(self, number: str) -> str:
        password = f"the password of {number}"
        self.command("user", "password", number, "--password-stdin", stdin=password)
        return password


@contextmanager
def hospital(folder: Path, database_url: str, **wishes: str) -> Iterator[Hospital]:
    """A server whose directory is empty."""
    port = free_port()
    environment = settings(folder / "data", port, database_url, **wishes)
    with running(environment, folder / "output"):
        yield Hospital(f"http://127.0.0.1:{port}", folder, environment)
