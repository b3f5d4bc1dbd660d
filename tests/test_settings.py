"""Settings: one table; flag, environment, file, default; nothing in a file stops a start."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import secret
from kiosk.errors import LocalError, UsageError
from kiosk.settings import SETTINGS, TABLE, Settings, SettingsErrors


def load(directory: Path, flags: dict[str, object] | None = None, **environ: str) -> Settings:
    return Settings.load({"data_dir": str(directory), **(flags or {})}, environ)


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        'server_ip = "10.0.0.1"\nserver_port = 81\nserver_count = 7\n'
    )
    settings = load(
        tmp_path, {"server_ip": "10.0.0.3"}, KIOSK_SERVER_IP="10.0.0.2", KIOSK_SERVER_PORT="82"
    )
    assert (settings.server_ip, settings.server_port) == ("10.0.0.3", 82)
    assert (settings.server_count, settings.retries) == (7, 3)
    names = ("server_ip", "server_port", "server_count", "retries")
    assert [settings.source(n) for n in names] == ["flag", "environment", "file", "default"]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: str(setting.name))
def test_every_default_passes_its_own_check_and_has_help(setting: Any) -> None:
    assert setting.read(setting.default) == setting.default
    assert setting.help.endswith(".")
    assert setting.flag.startswith("--")


@given(st.sampled_from(SETTINGS), st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()),
    st.dictionaries(st.text(), st.text()), st.lists(st.integers()),
))  # fmt: skip
def test_any_value_is_read_or_refused_in_words(setting: Any, value: object) -> None:
    try:
        read = setting.read(value)
    except UsageError as refused:
        fault = refused
    else:
        assert setting.read(read) == read, "reading again changes nothing"
        return
    assert fault.code == "bad-setting"
    assert fault.details["why"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server_ip", "169.254.169.254"), ("server_ip", "10.1.1.999"), ("server_ip", "a b"),
        ("server_ip", "http://x"), ("server_ip", "224.0.0.1"), ("server_ip", "u@h"),
        ("server_port", 22), ("server_port", 0), ("server_port", "x"), ("server_port", True),
        ("servers", "file:///etc/passwd"), ("servers", "gopher://a"), ("servers", "http://u@h"),
        ("servers", "http://127.0.0.1:22"), ("servers", ["http://169.254.169.254"]),
        ("master", "ftp://a"), ("language", "fr"), ("accent", "red"), ("pin", "12"),
        ("pin", "abcd"), ("server_count", 0), ("server_count", 255), ("title", "a\nb"),
        ("start_delay_s", -1), ("start_delay_s", float("nan")), ("start_delay_s", 10**400),
        ("auto_download", "perhaps"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(name: str, value: object) -> None:
    with pytest.raises(UsageError):
        TABLE[name].read(value)


def test_a_flag_that_makes_no_sense_ends_the_program(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, {"server_port": "x"})
    assert "server_port" in caught.value.message


@pytest.mark.parametrize("content", [b"\x00\xff", b"server_ip = ", b"[", b"\xef\xbb\xbf="])
@pytest.mark.fault("C5")
def test_a_broken_file_is_set_aside_and_the_terminal_starts(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    assert load(tmp_path).server_count == 1
    assert (tmp_path / "settings.toml.broken").read_bytes() == content
    assert not path.exists()


def test_a_bad_line_of_the_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('server_port = "x"\nfoo = 1\nserver_count = 3\n')
    settings = load(tmp_path)
    assert (settings.server_port, settings.server_count) == (8001, 3)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Settings.load({}, {}, tmp_path / "none.toml")


def test_saving_takes_effect_and_survives_a_restart(tmp_path: Path) -> None:
    settings = load(tmp_path).with_saved({"server_ip": "10.1.1.11", "server_count": "5"})
    assert (settings.server_ip, settings.server_count) == ("10.1.1.11", 5)
    again = load(tmp_path).with_saved({"title": '水务 "集团" \\ 🚰'})
    assert (again.server_count, again.title) == (5, '水务 "集团" \\ 🚰')
    assert load(tmp_path) == Settings.load({"data_dir": str(tmp_path)}, {})
    assert load(tmp_path).title == again.title


def test_several_faults_are_told_at_once_and_nothing_is_saved(tmp_path: Path) -> None:
    with pytest.raises(SettingsErrors) as caught:
        load(tmp_path).with_saved({"server_ip": "x y", "accent": "red", "title": "fine", "no": 1})
    assert set(caught.value.fields) == {"server_ip", "accent", "no"}
    assert not (tmp_path / "settings.toml").exists()


def test_what_a_flag_fixes_cannot_be_saved(tmp_path: Path) -> None:
    settings = load(tmp_path, {"server_ip": "10.1.1.11"})
    assert settings.locked("server_ip")
    with pytest.raises(SettingsErrors):
        settings.with_saved({"server_ip": "10.1.1.12"})


def test_what_belongs_to_the_machine_cannot_be_saved_from_the_page(tmp_path: Path) -> None:
    with pytest.raises(SettingsErrors):
        load(tmp_path).with_saved({"host": "10.0.0.1"})


def test_a_pin_is_kept_as_a_hash_in_a_private_file(tmp_path: Path) -> None:
    settings = load(tmp_path).with_saved({"pin": "4711"})
    path = tmp_path / "settings.toml"
    assert "4711" not in path.read_text().replace(settings.pin, "")
    assert secret.is_hash(settings.pin)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = load(tmp_path)
    assert again.pin_matches("4711")
    assert not again.pin_matches("4712")
    assert not again.pin_matches(settings.pin)
    assert again.with_saved({"pin": ""}).pin_matches("anything")


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(LocalError) as caught:
        load(blocked / "below").with_saved({"title": "x"})
    assert caught.value.code == "storage-failed"


def test_what_must_be_known_before_the_start_is_not_taken_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('async_mode = "threading"\ndata_dir = "/x"\n')
    settings = load(tmp_path)
    assert settings.async_mode == "eventlet"
    assert settings.directory == tmp_path
