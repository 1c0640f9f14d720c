"""A fault put into the service on purpose: one place in its source, changed while it holds."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """`old` stands in the source of `function`, and `new` in its place; `finds`: what the simulation then calls it;
    `seed`: of the first history to look at, shortly before one that meets it."""

    fault: str
    module: ModuleType
    function: str
    old: str
    new: str
    finds: frozenset[str]
    seed: int


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """The service with this fault."""
    *owner, name = mutant.function.split(".")
    holder: Any = getattr(mutant.module, owner[0]) if owner else mutant.module
    sound = getattr(holder, name)
    source = textwrap.dedent(inspect.getsource(sound))
    assert source.count(mutant.old) == 1, f"{mutant.function} has {source.count(mutant.old)} times: {mutant.old}"
    made: dict[str, Any] = {}
    exec("from __future__ import annotations\n" + source.replace(mutant.old, mutant.new), mutant.module.__dict__, made)
    setattr(holder, name, made[name])
    _forget(mutant.module)
    try:
        yield
    finally:
        setattr(holder, name, sound)
        _forget(mutant.module)


def _forget(module: ModuleType) -> None:
    """Statements that were built with the other source."""
    for member in vars(module).values():
        if hasattr(member, "cache_clear"):
            member.cache_clear()
