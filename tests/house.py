"""House rules that no linter knows: the core imports no I/O, pages never parse text as HTML, files stay small, nothing is left for later.

`python -m tests.house` prints each breach as `file:line: what` and ends with 1 where there is one.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = (
    *("conversation", "triage", "survey", "reading", "numbers", "plain", "routes", "signals", "errors"),
    *("danger", "history", "phrases", "points", "question", "after_danger", "gone_wrong", "spelling", "understanding"),
    *("routing", "callback", "case", "promise", "consent", "hours", "window_words"),  # as they come
    *("gsm7", "splitting", "quiet", "outbound_text", "text_errors", "text_line", "opt_out", "call", "call_words", "language"),
    *("move_words", "mistake", "near"),
)
PURE = {
    *(
        "__future__",
        "abc",
        "bisect",
        "collections",
        "collections.abc",
        "dataclasses",
        "datetime",
        "difflib",
        "enum",
        "functools",
        "itertools",
    ),
    *("math", "re", "typing", "unicodedata"),
}
TOP = {
    *("pyproject.toml", "README.md", "bot", "actions", "handoff", "widget", "config", "tests"),
    *("Makefile", "uv.lock", "CHANGELOG.md", "SECURITY.md", "LICENSE", ".ci", ".gitignore"),
}
HTML = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML)\b")
LATER = re.compile(r"\b(TODO|FIXME|XXX)\b")
SKIPPED = re.compile(r"pytest\.(skip|mark\.(skip|xfail))")
LONG = 300
LONG_FOR_A_REASON = {
    "tests/test_asking.py": "one dialogue, every way through it",
    "tests/test_desk.py": "one cast, every deed",
    "tests/test_moving.py": "one dialogue, every way through it",
    "tests/test_calls.py": "one cast, every deed of a call, on both databases",
    "tests/test_callback_flows.py": "one story after the other",
    "tests/test_store.py": "every promise of the store, on both databases",
    "tests/test_jobs.py": "leases, fences and every duty, on both databases",
    "tests/browser/test_console.py": "one table of flows",
    "tests/browser/console_server.py": "one stand-in with all its faults",
    "widget/feedback-chat.js": "the element's whole public face",
    "widget/transport.js": "one line to the service, with all its ways back",
    "tests/test_invariants.py": "one table of breaches, and the clinic that it breaks",
    "handoff/jobs.py": "leaving, claiming and ending a job: one set of statements, built once",
    "handoff/store/tables.py": "every table, in one place",
    "handoff/store/migrations/versions/0001_first.py": "written by Alembic",
    "handoff/settings.py": "every setting, in one place",
    "handoff/console/words.js": "every word of the console, to be translated in one place",
    "handoff/console/desk.js": "the model of the whole console; its own issue will split it with its views",
}


def breaches() -> Iterator[str]:
    for name in _tracked():
        path = ROOT / name
        if name.split("/")[0] not in TOP:
            yield f"{name}:1: there is no place for this at the top level"
        if "/vendor/" in name or path.suffix not in (".py", ".js", ".yml", ".css", ".html", ".ts"):
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > LONG and path.suffix in (".py", ".js") and name not in LONG_FOR_A_REASON:
            yield f"{name}:1: {len(lines)} lines; split it, or give a reason in tests/house.py"
        if name != "tests/house.py":
            yield from _in_lines(name, lines)
    for noun in CORE:
        path = ROOT / "handoff" / f"{noun}.py"
        if path.exists():
            yield from _impure(path)


def _in_lines(name: str, lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if name.endswith(".js") and HTML.search(line):
            yield f"{name}:{number}: text is set with textContent, never parsed as HTML"
        if LATER.search(line):
            yield f"{name}:{number}: nothing is left for later"
        if SKIPPED.search(line):
            yield f"{name}:{number}: no test is skipped"


def _impure(path: Path) -> Iterator[str]:
    """The core takes values and returns values: no I/O, no clock, no await."""
    name = path.relative_to(ROOT)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith):
            yield f"{name}:{node.lineno}: the core does not await"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("now", "utcnow", "today"):
            yield f"{name}:{node.lineno}: the core has no clock"
        for module in _imports(node):
            own = module.removeprefix("handoff.")
            if module not in PURE and not (module.startswith("handoff.") and own in CORE):
                yield f"{name}:{node.lineno}: the core does not import {module}"  # type: ignore[attr-defined]


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).exists()]


if __name__ == "__main__":
    found = list(breaches())
    print("\n".join(found) or "The house rules hold.")
    sys.exit(bool(found))
