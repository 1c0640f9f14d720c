"""What the heads learn from: the four files of a folder, and our own messages. Read here, never copied into the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from actions.people import _danger
from bot.heads.csv_rows import read_rows
from bot.heads.layout import DANGERS
from handoff.plain import plain

OWN = Path(__file__).resolve().parent / "messages.csv"
EXAMPLES = Path(__file__).resolve().parent.parent / "data"
PARTS = ("train", "validation")  # of our own messages


@dataclass(frozen=True)
class Comment:
    """One comment of the NHS files. What is not labelled in a row is empty, or None for `labels`."""

    text: str
    question: str
    theme: str = ""
    part: str = ""  # the finer theme
    criticality: str = ""
    sentiment: str = ""
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Message:
    """One message of our own, of a bank's or hotel's callers, or of a shop's chat. A label that its source does not give is None."""

    text: str
    source: str  # own | bot | nlu++ | shop
    fold: str = ""
    wants_person: bool | None = None
    frustration: bool | None = None
    complexity: bool | None = None
    danger: str | None = None  # one of layout.DANGERS, or "" for none


@dataclass(frozen=True)
class Data:
    comments: list[Comment] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def read(folder: Path) -> Data:
    """All of it. Raises `BadInput` with the file, the line and the column of the first mistake."""
    comments = [
        Comment(row["feedback"], row["question"], row["label"], row["subcategory"], row.step("criticality", -5, 5))
        for row in read_rows(folder / "nhs_themes_train.csv", "feedback question label subcategory criticality")
    ]
    comments += [
        Comment(
            row["text"],
            row["question_kind"],
            sentiment=row.step("sentiment", 1, 5),
            labels=tuple(label for label in row["themes"].split("|") if label),
        )
        for row in read_rows(folder / "nhs_sentiment_train.csv", "text question_kind sentiment themes")
    ]
    messages = [
        Message(row["text"], "nlu++", row["fold"], wants_person=row.flag("handoff"))
        for row in read_rows(folder / "asks_for_person_train.csv", "text fold handoff")
    ]
    messages += [
        Message(row["sentence"], "shop", wants_person=row.flag("wants_person"))
        for row in read_rows(folder / "shop_chat_train.csv", "sentence wants_person")
    ]
    return Data([one for one in comments if one.text.strip()], [*messages, *own(), *examples()])


def own(path: Path = OWN) -> list[Message]:
    """Our own messages; `fold` is train or validation. Raises `BadInput`."""
    return [
        Message(
            row["text"],
            "own",
            row.one_of("part", PARTS),
            wants_person=row.flag_if_given("wants_person"),
            frustration=row.flag_if_given("frustration"),
            complexity=row.flag_if_given("complexity"),
            danger=row.one_of("safety", ("", *DANGERS)),
        )
        for row in read_rows(path, "text part wants_person frustration complexity safety")
    ]


def examples(folder: Path = EXAMPLES) -> list[Message]:
    """The bot's own training sentences, labelled by their intents; those that our validation half has as well are left out."""
    kept = {plain(one.text) for one in own() if one.fold == "validation"}
    found: list[Message] = []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or []:
            lines = [line.removeprefix("- ").strip() for line in block.get("examples", "").splitlines() if line.strip()]
            found += [_example(block["intent"], line) for line in lines if plain(line) not in kept]
    return found


def _example(intent: str, text: str) -> Message:
    """What an intent says of a sentence; an opinion may be frustrated or complex or neither, so it is labelled as none of it."""
    if intent == "unsafe":
        return Message(text, "bot", danger=_danger(text))
    if intent == "wants_person":
        return Message(text, "bot", wants_person=True, danger="")
    if intent == "frustrated":
        return Message(text, "bot", frustration=True, danger="")
    if intent == "opinion":
        return Message(text, "bot", wants_person=False, danger="")
    return Message(text, "bot", wants_person=False, frustration=False, complexity=intent == "medical_question", danger="")


def groups(texts: list[str]) -> Any:
    """A number for each text; texts that are the same but for capitals, accents and punctuation have the same one."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(plain(text) or text, len(known)) for text in texts])


def folds(grouped: Any, count: int, seed: int) -> Any:
    """Each row's fold, 0..count-1; a group is never split."""
    drawn = np.random.RandomState(seed).permutation(int(grouped.max()) + 1) % count
    return drawn[grouped]
