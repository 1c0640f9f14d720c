"""YAML as clinics write it, read by the quick loader where there is one. Nothing but plain values comes out."""

from __future__ import annotations

from typing import Any

import yaml

LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)
