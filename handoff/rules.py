"""The rules of config/routing.yml, compiled: lists of words as a person wrote them in, expressions and weights out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handoff.danger import HoldBack, Phrased, SafetyRules, look_for_danger
from handoff.mistake import Mistake, Place
from handoff.phrases import NONE, BadPhrase, Lists, Phrase, Phrases, examples, read_phrase
from handoff.plain import plain
from handoff.points import ComplexityRules, FrustrationRules, Group
from handoff.routing_file import ComplexityPart, FrustrationPart, GroupPart, HoldBackPart, ModelSafetyPart, RoutingFile, WishPart
from handoff.spelling import Spelling, read_wording
from handoff.triage import ModelSafety, Rules, WishRules


class Reader:
    """Reads phrases, and says where a bad one stands."""

    def __init__(self, lists: Lists, spelling: Spelling) -> None:
        self._lists = lists
        self._spelling = spelling
        self._forgiven: dict[str, str] = {}  # the same words stand in many phrases

    def phrases(self, written: Sequence[str], *place: int | str, at_end: bool = False) -> Phrases:
        """The phrases of a list, or `NONE` for an empty one. Raises `Mistake`."""
        if not written:
            return NONE
        return Phrases(tuple(self._read(phrase, (*place, number), at_end) for number, phrase in enumerate(written)))

    def _read(self, phrase: str, place: Place, at_end: bool) -> Phrase:
        try:
            for word in _words(phrase):
                if (heard := self._heard(word)) != word:
                    raise BadPhrase(f"'{word}' is read as '{heard}' (spelling): write that")
            read = read_phrase(phrase, self._lists, at_end=at_end)
            self._can_be_said(phrase, read)
            return read
        except BadPhrase as error:
            raise Mistake(place, str(error)) from None

    def _heard(self, word: str) -> str:
        """What is read where a patient writes `word`. What else is wrong with a word than an apostrophe is told elsewhere."""
        bare = plain(self._spelling.unclip(word)) if set("'’") & set(word) else word
        return self._spelling.means.get(bare, bare)

    def _can_be_said(self, phrase: str, read: Phrase) -> None:
        """What the phrase says, letter by letter, must be found by it: the spelling part may make other words of it."""
        for said in examples(phrase, self._lists):
            for word in said.split():
                if word not in self._forgiven:
                    self._forgiven[word] = self._spelling.forgive(word)
            heard = self._spelling.write_out(" ".join(self._forgiven[word] for word in said.split()))
            if heard.strip() != said and Phrases((read,)).first(heard) is None:
                raise BadPhrase(
                    f"'{said}' is read as '{heard.strip()}' (spelling), so it can never be found: write that, or add the word to not_near"
                )


def read_rules(read: RoutingFile, version: str) -> Rules:
    """Compile a file. Raises `Mistake` with the place of the first mistake."""
    spelling = Spelling(read.spelling.means, tuple(read.spelling.near), frozenset(read.spelling.not_near))
    reader = Reader(read.words, spelling)
    for name in read.words:
        reader.phrases([f"<{name}>"], "words", name)
    return Rules(
        version=version,
        safety=_safety(read, reader, spelling),
        wish=_wish(read.wants_person, read.frustration.model.wants_person, reader),
        frustration=_frustration(read.frustration, reader),
        complexity=_complexity(read.complexity, reader),
        topics={name: reader.phrases([f"({entry})" for entry in words], "topics", name) for name, words in read.topics.items()},
        model_safety=_model_safety(read.safety_model),
    )


def _model_safety(part: ModelSafetyPart) -> ModelSafety:
    return ModelSafety(part.at_least, part.at_least_when_held_back, {str(name): sure for name, sure in part.classes.items()})


def _safety(read: RoutingFile, reader: Reader, spelling: Spelling) -> SafetyRules:
    classes: dict[str, Phrased] = {
        name: Phrased(
            reader.phrases(part.always, "safety", name, "always"),
            reader.phrases(part.usually, "safety", name, "usually"),
        )
        for name, part in read.safety.items()
    }
    idioms = reader.phrases(read.not_danger.idioms, "not_danger", "idioms")
    hold_back = tuple(_hold_back(name, part, reader) for name, part in read.not_danger.hold_back.items())
    rules = SafetyRules(classes, spelling, idioms, hold_back)
    for danger, sentences in read.must_find.items():
        for number, sentence in enumerate(sentences):
            _must_find(sentence, danger, ("must_find", danger, number), rules)
    return rules


def _must_find(sentence: str, danger: str, place: Place, rules: SafetyRules) -> None:
    """A change that hides a plain cry for help, however it does so, is no rule file."""
    look = look_for_danger(read_wording(sentence, rules.spelling), rules)
    if look.danger is None:
        why = f" (held back by {look.held[0][1]})" if look.held else ""
        raise Mistake(place, f"'{sentence}' must be found as {danger}, and is no longer found at all{why}")
    if look.danger.danger != danger:
        raise Mistake(place, f"'{sentence}' must be found as {danger}, and is now found as {look.danger.danger} ('{look.danger.rule}')")


def _hold_back(name: str, part: HoldBackPart, reader: Reader) -> HoldBack:
    place = ("not_danger", "hold_back", name)
    if not (part.before or part.near or part.anywhere):
        raise Mistake(place, "it must say what stands before, near or anywhere")
    return HoldBack(
        name=name,
        classes=frozenset(part.classes),
        before=reader.phrases(part.before, *place, "before", at_end=True),
        near=reader.phrases(part.near, *place, "near"),
        anywhere=reader.phrases(part.anywhere, *place, "anywhere"),
        lifted_before=reader.phrases(part.lifted_before, *place, "lifted_before", at_end=True),
        lifted_near=reader.phrases(part.lifted_near, *place, "lifted_near"),
        lifted_by=reader.phrases(part.lifted_by, *place, "lifted_by"),
        also_always=part.also_always,
    )


def _wish(part: WishPart, model: float, reader: Reader) -> WishRules:
    return WishRules(
        say=reader.phrases(part.say, "wants_person", "say"),
        alone=reader.phrases(part.alone, "wants_person", "alone"),
        unless=reader.phrases(part.unless, "wants_person", "unless"),
        declined=reader.phrases(part.declined, "wants_person", "declined"),
        declined_first=reader.phrases(part.declined_first, "wants_person", "declined_first"),
        model=model,
    )


def _frustration(part: FrustrationPart, reader: Reader) -> FrustrationRules:
    return FrustrationRules(
        offer_at=part.offer_at,
        watch_at=part.watch_at,
        words=_groups(part.words, reader, "frustration", "words"),
        unless=reader.phrases(part.unless, "frustration", "unless"),
        signs={str(name): points for name, points in part.signs.items()},
        corrections=reader.phrases(part.corrections, "frustration", "corrections"),
        model=part.model.frustration,
        at_least=part.model.at_least,
        sentiment=part.model.sentiment,
    )


def _complexity(part: ComplexityPart, reader: Reader) -> ComplexityRules:
    return ComplexityRules(
        offer_at=part.offer_at,
        watch_at=part.watch_at,
        kinds=_groups(part.kinds, reader, "complexity", "kinds"),
        unless=reader.phrases(part.unless, "complexity", "unless"),
        long_words=part.long_words,
        long_points=part.long_points,
        topics_many=part.topics_many,
        topics_points=part.topics_points,
        model=part.model.complexity,
        at_least=part.model.at_least,
    )


def _groups(parts: Mapping[str, GroupPart], reader: Reader, *place: str) -> dict[str, Group]:
    return {name: Group(part.points, reader.phrases(part.phrases, *place, name, "phrases")) for name, part in parts.items()}


def _words(phrase: str) -> list[str]:
    """The words of a phrase, its marks left out."""
    for mark in "()?|":
        phrase = phrase.replace(mark, " ")
    return [word for word in phrase.split() if not word.startswith("<") and word != "..."]
