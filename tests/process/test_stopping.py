"""How the server starts and ends: cleanly, soon, and with a sentence where it cannot."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.certificates import self_signed
from tests.process.people import CLIENT, register
from tests.servers import free_port, running, settings

pytestmark = [pytest.mark.database, pytest.mark.skipif("MYELIN_TEST_URL" in os.environ, reason="stops servers")]

WAITING = 100
# A clean stop takes well under a second; the rest is for a machine that is busy.
STOP_LIMIT_S = 10


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    return settings(tmp_path / "data", free_port(), database_url)


def address(environment: Mapping[str, str]) -> str:
    return f"http://{environment['MYELIN_LISTEN']}"


async def waiting_syncs(base_url: str, headers: Mapping[str, str], count: int) -> list[asyncio.Task[httpx.Response]]:
    """Long polls that the server is holding."""
    limits = httpx.Limits(max_connections=count + 1)
    http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60, limits=limits)
    since = (await http.get(f"{CLIENT}/sync")).json()["next_batch"]
    since = (await http.get(f"{CLIENT}/sync", params={"since": since})).json()["next_batch"]
    query = {"since": since, "timeout": "120000"}
    syncs = [asyncio.create_task(http.get(f"{CLIENT}/sync", params=query)) for _ in range(count)]
    while await waiters(http) < count:
        assert not any(sync.done() for sync in syncs)
        await asyncio.sleep(0.05)
    return syncs


async def waiters(http: httpx.AsyncClient) -> float:
    """How many requests the server holds, as its metrics say."""
    lines = (await http.get("/_myelin/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("myelin_waiters "))


async def test_sigterm_answers_who_waits_and_ends_with_zero(environment: dict[str, str], tmp_path: Path) -> None:
    with running(environment, tmp_path / "output") as process:
        headers = register(address(environment), "wang")
        syncs = await waiting_syncs(address(environment), headers, WAITING)
        asked_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        answers = await asyncio.gather(*syncs)
        code = await asyncio.to_thread(process.wait, STOP_LIMIT_S)
        assert time.monotonic() - asked_at < STOP_LIMIT_S
    assert code == 0
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["next_batch"] for answer in answers)
    assert {answer.headers["connection"] for answer in answers} == {"close"}
    said = (tmp_path / "output").read_text()
    assert "Traceback" not in said and "ERROR" not in said, said


async def test_what_was_accepted_is_there_after_the_stop(environment: dict[str, str], tmp_path: Path) -> None:
    with running(environment, tmp_path / "output") as process:
        headers = register(address(environment), "wang")
        async with httpx.AsyncClient(base_url=address(environment), headers=headers, timeout=30) as http:
            sends = [
                asyncio.create_task(http.post("/_matrix/media/v3/upload", content=f"{number}".encode()))
                for number in range(50)
            ]
            await asyncio.sleep(0)
            process.send_signal(signal.SIGTERM)
            sent = await asyncio.gather(*sends, return_exceptions=True)
        assert await asyncio.to_thread(process.wait, STOP_LIMIT_S) == 0
    accepted = [answer.json()["content_uri"] for answer in sent if isinstance(answer, httpx.Response)]
    with running(environment, tmp_path / "output"):
        async with httpx.AsyncClient(base_url=address(environment), headers=headers, timeout=30) as http:
            for uri in accepted:
                answer = await http.get(f"/_matrix/client/v1/media/download/{uri.removeprefix('mxc://')}")
                assert answer.status_code == 200


def test_an_idle_server_stops_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    with running(environment, tmp_path / "output") as process:
        # A connection that is kept alive, and one that never asks for anything.
        host, port = environment["MYELIN_LISTEN"].split(":")
        with socket.create_connection((host, int(port))), httpx.Client(base_url=address(environment)) as http:
            assert http.get("/_myelin/health").json()["status"] == "ok"
            process.send_signal(signal.SIGINT)
            assert process.wait(STOP_LIMIT_S) == 0


def test_a_server_that_is_still_starting_stops_too(environment: dict[str, str], tmp_path: Path, data_dir: Path) -> None:
    del environment["MYELIN_DATABASE_URL"]
    environment["MYELIN_DATA_DIR"] = str(data_dir)
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "myelin", "serve"], env=environment, stderr=output)
        try:
            # It has a database of its own to make, which takes seconds.
            while not (data_dir / "postgresql").exists() and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, (tmp_path / "output").read_text()
        finally:
            process.kill()
            process.wait()
    assert not (data_dir / "postgresql" / "cluster" / "postmaster.pid").exists()


def said_at_the_end(environment: Mapping[str, str]) -> str:
    """What a server says that refuses to start."""
    finished = subprocess.run(
        [sys.executable, "-m", "myelin", "serve"],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode != 0
    assert "Traceback" not in finished.stderr
    return finished.stderr


def test_a_taken_address_is_named(environment: dict[str, str]) -> None:
    host, port = environment["MYELIN_LISTEN"].split(":")
    with socket.create_server((host, int(port))):
        assert f"listen ({host}:{port})" in said_at_the_end(environment)


def test_useless_certificates_are_named(environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).write_text("not PEM")
        environment[f"MYELIN_TLS_{name.upper()}"] = str(tmp_path / name)
    assert "tls_cert and tls_key" in said_at_the_end(environment)


def test_a_server_may_end_tls_itself(environment: dict[str, str], tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    environment |= {"MYELIN_TLS_CERT": str(cert), "MYELIN_TLS_KEY": str(key)}
    environment["MYELIN_PUBLIC_URL"] = ""
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "myelin", "serve"], env=environment, stderr=output)
    try:
        answer = first_answer(f"https://{environment['MYELIN_LISTEN']}", cert)
        assert answer["m.homeserver"]["base_url"].startswith("https://")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_LIMIT_S) == 0
    finally:
        process.kill()
        process.wait()


def first_answer(base_url: str, cert: Path) -> dict[str, dict[str, str]]:
    import ssl

    context = ssl.create_default_context(cafile=str(cert))
    context.check_hostname = False
    for _ in range(300):
        try:
            answer: dict[str, dict[str, str]] = httpx.get(
                f"{base_url}/.well-known/matrix/client", verify=context
            ).json()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return answer
    pytest.fail("the server did not start")
