"""An HL7 sender and a receiver from npm, which nobody here wrote, at both ends of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from myelin_gateway.channels.mllp import MllpClient
from myelin_gateway.channels.mllp_partners import Listener, Partner, server_tls
from myelin_gateway.hl7v2 import DEFAULT, Answers, Charset, parse, write, written_segment
from myelin_gateway.hl7v2.writing import Value
from tests.certificates import authority_and
from tests.gateway.hl7_peers import LIS, an_inbox, loopback
from tests.gateway.samples import EXPECTED, SAMPLES

pytestmark = [pytest.mark.clients, pytest.mark.anyio]

HERE = Path(__file__).parent
TIMEOUT_S = 60
# What their builder must escape, and ours undo; and the other way round.
BUILT = [["张三", "6.8"], ["陳東", "第一 | 第二 ^ ~ \\ & 完"]]

Line = dict[str, Any]


@asynccontextmanager
async def node(script: str) -> AsyncIterator[asyncio.subprocess.Process]:
    assert (HERE / "node_modules").is_dir(), "run `npm ci` in tests/gateway/peer first (`make test` does)"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("node", script, cwd=HERE, stdin=pipe, stdout=pipe)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def sent(port: int, messages: list[str], **rest: object) -> list[Line]:
    """What the sender from npm was answered to these messages."""
    async with node("sender.mjs") as process:
        order = {"port": port, "messages": messages, "built": [], **rest}
        output, _errors = await process.communicate(msgspec.json.encode(order))
    return [msgspec.json.decode(line) for line in output.splitlines()]


def texts() -> list[str]:
    """The samples that are in UTF-8, as one message each, in the CR that their sender wants."""
    ordinary = (
        each for each in SAMPLES if each.charset is Charset.UTF_8 and "messages" not in EXPECTED.get(each.name, {})
    )
    return [each.raw.decode("utf-8-sig").replace("\r\n", "\r").replace("\n", "\r").strip("\r") for each in ordinary]


async def test_its_sender_is_answered() -> None:
    wants_answers = [text for text in texts() if parse(text.encode(), Charset.UTF_8).header.value(15) != "NE"]
    anything = Answers(types=frozenset())
    async with an_inbox(loopback(Partner("lis", Charset.UTF_8, anything))) as (inbox, port):
        answers = await sent(port, wants_answers)
    ours = [parse(text.encode(), Charset.UTF_8) for text in wants_answers]
    assert [answer["control_id"] for answer in answers] == [each.control_id for each in ours]
    assert {answer["code"] for answer in answers} <= {"AA", "CA"} and len(answers) > 15
    kept = [parse(raw, Charset.UTF_8) for _partner, raw in inbox.kept]
    assert [each.segments for each in kept] == [each.segments for each in ours] and inbox.notices == []


async def test_its_sender_is_told_what_is_wrong() -> None:
    async with an_inbox() as (_inbox, port):
        (answer,) = await sent(port, ["MSH|^~\\&|LIS|检验科|IM|医院|2026||ZZZ^Z01|M1|P|2.5.1\rPID|1"])
    assert answer["code"] == "AR" and answer["control_id"] == "M1" and answer["receiver"] == "检验科"
    assert answer["text"] == "Unsupported message type: MSH-9"


async def test_what_its_builder_writes_is_read_as_it_was_meant() -> None:
    async with an_inbox() as (inbox, port):
        answers = await sent(port, [], built=BUILT)
    assert [answer["code"] for answer in answers] == ["AA"] * 3
    kept = [parse(raw, Charset.UTF_8) for _partner, raw in inbox.kept]
    assert [each.control_id for each in kept] == ["B0", "B1", "C0", "C1"]
    values = [[each.segment("PID").value(5), each.segment("OBX").field(5).prose] for each in kept]
    assert values == [*BUILT, *BUILT] and all(each.findings == () for each in kept)


async def test_its_sender_comes_in_over_tls(tmp_path: Path) -> None:
    root = authority_and(tmp_path, "gateway", "lis")
    tls = server_tls(tmp_path / "gateway.pem", tmp_path / "gateway.key", root)
    partner = Partner("lis", Charset.UTF_8, LIS.answers, frozenset({"lis"}))
    files = {"ca": str(root), "cert": str(tmp_path / "lis.pem"), "key": str(tmp_path / "lis.key")}
    async with an_inbox(Listener("127.0.0.1", 0, (partner,), tls)) as (inbox, port):
        (answer,) = await sent(port, ["MSH|^~\\&|LIS||IM||2026||ORU^R01|M1|P|2.5.1\rPID|1"], tls=files)
    assert answer["code"] == "AA" and [name for name, _raw in inbox.kept] == ["lis"]


async def test_its_receiver_reads_what_we_write_and_we_its_answers() -> None:
    async with node("receiver.mjs") as process:
        assert process.stdin and process.stdout
        port = msgspec.json.decode(await process.stdout.readline())["port"]
        answers, read = [], []
        for control_id, name, result, wanted in [
            ("M0", *BUILT[0], "AA"),
            ("M1", *BUILT[1], "AA"),
            ("M2", "", "", "AE"),
        ]:
            # Their receiver reads the first message of a connection again with every later one.
            client = MllpClient("127.0.0.1", port, Charset.UTF_8)
            answers.append(await client.send(written(control_id, name, result, wanted), control_id))
            read.append(msgspec.json.decode(await process.stdout.readline()))
            await client.close()
        process.stdin.close()
        assert await process.wait() == 0
    assert [(answer.code, answer.control_id) for answer in answers] == [("AA", "M0"), ("AA", "M1"), ("AE", "M2")]
    assert [[each["name"], each["result"]] for each in read[:2]] == BUILT
    assert [each["sender"] for each in read] == ["检验科"] * 3


def written(control_id: str, name: str, result: str, wanted: str) -> bytes:
    sender: dict[int, Value] = {4: "检验科", 7: "20261124080000", 8: wanted}
    segments = [
        written_segment("MSH", {**sender, 9: ("ORU", "R01", "ORU_R01"), 10: control_id, 11: "P", 12: "2.5.1"}, DEFAULT),
        written_segment("PID", {3: "P1", 5: name}, DEFAULT),
        written_segment("OBX", {2: "TX", 5: result}, DEFAULT),
    ]
    return write(segments, DEFAULT)
