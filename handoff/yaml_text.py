"""YAML as clinics write it, read by the quick loader where there is one. Nothing but plain values comes out."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

_QUICK: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_QUICK):  # type: ignore[misc]
    """Refuses a name that stands twice: the second would take the place of the first without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        names: dict[str, Any] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and (first := names.setdefault(key.value, key)) is not key:
                problem = f"{key.value} stands here a second time (first in line {first.start_mark.line + 1}); rename or remove one"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        read: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return read


LOADER: type[Any] = _Loader


def read_yaml(text: str) -> Any:
    """Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)
