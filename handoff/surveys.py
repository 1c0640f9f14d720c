"""Reading config/surveys: every file checked for its shape and for sense, every mistake with its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from handoff.errors import BadSetting, BadSurvey
from handoff.messages_file import blanks
from handoff.mistake import Mistake, Place
from handoff.near import instead
from handoff.plain import plain
from handoff.shape import find_mistakes
from handoff.survey import Condition, Option, Question, Survey
from handoff.survey_file import SurveyFile
from handoff.yaml_text import line_of, parse, read_text, read_yaml, tell

LANGUAGES = ("en", "es")
_YES_NO: tuple[dict[str, Any], ...] = (
    {
        "value": "yes",
        "number": 1,
        "label": {"en": "Yes", "es": "Sí"},
        "synonyms": {"en": ["yeah", "yep", "yup", "sure", "of course", "definitely", "i did", "correct"], "es": ["claro", "por supuesto"]},
        "emoji": ["👍", "✅"],
    },
    {
        "value": "no",
        "number": 2,
        "label": {"en": "No", "es": "No"},
        "synonyms": {"en": ["nope", "nah", "not really", "never", "i didnt", "not at all"], "es": ["para nada", "nunca", "que va"]},
        "emoji": ["👎", "❌"],
    },
)


def load_surveys(folder: Path) -> dict[str, Survey]:
    """Every survey of `folder` by its id. Raises `BadSurvey` with the first mistake as `file:line: what`."""
    return dict(_load(folder, tuple(path.read_bytes() for path in _files(folder))))


@lru_cache(maxsize=4)
def _load(folder: Path, written: tuple[bytes, ...]) -> dict[str, Survey]:
    """`written`: what the files hold; the same is not read again."""
    errors = lint(folder)
    if errors:
        raise BadSurvey(errors[0])
    surveys = [_survey(read_yaml(path.read_text(encoding="utf-8"))) for path in _files(folder)]
    return {survey.id: survey for survey in surveys}


def lint(folder: Path) -> list[str]:
    """Every mistake in every survey file, as `file:line: what`; empty when all is well."""
    files = _files(folder)
    return [said for path in files for said in _lint_file(path)] if files else [f"{folder}: there is no survey here."]


def preview(survey: Survey, language: str, *, clinic: str = "the clinic") -> str:
    """How a survey reads: with buttons on a screen, as numbered lines in a text."""
    lines = [f"{survey.title[language]} ({survey.id}, version {survey.version})"]
    for number, question in enumerate(survey.questions, 1):
        gate = "; ".join(_gate(condition) for condition in question.when)
        lines += ["", f"{number}. {question.text[language].format(clinic=clinic)}" + (f"   [asked if {gate}]" if gate else "")]
        if question.options:
            lines.append("   screen: " + "  ".join(f"[{option.label[language]}]" for option in question.options))
            lines.append("   text:   " + " ".join(f"{place}) {option.label[language]}" for place, option in enumerate(question.options, 1)))
        elif question.kind == "zero_to_ten":
            lines.append("   screen: " + " ".join(f"[{value}]" for value in range(11)))
            lines.append("   text:   a number from 0 to 10")
        else:
            lines.append("   own words")
    return "\n".join(lines)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yml"))


def _lint_file(path: Path) -> Iterator[str]:
    """The mistakes of a file, from its first line to its last."""
    try:
        text = read_text(path)
        data = parse(path, text)
    except BadSetting as error:
        yield error.message
        return
    if not isinstance(data, dict):
        yield f"{path}: {'is empty' if data is None else 'must be a list of parts'}: id, version, title, questions and so on."
        return
    found = list(find_mistakes(SurveyFile, data, text)) or [Mistake(place, what) for place, what in _senseless(data, path.stem)]
    yield from (tell(path, text, mistake) for mistake in sorted(found, key=lambda mistake: line_of(text, mistake.place)))


def _senseless(data: Mapping[str, Any], stem: str) -> Iterator[tuple[Place, str]]:
    """What its shape does not tell."""
    if data["id"] != stem:
        yield ("id",), f"the id is {data['id']}, the file is {stem}.yml"
    yield from _languages(data["title"], ("title",))
    yield from _languages(data["thanks"], ("thanks",))
    earlier: dict[str, Mapping[str, Any]] = {}
    for number, question in enumerate(data["questions"]):
        place: Place = ("questions", number)
        if question["id"] in earlier or question["id"] == "follow_up":
            yield (*place, "id"), "there is another question of that id"
        for key in ("text", "again", "why"):
            if key in question:
                yield from _languages(question[key], (*place, key))
                yield from _filled_in(question[key], (*place, key))
        needs = question["kind"] in ("scale", "choice")
        if needs and "options" not in question:
            yield place, f"a {question['kind']} question needs options"
        if not needs and "options" in question:
            yield (*place, "options"), f"a {question['kind']} question has no options of its own"
        yield from _conditions(question.get("when", []), (*place, "when"), earlier)
        yield from _options(question.get("options", []), (*place, "options"))
        earlier[question["id"]] = question


def _languages(texts: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    for language in LANGUAGES:
        if language not in texts:
            yield place, f"there is no text for {language}"


def _filled_in(texts: Mapping[str, str], place: Place) -> Iterator[tuple[Place, str]]:
    """{clinic} is the clinic's name, and nothing else is filled in; in the answer to "why do you ask?" nothing is."""
    known = {"clinic"} if place[-1] != "why" else set()
    for language, text in texts.items():
        try:
            more = blanks(text) - known
        except ValueError:
            more = frozenset({"…"})
        if more:
            only = "between braces only {clinic} may stand, the name of the clinic"
            yield (*place, language), only if known else "nothing is filled in here; write it without braces"


def _conditions(conditions: list[Any], place: Place, earlier: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Place, str]]:
    for number, condition in enumerate(conditions):
        name = condition["question"]
        asked = earlier.get(name)
        if asked is None:
            yield (*place, number), f"the condition looks at {name}, which is not asked before{instead(name, earlier)}"
            continue
        options = _YES_NO if asked["kind"] == "yes_no" else asked.get("options", [])
        known = [option["value"] for option in options] or [str(value) for value in range(11)]
        for value in (*condition.get("any_of", []), *condition.get("none_of", [])):
            if value not in known:
                yield (*place, number), f"the condition looks for {value}, which is no answer to {name}{instead(value, known)}"


def _options(options: list[Any], place: Place) -> Iterator[tuple[Place, str]]:
    said: dict[tuple[str, str], str] = {}
    seen: dict[str, set[Any]] = {"value": set(), "number": set()}
    for number, option in enumerate(options):
        yield from _languages(option["label"], (*place, number, "label"))
        for key, known in seen.items():
            if option[key] in known:
                yield (*place, number), f"two options have the {key} {option[key]}"
            known.add(option[key])
        for language in LANGUAGES:
            words = [option["label"].get(language, ""), *option.get("synonyms", {}).get(language, [])]
            for word in words:
                other = said.setdefault((language, plain(word)), option["value"])
                if other != option["value"]:
                    yield (*place, number), f"'{word}' means both {other} and {option['value']}"


def _survey(data: Mapping[str, Any]) -> Survey:
    return Survey(
        id=data["id"],
        version=data["version"],
        title=data["title"],
        purpose=data["purpose"],
        source=data["source"],
        thanks=data["thanks"],
        questions=tuple(_question(question) for question in data["questions"]),
    )


def _question(data: Mapping[str, Any]) -> Question:
    options = _YES_NO if data["kind"] == "yes_no" else data.get("options", ())
    return Question(
        id=data["id"],
        kind=data["kind"],
        text=data["text"],
        again=data.get("again", data["text"]),
        why=data["why"],
        skip=data.get("skip", True),
        score=data.get("score", False),
        when=tuple(_condition(condition) for condition in data.get("when", ())),
        options=tuple(_option(option) for option in options),
    )


def _condition(data: Mapping[str, Any]) -> Condition:
    return Condition(
        question=data["question"],
        any_of=tuple(data.get("any_of", ())),
        none_of=tuple(data.get("none_of", ())),
        at_least=data.get("at_least"),
        at_most=data.get("at_most"),
    )


def _option(data: Mapping[str, Any]) -> Option:
    synonyms = {language: tuple(words) for language, words in data.get("synonyms", {}).items()}
    return Option(data["value"], data["number"], data.get("sentiment"), data["label"], synonyms, tuple(data.get("emoji", ())))


def _gate(condition: Condition) -> str:
    tests = [
        *(f"is {' or '.join(condition.any_of)}" for _ in condition.any_of[:1]),
        *(f"is not {' or '.join(condition.none_of)}" for _ in condition.none_of[:1]),
        *(f"is at least {condition.at_least}" for _ in [1] if condition.at_least is not None),
        *(f"is at most {condition.at_most}" for _ in [1] if condition.at_most is not None),
    ]
    return f"{condition.question} {' and '.join(tests) or 'was answered'}"
