"""What docs/integration.md says is so: its settings, its example, its tables."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from myelin_gateway.channels.mllp_partners import UnsafeListener
from myelin_gateway.channels.mllp_settings import Hl7Partner, listeners
from myelin_gateway.cli.checking import findings
from myelin_gateway.hl7v2 import Answers, Charset, Reason, Stamp, acknowledged, received
from myelin_gateway.hl7v2.acknowledgements import NAMES
from myelin_gateway.main.settings import ConsoleSettings, Hl7v2Partner, HomeserverSettings, StoreSettings, load_settings
from myelin_gateway.mapping import HANDLED_TYPES
from tests.certificates import authority_and

DOCUMENT = (Path(__file__).parents[3] / "docs/integration.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def partners(text: str) -> list[Hl7Partner]:
    tables = tomllib.loads(text)["partners"]
    assert all(table.pop("protocol") == "hl7v2" for table in tables)
    return msgspec.convert(tables, list[Hl7Partner])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tls").mkdir()
    authority_and(tmp_path / "tls", "gateway").rename(tmp_path / "tls/partners.pem")
    return tmp_path


def test_the_example_of_partners_is_two_listeners(folder: Path) -> None:
    his_or_lis = {each.partners[0].name: each for each in listeners(partners(blocks("toml")[0]), folder)}
    assert {each.port for each in his_or_lis.values()} == {2575, 2576}
    assert his_or_lis["lis"].tls is None and his_or_lis["his"].tls is not None
    assert his_or_lis["lis"].partners[0].charset is Charset.GB18030
    assert his_or_lis["lis"].partners[0].may_come_from("10.1.9.3")
    assert not his_or_lis["lis"].partners[0].may_come_from("10.1.8.18")


def test_the_example_of_the_set_up_can_start(tmp_path: Path) -> None:
    written = re.findall(r"^   ```toml\n(.*?)^   ```", section("Set-up in ten minutes"), re.MULTILINE | re.DOTALL)
    (tmp_path / "gateway.toml").write_text(dedent(written[0]))
    (tmp_path / "gateway.password").write_text("a password")
    (tmp_path / "maps/lis").mkdir(parents=True)
    settings = load_settings(tmp_path / "gateway.toml", {})
    assert [each.sentence for each in findings(settings, tmp_path) if each.is_fatal] == []


def test_every_setting_of_the_gateway_is_explained() -> None:
    tables: dict[str, type[msgspec.Struct]] = {
        "homeserver": HomeserverSettings,
        "store": StoreSettings,
        "console": ConsoleSettings,
    }
    names = {f"{table}.{field.name}" for table, kind in tables.items() for field in msgspec.structs.fields(kind)}
    assert names == set(re.findall(r"`((?:homeserver|store|console)\.[a-z_]+)`", DOCUMENT))


def test_the_table_of_settings_is_complete() -> None:
    first_column = re.findall(r"^\| (`.*?) \|", section("A partner"), re.MULTILINE)
    named = set(re.findall(r"`([a-z_]+)`", "".join(first_column)))
    assert named == {field.name for field in msgspec.structs.fields(Hl7v2Partner)}


def test_the_answer_is_the_one_that_is_shown() -> None:
    question, answer = blocks("hl7")
    answers = Answers(types=HANDLED_TYPES)
    reception = received(question.replace("\n", "\r").encode(), Charset.UTF_8, answers)
    (told,) = acknowledged(reception, answers, Stamp("A1", "20261124080001+0800")).messages
    assert told.decode() == answer.replace("\n", "\r")


def test_the_tables_name_every_reason_and_every_code() -> None:
    reasons = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", section("What is kept"), re.MULTILINE)
    assert set(re.findall(r"[a-z_]+", "".join(reasons))) == set(Reason)
    codes = re.findall(r"^\| ([\d, ]+) \|", section("Acknowledgements"), re.MULTILINE)
    # 204 is what we may be told by others; nothing that comes in is looked up before it is answered.
    assert {int(code) for code in re.findall(r"\d+", " ".join(codes))} == NAMES.keys() - {204}


def test_the_handled_types_are_named() -> None:
    named = section("What is read").partition("What becomes something")[2].partition("\n\n")[0]
    singles = set(re.findall(r"[ARS]\d\d", named))
    ranged = {f"S{number}" for number in range(12, 18)} if "`SIU^S12` to `S17`" in named else set()
    assert singles | ranged == {each.partition("^")[2] for each in HANDLED_TYPES}


def one(**settings: object) -> list[Hl7Partner]:
    return [msgspec.convert({"name": "lis", "listen": "127.0.0.1:2575", "charset": "utf-8", **settings}, Hl7Partner)]


def test_four_settings_are_enough_on_loopback(tmp_path: Path) -> None:
    (listener,) = listeners(one(), tmp_path)
    assert (listener.host, listener.port, listener.partners[0].answers.nak) == (
        "127.0.0.1",
        2575,
        "accept_and_quarantine",
    )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"listen": "2575"}, "no address and port"),
        ({"listen": "127.0.0.1:lis"}, "no address and port"),
        ({"listen": "10.0.0.1:2575"}, "list the addresses"),
        ({"allow": ["10.0.0.1/8"]}, "allow"),
        ({"certificate": "missing.pem", "key": "missing.key", "authorities": "missing.pem"}, "No such file"),
        ({"certificate": "tls/gateway.pem"}, "lis: certificate, key or authorities"),
        (
            {"certificate": "tls/gateway.pem", "key": "tls/gateway.key", "authorities": "tls/partners.pem"},
            "whose certificate",
        ),
    ],
)
def test_settings_that_cannot_work_say_so(folder: Path, settings: dict[str, object], says: str) -> None:
    with pytest.raises(UnsafeListener, match=says):
        listeners(one(**settings), folder)


@pytest.mark.parametrize("settings", [{"charset": "gbk"}, {"nak": "never"}, {"charsett": "utf-8"}])
def test_settings_that_do_not_exist_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        one(**settings)


def test_partners_that_share_an_address_share_its_certificate(folder: Path) -> None:
    tls = {"certificate": "tls/gateway.pem", "key": "tls/gateway.key", "authorities": "tls/partners.pem"}
    lis = one(**tls, certificate_names=["lis"])
    his = one(**tls, name="his", certificate_names=["his"])
    (both,) = listeners([*lis, *his], folder)
    assert [each.name for each in both.partners] == ["lis", "his"]
    with pytest.raises(UnsafeListener, match="same certificate"):
        listeners([*lis, *one(name="his")], folder)
