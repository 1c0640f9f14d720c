"""Settings: a wrong value names itself and what is allowed; secrets come from files; origins are never open."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.errors import BadSetting
from handoff.secret import shared_secret
from handoff.settings import load

WRONG = [
    ("HEARD_PORT", "eighty", "HEARD_PORT", "must be a whole number from 1 to 65535."),
    ("HEARD_PORT", "70000", "HEARD_PORT", "must be a whole number from 1 to 65535."),
    ("HEARD_COUNTRY", "FR", "HEARD_COUNTRY", "must be US, GB, IE or ES."),
    ("HEARD_LOCALE", "fr", "HEARD_LOCALE", "must be en or es."),
    ("HEARD_TIME_ZONE", "Elm/Street", "HEARD_TIME_ZONE", "Europe/London"),
    ("HEARD_ORIGINS", "*", "HEARD_ORIGINS", "https://www.clinic.example"),
    ("HEARD_ORIGINS", "https://a.example/path", "HEARD_ORIGINS", "https://www.clinic.example"),
    ("HEARD_DATABASE_URL", "mysql://x", "HEARD_DATABASE_URL", "postgresql+psycopg://"),
    ("HEARD_REDIS_URL", "http://x", "HEARD_REDIS_URL", "redis://"),
    ("HEARD_LOG_LEVEL", "debug", "HEARD_LOG_LEVEL", "must be info, warning or error."),
    ("HEARD_DEMO", "perhaps", "HEARD_DEMO", "must be true or false."),
    ("HEARD_PUBLIC_URL", "ftp://x", "HEARD_PUBLIC_URL", "must begin with https://"),
    ("HEARD_BOT_TIMEOUT", "0", "HEARD_BOT_TIMEOUT", "must be a number above 0, at most 60."),
    ("HEARD_TWILIO_ACCOUNT_SID", "me", "HEARD_TWILIO_ACCOUNT_SID", "cannot be used. Twilio account, AC and 32 digits; empty: no Twilio."),
]


@pytest.mark.parametrize(("name", "value", "named", "allowed"), WRONG, ids=[f"{name}={value}" for name, value, _, _ in WRONG])
def test_a_wrong_value_names_itself_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refused:
        load()
    assert named in refused.value.message
    assert allowed in refused.value.message


def test_a_secret_may_come_from_a_file_and_shows_as_stars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("very secret\n")
    monkeypatch.setenv("HEARD_SECRET_FILE", str(tmp_path / "secret"))
    settings = load()
    assert settings.secret.get_secret_value() == "very secret"
    assert "very secret" not in repr(settings)


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARD_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(BadSetting, match="HEARD_SECRET_FILE"):
        load()


def test_the_environment_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HEARD_CLINIC_NAME=Elm Street Clinic\n")
    monkeypatch.chdir(tmp_path)
    assert load().clinic_name == "Elm Street Clinic"


def test_origins_are_our_own_and_those_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARD_ORIGINS", "https://a.example, https://b.example/")
    assert load().allowed_origins == ("http://127.0.0.1:8080", "http://localhost:8080", "https://a.example", "https://b.example")
    assert load(public_url="https://feedback.example/").allowed_origins[0] == "https://feedback.example"


def test_the_shared_secret_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path)
    first = shared_secret(settings)
    assert shared_secret(settings) == first
    assert len(first) == 43
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
