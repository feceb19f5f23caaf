"""What a site writes, and what it is told when it cannot be followed."""

import os
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from myelin.settings import RULES, Listen, Settings, SettingsError, load_settings

HOME = {"HOME": "/home/lin"}


def write(folder: Path, text: str) -> Path:
    path = folder / "myelin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(text: str, folder: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(write(folder, text), HOME)
    return str(refused.value)


def refusal_of(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(None, HOME | environ)
    return str(refused.value)


def test_without_anything_a_server_for_this_machine_alone() -> None:
    settings = load_settings(None, HOME)
    assert settings.listen == (Listen("127.0.0.1", 8008),)
    assert settings.public_url == "http://127.0.0.1:8008"
    assert (settings.database_url, settings.registration, settings.room_version) == (None, "closed", "12")
    assert settings.rate_limits
    assert settings.require_encryption


@pytest.mark.parametrize(
    ("uid", "environ", "folder"),
    [
        (0, HOME, "/var/lib/myelin"),
        (1000, HOME, "/home/lin/.local/share/myelin"),
        (1000, HOME | {"XDG_DATA_HOME": "/data/lin"}, "/data/lin/myelin"),
        (1000, HOME | {"XDG_DATA_HOME": "relative"}, "/home/lin/.local/share/myelin"),
    ],
)
def test_data_lies_where_its_owner_keeps_data(
    uid: int, environ: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert load_settings(None, environ).data_dir == Path(folder)


def test_a_file_sets_everything(tmp_path: Path) -> None:
    text = """
        server_name = "hospital.example:8448"
        public_url = "https://matrix.hospital.example/"
        listen = "[::]:8448"
        tls_cert = "tls/chain.pem"
        tls_key = "/etc/tls/key.pem"
        trusted_proxies = ["10.0.0.0/8", "2001:db8::1"]
        data_dir = "../elsewhere"
        database_url = "postgresql://myelin@database/myelin"
        registration = "open"
        rate_limits = false
        require_encryption = false
        password_cost = "low"
        log_level = "DEBUG"
        room_version = 11
        upload_limit_bytes = 1_000
        turn_uris = ["turn:turn.hospital.example?transport=udp"]
        turn_secret = "turn-secret"
        turn_ttl_seconds = 600
    """
    settings = load_settings(write(tmp_path, text), {})
    assert settings.server_name == "hospital.example:8448"
    assert settings.public_url == "https://matrix.hospital.example"
    assert settings.listen == (Listen("::", 8448),)
    assert settings.tls_cert == tmp_path / "tls/chain.pem"
    assert settings.tls_key == Path("/etc/tls/key.pem")
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128"))
    assert settings.data_dir == tmp_path.parent / "elsewhere"
    assert (settings.registration, settings.log_level, settings.room_version) == ("open", "debug", "11")
    assert settings.password_cost.memory_cost_kib < 1024
    assert (settings.upload_limit_bytes, settings.turn_ttl_seconds) == (1_000, 600)
    assert not settings.rate_limits
    assert not settings.require_encryption


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'server_name = "file.example"\nlog_level = "error"\nrate_limits = true')
    environ = {
        "MYELIN_SERVER_NAME": "environ.example",
        "MYELIN_RATE_LIMITS": "false",
        "MYELIN_UPLOAD_LIMIT_BYTES": "2048",
        "MYELIN_TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.1",
        "MYELIN_DATA_DIR": "here",
        "MYELIN_LOG_LEVEL": "",
    }
    settings = load_settings(path, HOME | environ)
    assert settings.server_name == "environ.example"
    assert settings.rate_limits is False
    assert settings.upload_limit_bytes == 2048
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("192.168.1.1/32"))
    assert settings.data_dir == Path.cwd() / "here"
    assert settings.log_level == "error"


@pytest.mark.parametrize(
    "line",
    [
        "data_dir = 1",
        'data_dir = ""',
        'server_name = "white space"',
        'server_name = "hospital.example\\n"',
        'server_name = "-"',
        'public_url = "matrix.hospital.example"',
        'public_url = "https://hospital.example/?a=b"',
        'listen = "8008"',
        'listen = ":8008"',
        'listen = "127.0.0.1:65536"',
        'listen = "127.0.0.1:0"',
        'listen = "::1:8008"',
        'listen = "[hospital:1]:8008"',
        "tls_cert = false",
        "tls_key = 3",
        'trusted_proxies = ["proxy"]',
        'trusted_proxies = ["10.0.0.1/8"]',
        "trusted_proxies = 10",
        'database_url = "mysql://database"',
        'registration = "maybe"',
        'rate_limits = "true"',
        "require_encryption = 1",
        'password_cost = "high"',
        'log_level = "loud"',
        'room_version = "9"',
        "upload_limit_bytes = 0",
        'upload_limit_bytes = "much"',
        'turn_uris = ["http://turn"]',
        'turn_secret = ""',
        "turn_ttl_seconds = 1",
        'trusted_proxies = [["10.0.0.0/8"]]',
    ],
)
def test_a_bad_setting_is_named_with_what_it_must_be(line: str, tmp_path: Path) -> None:
    name = line.split(" ", maxsplit=1)[0]
    sentence = refusal(line, tmp_path)
    assert sentence == f"The setting {name} in {tmp_path / 'myelin.toml'} must be {RULES[name].expected}."


def test_a_bad_variable_is_named_as_it_is_written() -> None:
    assert refusal_of(MYELIN_RATE_LIMITS="perhaps") == "The setting MYELIN_RATE_LIMITS must be true or false."


def test_an_unknown_setting_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    assert "no setting servername in" in refusal('servername = "a"', tmp_path)
    assert refusal('servername = "a"', tmp_path).endswith("use server_name.")
    assert refusal("[colours]\nink = 1", tmp_path).endswith("remove it.")
    assert refusal_of(MYELIN_REGISTRATIONS="open") == "There is no setting MYELIN_REGISTRATIONS: use registration."


def test_a_file_that_is_not_there_or_not_toml_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml cannot be read: No such file"):
        load_settings(tmp_path / "absent.toml", {})
    assert "is not TOML" in refusal("server_name = ", tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'server_name = "\xff"')
    with pytest.raises(SettingsError, match="is not TOML in UTF-8"):
        load_settings(tmp_path / "latin.toml", {})


@pytest.mark.parametrize("address", ["0.0.0.0:8008", "[::]:8008", "192.168.1.5:80", "hospital.example:8008"])
def test_the_network_is_refused_without_encryption(address: str) -> None:
    assert f"The setting listen ({address})" in refusal_of(MYELIN_LISTEN=address)
    tls = {"MYELIN_TLS_CERT": "chain.pem", "MYELIN_TLS_KEY": "key.pem"}
    assert load_settings(None, HOME | tls | {"MYELIN_LISTEN": address}).public_url == f"https://{address}"
    proxy = {"MYELIN_TRUSTED_PROXIES": "10.1.2.3", "MYELIN_LISTEN": address}
    assert not load_settings(None, HOME | proxy).listen[0].is_loopback()


def test_a_server_listens_at_several_addresses(tmp_path: Path) -> None:
    expected = (Listen("127.0.0.1", 8008), Listen("::1", 8008))
    settings = load_settings(write(tmp_path, 'listen = ["127.0.0.1:8008", "[::1]:8008"]'), {})
    assert settings.listen == expected
    assert load_settings(None, HOME | {"MYELIN_LISTEN": "127.0.0.1:8008, [::1]:8008"}).listen == expected
    assert settings.public_url == "http://127.0.0.1:8008"
    assert "(0.0.0.0:80) opens" in refusal_of(MYELIN_LISTEN="127.0.0.1:8008 0.0.0.0:80")
    assert "listen" in refusal("listen = []", tmp_path)


@pytest.mark.parametrize("address", ["127.0.0.1:8008", "127.9.9.9:1", "[::1]:8008", "localhost:8008"])
def test_loopback_needs_no_encryption(address: str) -> None:
    settings = load_settings(None, HOME | {"MYELIN_LISTEN": address})
    assert settings.listen[0].is_loopback()
    assert settings.public_url == f"http://{address}"


def test_settings_that_belong_together(tmp_path: Path) -> None:
    assert "tls_cert and tls_key belong together" in refusal('tls_cert = "chain.pem"', tmp_path)
    assert "tls_cert and tls_key belong together" in refusal('tls_key = "key.pem"', tmp_path)
    assert "turn_uris needs turn_secret" in refusal('turn_uris = ["turn:a"]', tmp_path)


def test_no_secret_is_repeated(tmp_path: Path) -> None:
    secrets = 'database_url = "postgresql://myelin:hush@database/m"\nturn_secret = "hush"'
    assert "hush" not in repr(load_settings(write(tmp_path, secrets), HOME))
    assert "hush" not in refusal('database_url = "hush://myelin:hush@database"', tmp_path)
    assert "hush" not in refusal('listen = "hush"', tmp_path)


def test_every_setting_has_its_rule() -> None:
    assert {field.name for field in fields(Settings)} == set(RULES)


def test_own_encryption_opens_the_network() -> None:
    own = {"MYELIN_TLS": "own", "MYELIN_SERVER_NAME": "im.hospital.example:8448"}
    settings = load_settings(None, HOME | own | {"MYELIN_LISTEN": "0.0.0.0:443"})
    # Nobody can ask for 0.0.0.0, and no certificate holds for it.
    assert settings.public_url == "https://im.hospital.example:443"
    assert load_settings(None, HOME | own | {"MYELIN_LISTEN": "10.0.0.5:443"}).public_url == "https://10.0.0.5:443"
    more = {"MYELIN_TLS_NAMES": "hospital.example, 10.0.0.9 fd00::9", "MYELIN_CA_LISTEN": "0.0.0.0:80"}
    settings = load_settings(None, HOME | own | more)
    assert settings.tls_names == ("hospital.example", "10.0.0.9", "fd00::9")
    assert settings.ca_listen == Listen("0.0.0.0", 80)


def test_own_encryption_makes_its_certificate_itself() -> None:
    assert "leave out tls_cert" in refusal_of(MYELIN_TLS="own", MYELIN_TLS_CERT="a", MYELIN_TLS_KEY="b")
    assert 'belong to tls = "own"' in refusal_of(MYELIN_TLS_NAMES="hospital.example")
    assert 'belong to tls = "own"' in refusal_of(MYELIN_CA_LISTEN="0.0.0.0:80")
    assert "must be files or own" in refusal_of(MYELIN_TLS="on")
    for name in ("*.hospital.example", "https://hospital.example", "-x", ""):
        assert "MYELIN_TLS_NAMES must be" in refusal_of(MYELIN_TLS="own", MYELIN_TLS_NAMES=f"a,{name or '/'}")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("everybody", ("everybody",)), ("nobody", ()), ("医,护 1003", ("医", "护", "1003")), ("@1003:x", ("@1003:x",))],
)
def test_who_may_make_rooms(written: str, meant: tuple[str, ...]) -> None:
    assert load_settings(None, HOME | {"MYELIN_CREATE_GROUPS": written}).create_groups == meant


def test_rooms_are_made_by_everybody_or_nobody_unless_somebody_says_who() -> None:
    settings = load_settings(None, HOME)
    assert (settings.create_groups, settings.create_broadcasts, settings.create_patient_rooms) == (
        ("everybody",),
        (),
        (),
    )
    assert "MYELIN_CREATE_GROUPS" in refusal_of(MYELIN_CREATE_GROUPS="nobody,医")


def test_announcements_have_a_title_or_are_off(tmp_path: Path) -> None:
    assert load_settings(None, HOME).announcements == "全院公告"
    assert load_settings(write(tmp_path, 'announcements = ""'), HOME).announcements is None
    assert load_settings(None, HOME | {"MYELIN_ANNOUNCEMENTS": "off"}).announcements is None
    assert "MYELIN_ANNOUNCEMENTS" in refusal_of(MYELIN_ANNOUNCEMENTS="x" * 101)
    assert load_settings(None, HOME | {"MYELIN_ANNOUNCERS": "1012 _lab"}).announcers == ("1012", "_lab")
    for everybody in ("everybody", "医"):
        assert "MYELIN_ANNOUNCERS" in refusal_of(MYELIN_ANNOUNCERS=everybody)
