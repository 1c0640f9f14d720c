"""The secret that service, bot and actions share: given by a setting, else made once and kept where only we can read it."""

from __future__ import annotations

import os
import secrets

from handoff.errors import BadSetting
from handoff.settings import Settings


def shared_secret(settings: Settings) -> str:
    """The secret. Raises `BadSetting` where its file can be neither read nor made."""
    given = settings.secret.get_secret_value()
    if given:
        return given
    path = settings.data_dir / "secret"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        except FileExistsError:
            pass
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{path}: the secret cannot be kept there ({error.strerror}). Check HEARD_DATA_DIR or set HEARD_SECRET.") from None
