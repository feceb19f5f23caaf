"""One file, each of its values from the environment where it has one; a mistake is named, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from myelin_gateway.cli.checking import findings
from myelin_gateway.main.settings import Settings, SettingsError, load_settings

WRITTEN = """
[homeserver]
url = "https://im.hospital.example"
user = "@_lab:hospital.example"
password_file = "gateway.password"

[[partners]]
name = "lis-2"
protocol = "hl7v2"
listen = "127.0.0.1:2575"
charset = "gb18030"
"""


def load(folder: Path, text: str = WRITTEN, **environ: str) -> Settings:
    file = folder / "gateway.toml"
    file.write_text(text)
    return load_settings(file, environ)


def test_what_may_be_left_out_has_a_default(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.store.url, settings.console.listen) == ("sqlite:///gateway.db", "127.0.0.1:8090")
    assert settings.partners[0].nak == "accept_and_quarantine"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        GATEWAY_HOMESERVER_USER="@_other:hospital.example",
        GATEWAY_STORE_URL="postgresql://db/gateway",
        GATEWAY_PARTNERS_LIS_2_ALLOW="10.0.0.1,10.1.0.0/16",
        GATEWAY_PARTNERS_LIS_2_FALLBACK_ROLE="检验科-值班",
    )
    assert settings.homeserver.user == "@_other:hospital.example"
    assert settings.store.url == "postgresql://db/gateway"
    assert settings.partners[0].allow == ("10.0.0.1", "10.1.0.0/16")
    assert settings.partners[0].fallback_role == "检验科-值班"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('charset = "gb18030"', "", "charset"),
        ('charset = "gb18030"', 'charset = "gb18030"\nnack = "strict"', "nack"),
        ("https://", "http://", "homeserver.url"),
        ("@_lab:hospital.example", "lab", "homeserver.user"),
        ("[[partners]]", '[store]\nurl = "mysql://db"\n[[partners]]', "store.url"),
        ("[[partners]]", WRITTEN[WRITTEN.index("[[partners]]") :] + "[[partners]]", "one name"),
        ("[homeserver]", "[homeserver", "TOML"),
    ],
)
def test_what_cannot_work_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(tmp_path, WRITTEN.replace(old, new))


@pytest.mark.parametrize("name", ["GATEWAY_PASSWORD", "GATEWAY_PARTNERS_RIS_LISTEN", "GATEWAY_STORE"])
def test_an_unknown_variable_is_named_and_not_repeated(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name) as told:
        load(tmp_path, **{name: "hunter2"})
    assert "hunter2" not in str(told.value)


def test_check_tells_everything_at_once(tmp_path: Path) -> None:
    found = findings(load(tmp_path, WRITTEN.replace("127.0.0.1:2575", "0.0.0.0:2575")), tmp_path)
    fatal = [each.sentence for each in found if each.is_fatal]
    assert len(fatal) == 2 and "password_file" in fatal[0] and "may connect" in fatal[1]
    assert any("fallback_role" in each.sentence for each in found if not each.is_fatal)


def test_a_password_that_others_can_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "gateway.password").write_text("secret")
    (tmp_path / "gateway.password").chmod(0o644)
    found = findings(load(tmp_path), tmp_path)
    assert any("chmod 600" in each.sentence for each in found) and not any(each.is_fatal for each in found)
