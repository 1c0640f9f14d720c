"""Every setting: `HEARD_<NAME>` in the environment or in `.env`; `HEARD_<NAME>_FILE` reads a secret from a file."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from handoff.errors import BadSetting
from handoff.wanted import wanted_at

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "HEARD_"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port of the patient page, the console and the API.")
    public_url: str = Field(
        "", description="How the world reaches us, e.g. https://feedback.clinic.example; empty: http://127.0.0.1:<port>."
    )
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other sites whose pages may embed the chat, comma-separated, e.g. https://www.clinic.example."
    )
    data_dir: Path = Field(ROOT / ".heard", description="Folder of the database, the model, the secrets and the logs.")
    config_dir: Path = Field(ROOT / "config", description="Folder of the surveys, the messages and the routing rules.")
    database_url: str = Field("", description="postgresql+psycopg://… or sqlite:///…; empty: <data_dir>/heard.db.")
    redis_url: str = Field("", description="redis://… when there is more than one node; empty: one node.")
    node: str = Field("", description="This node's name among several; empty: made at start.")
    secret: SecretStr = Field(SecretStr(""), description="Shared by service, bot and actions; empty: made once and kept in <data_dir>.")

    bot_url: str = Field("", description="Where the bot listens; empty: http://127.0.0.1:<bot_port>.")
    bot_port: int = Field(5005, ge=1, le=65535, description="Loopback port of the bot that `heard run` starts.")
    actions_port: int = Field(5055, ge=1, le=65535, description="Loopback port of the actions that `heard run` starts.")
    encoder: Literal["minilm", "none"] = Field(
        "minilm", description="The bot's sentence encoder: minilm, or none to understand by words alone (less memory, less well)."
    )
    bot_timeout: float = Field(8.0, gt=0, le=60, description="Seconds to wait for one answer of the bot; it is asked twice.")

    clinic_name: str = Field("", max_length=60, description='The clinic\'s name, as patients say it; without one they read "the clinic".')
    clinic_phone: str = Field("", max_length=30, description="A number that patients may ring; shown as it is written here.")
    country: Literal["US", "GB", "IE", "ES"] = Field("US", description="Chooses the emergency numbers: US, GB, IE or ES.")
    time_zone: str = Field("UTC", description="The clinic's time zone, e.g. Europe/London.")
    locale: Literal["en", "es"] = Field("en", description="Language when the patient's is not known: en or es.")
    survey: str = Field("fft", description="The survey that patients are asked; a file name of config/surveys without .yml.")
    demo: bool = Field(True, description="Show the demo page at / and make a demo staff member; false on a real site.")

    twilio_account_sid: str = Field(
        "", pattern=r"^(AC[0-9a-fA-F]{32})?$", description="Twilio account, AC and 32 digits; empty: no Twilio."
    )
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Its auth token, which signs what Twilio sends us.")
    twilio_numbers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Our numbers there, comma-separated, e.g. +15550100100; the first one writes and calls."
    )
    twilio_api_url: str = Field("https://api.twilio.com", description="Where Twilio's REST API is.")
    simulator: bool = Field(False, description="Use the phone on the screen at /phone although there are Twilio credentials.")
    text_countries: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Countries that we text and call, comma-separated, e.g. US,CA; empty: HEARD_COUNTRY alone."
    )
    texts_per_day: int = Field(2000, ge=1, description="Segments of text a day for the whole clinic: the cap on what texting can cost.")
    texts_per_number_hour: int = Field(30, ge=1, le=600, description="Texts an hour to one number.")
    texts_per_second: float = Field(1.0, gt=0, le=100, description="Segments a second that our number may send (a US long code: 1).")

    fetch_media: bool = Field(
        False, description="Fetch the pictures that patients text and show them to staff; false: only that one came is shown."
    )

    choosing_minutes: int = Field(10, ge=1, le=120, description="How long we wait for a choice between the routes to a person.")
    max_wait_minutes: int = Field(8, ge=1, le=120, description="Longest wait for a person on the web before we offer something else.")
    staff_lost_seconds: int = Field(60, ge=20, le=600, description="How long staff may be gone before the patient is back in line.")
    answer_days: int = Field(3, ge=1, le=30, description="Days within which staff answer a patient who left a message.")
    idle_hours: int = Field(24, ge=1, le=720, description="A patient's silence after which an episode is closed.")
    patient_session_hours: int = Field(24, ge=1, le=720, description="Idle hours after which a patient's browser forgets the chat.")
    staff_idle_minutes: int = Field(15, ge=5, le=240, description="Idle minutes after which staff are signed out.")
    staff_session_hours: int = Field(12, ge=1, le=24, description="Hours after which staff sign in again in any case.")
    shared_device: bool = Field(False, description="Patients share this device: keep the chat in the tab only, show nothing old.")

    messages_per_minute: int = Field(60, ge=5, le=600, description="Messages a minute from one patient or one staff member.")
    sockets_per_address: int = Field(200, ge=1, le=10000, description="Open sockets from one network address.")
    retain_conversations_days: int = Field(730, ge=1, description="Days after its last change that a closed conversation is kept.")
    retain_audit_days: int = Field(2190, ge=1, description="Days that audit rows are kept (six years: 45 CFR 164.316).")
    retain_jobs_days: int = Field(7, ge=1, description="Days that finished jobs are kept.")
    log_level: Literal["info", "warning", "error"] = Field(
        "info", description="info, warning or error. There is no debug level: it would show what patients write."
    )

    @field_validator("origins", "twilio_numbers", "text_countries", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("origins")
    @classmethod
    def _origins_are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            scheme, _, rest = origin.partition("://")
            if scheme not in ("http", "https") or not rest or "/" in rest or "*" in rest:
                raise ValueError("each must look like https://www.clinic.example; * is not allowed")
        return value

    @field_validator("twilio_numbers")
    @classmethod
    def _numbers_are_international(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"\+[1-9]\d{6,14}", number) for number in value):
            raise ValueError("each must look like +15550100100")
        return value

    @field_validator("text_countries")
    @classmethod
    def _countries_are_codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Z]{2}", country) for country in value):
            raise ValueError("each must be two letters, like US")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be a name like Europe/London") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @field_validator("public_url")
    @classmethod
    def _real_sites_have_a_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// on loopback)")
        return value

    @model_validator(mode="after")
    def _twilio_is_whole(self) -> Settings:
        needed = {
            "twilio_account_sid": self.twilio_account_sid,
            "twilio_auth_token": self.twilio_auth_token.get_secret_value(),
            "twilio_numbers": self.twilio_numbers,
            "public_url": self.public_url,
        }
        missing = [name for name in list(needed)[:3] if not needed[name]]
        if 0 < len(missing) < 3 or (not missing and not self.public_url):
            raise ValueError(f"Twilio needs {', '.join(PREFIX + name.upper() for name, value in needed.items() if not value)} too")
        return self

    @property
    def url(self) -> str:
        """Our own origin, without a slash at the end."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def own_origins(self) -> tuple[str, ...]:
        """The origins that our own pages have."""
        return (self.url,) if self.public_url else (self.url, f"http://localhost:{self.port}")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Every origin whose pages may open a socket: our own and those listed; never empty, never `*`."""
        return (*self.own_origins, *self.origins)

    @property
    def bot(self) -> str:
        return self.bot_url or f"http://127.0.0.1:{self.bot_port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'heard.db'}"

    @property
    def tracker(self) -> str:
        """The bot's memory of turns, which can be rebuilt: a database of its own beside ours."""
        return f"sqlite:///{self.data_dir / 'tracker.db'}"

    @property
    def has_twilio(self) -> bool:
        """Are there credentials, and are they to be used?"""
        return bool(self.twilio_account_sid) and not self.simulator

    @property
    def countries(self) -> tuple[str, ...]:
        """Two-letter codes of the countries that we text and call."""
        return self.text_countries or (self.country,)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def patient_session(self) -> timedelta:
        return timedelta(hours=self.patient_session_hours)


def load(**overrides: object) -> Settings:
    """The settings of this process. Raises `BadSetting` with the setting's name and what is allowed."""
    try:
        return Settings(**{**_from_files(), **overrides})  # type: ignore[arg-type]
    except ValidationError as error:
        raise BadSetting(_sentence(error.errors()[0])) from None


def _sentence(error: ErrorDetails) -> str:
    """What is wrong; never what was given, which may be a secret."""
    if not error["loc"] or error["type"] == "value_error":
        what = error["msg"].removeprefix("Value error, ")
    else:
        wanted = wanted_at(Settings, error["loc"][:1])
        what = f"cannot be used. {wanted.said}" if wanted.kind is str else f"must be {wanted.by_type}"
    name = PREFIX + str(error["loc"][0]).upper() if error["loc"] else "A setting"
    return f"{name}: {what.rstrip('.')}."


def _from_files() -> dict[str, str]:
    """What `HEARD_<NAME>_FILE` names, read. Raises `BadSetting` with the name where a file cannot be read."""
    found = {}
    for field in Settings.model_fields:
        name = f"{PREFIX}{field.upper()}_FILE"
        if name in os.environ:
            try:
                found[field] = Path(os.environ[name]).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadSetting(f"{name}: the file cannot be read ({error.strerror}).") from None
    return found
