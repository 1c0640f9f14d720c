"""What a file of config/surveys must have in it. `python -m handoff.survey_file` prints it for editors, which read it as schema.json."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field

from handoff.shape import Part

Id = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", description="one word of small letters, digits and _, like waiting_time")]
Text = Annotated[str, Field(min_length=1, description="a text")]
Texts = Annotated[dict[str, Text], Field(min_length=1, description="a text for each language, like { en: How was it?, es: ¿Cómo fue? }")]


class Thanks(Part):
    """By how the answers were."""

    positive: Text
    neutral: Text
    negative: Text


class ConditionPart(Part):
    """Asked only where the answer to an earlier question is like this; with nothing but `question`, where it was answered."""

    question: str
    any_of: list[str] = []
    none_of: list[str] = []
    at_least: int | None = None
    at_most: int | None = None


class OptionPart(Part):
    """`number`: what it counts; `sentiment`: how glad it is; `synonyms`: other words for it, by language."""

    value: Annotated[
        str,
        Field(pattern="^[a-z0-9_]+$", description="one word of small letters, digits and _, like very_good"),
    ]
    number: int
    sentiment: Annotated[int, Field(ge=-2, le=2)] | None = None
    label: Texts
    synonyms: dict[str, list[Text]] = Field({}, description="a list for each language, like { en: [great], es: [genial] }")
    emoji: list[str] = []


class QuestionPart(Part):
    """`again`: other words, after two answers that fitted nothing; `why`: the answer to "why do you ask?"; `score`: a bad answer offers a
    person."""

    id: Id
    kind: Literal["scale", "choice", "zero_to_ten", "yes_no", "free_text"]
    text: Texts
    again: Texts | None = None
    why: Texts
    skip: bool = True
    score: bool = False
    when: list[ConditionPart] = Field([], description="a list of conditions, like [{ question: overall, any_of: [poor] }]")
    options: Annotated[list[OptionPart], Field(min_length=2, description="a list of at least two options")] | None = None


class SurveyFile(Part):
    """`id`: as the file is named, without .yml; `source`: where the wording comes from."""

    id: Id
    version: Annotated[str, Field(min_length=1, description='a text in quotes, like "1"')]
    title: Texts
    source: Text
    purpose: Literal["visit", "post_chat"]
    thanks: dict[str, Thanks]
    questions: list[QuestionPart] = Field(min_length=1, description="a list of at least one question, each after a dash")


def schema() -> str:
    return json.dumps(SurveyFile.model_json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
