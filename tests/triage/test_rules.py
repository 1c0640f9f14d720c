"""How a rule is written and read: phrases, spelling, and a mistake named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from handoff.errors import BadSetting
from handoff.phrases import BadPhrase, Phrases, examples, read_phrase
from handoff.routing_file import load_routing
from handoff.spelling import Spelling, read_wording, slips_of
from tests.house import ROOT

FILE = ROOT / "config" / "routing.yml"
LISTS = {"kin": ["mum|dad", "father in law"], "other": ["he|she", "my <kin>"], "loop": ["<loop>"]}


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("kill myself", "i will kill myself now", True),
        ("kill myself", "i skill myself", False),
        ("kill myself", "kill my self", False),
        ("kill|hurt myself", "hurt myself", True),
        ("(kill|do away with) myself", "do away with myself", True),
        ("very (very)? sad", "very sad", True),
        ("very (very)? sad", "very very sad", True),
        ("took ... pills", "took all of his pills", True),
        ("took ... pills", "took a b c d pills", False),
        ("bleed*", "bleeding", True),
        ("took <number> pills", "took 30 pills", True),
        ("took <number> pills", "took 2 pills", False),
        ("<other> hits", "my father in law hits", True),
        ("<other> hits", "my cat hits", False),
        ("pills & tonight", "tonight i will take the pills", True),
        ("pills & tonight", "the pills are for tonight", True),
        ("pills & tonight", "the pills", False),
        ("pills & tonight", "pills a b c d e f g h tonight", True),
        ("pills & tonight", "pills a b c d e f g h i tonight", False),
        ("(my|the) pills & took|take & all", "all of it i took all my pills", True),
        ("(my|the) pills & took|take & all", "i took my pills", False),
        ("my pills & pills", "my pills", False),
        ("my pills & pills", "my pills all the pills", True),
    ],
)
def test_a_phrase_means(phrase: str, text: str, found: bool) -> None:
    """Alone, in the middle of a long text, and twice in it: around its rarest word is room enough."""
    read = Phrases((read_phrase(phrase, LISTS),))
    assert (read.first(f" {text} ") is not None) is found
    long = "so it went on and on " * 50
    assert len(list(read.find(f" {long}{text} {long}{text} "))) == 2 * found


def test_where_a_phrase_stands_in_a_long_text_is_the_same_as_with_a_search_from_end_to_end() -> None:
    words = f" {'he hits my mum and she hits his dad back and it hits ' * 40}"
    for phrase in ("<other> hits", "(mum|dad) ... (and|back)", "h* hits", "(he)? hits (his|my)?"):
        read = read_phrase(phrase, LISTS)
        assert [(one.start, one.end) for one in Phrases((read,)).find(words)] == [one.span() for one in read.pattern.finditer(words)]


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("", "empty"),
        ("(a)? (b)?", "no word that must be there"),
        ("(a|b", "a bracket is missing"),
        ("a) b", "a bracket is missing"),
        ("<nobody> hits", "no word list <nobody>"),
        ("<loop> hits", "made of itself"),
        ("can't", "not a plain word"),
        ("Kill", "not a plain word"),
        ("mañana", "not a plain word"),
        ("a||b", "a word is missing before or behind a bar"),
    ],
)
def test_a_bad_phrase_says_why(phrase: str, why: str) -> None:
    with pytest.raises(BadPhrase, match=why):
        read_phrase(phrase, LISTS)


@pytest.mark.parametrize(
    ("word", "right", "near"),
    [
        ("suicide", "suicide", True),
        ("suicde", "suicide", True),
        ("suicidee", "suicide", True),
        ("siucide", "suicide", True),
        ("suecide", "suicide", True),
        ("sucde", "suicide", False),
        ("decide", "suicide", False),
        ("breathe", "breath", True),
    ],
)
def test_one_slip_is_forgiven(word: str, right: str, near: bool) -> None:
    assert (word in set(slips_of(right))) is near


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can’t go on", " i can not go on "),
        ("su!cide k1ll", " suicide kill "),
        ("k i l l", " kill "),
        ("heeeelp", " heelp "),
        ("He'll hurt me", " he will hurt me "),
        ("hell", " hell "),
        ("call 999 or 9111", " call 999 or 9111 "),
        ("", " "),
        ("!!!", " "),
    ],
)
def test_a_text_is_read_as_plain_words(text: str, words: str) -> None:
    assert read_wording(text, Spelling({"cant": "can not", "he'll": "he will"}, ("suicide",))).words == words


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("kill|hurt myself", ["kill myself", "hurt myself"]),
        ("very (very)? sad", ["very very sad", "very sad"]),
        ("(do away|be done) with ... it", ["do away with it", "be done with it"]),
        ("took <number> pill*", ["took 20 pill"]),
        ("my <kin> hits", ["my mum hits"]),
    ],
)
def test_what_a_phrase_says(phrase: str, said: list[str]) -> None:
    assert list(examples(phrase, LISTS)) == said
    assert all(read_phrase(phrase, LISTS).pattern.search(f" {text} ") for text in said)


def broken(tmp_path: Path, change: str) -> str:
    """The message for the shipped file with one line of Python done to it."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    exec(change, {"data": data})
    path = tmp_path / "routing.yml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadSetting) as caught:
        load_routing(path, country="US")
    return str(caught.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ("data['safety']['abuse']['always'][3] = 'he <hit'", "safety.abuse.always.4", "not a plain word"),
        ("data['safety']['self_harm']['always'].append('wanna die')", "safety.self_harm.always", "is read as 'want to'"),
        ("data['complexity']['kinds']['long_story']['phrases'].append(\"it's a long tale\")", "long_story", "'it's' is read as 'it is'"),
        ("data['complexity']['kinds']['long_story']['phrases'].append('its a long tale')", "long_story", "read as 'it is a long tale'"),
        ("data['safety']['abuse']['always'].append(\"i can't leave him\")", "safety.abuse.always", "'can't' is read as 'can not'"),
        ("data['safety']['abuse']['always'].append('my dad’s belt')", "safety.abuse.always", "'dad’s' is read as 'dads'"),
        ("data['safety']['sadness'] = {'always': ['sad']}", "safety.sadness", "must be self_harm, overdose"),
        ("data['not_danger']['hold_back']['said_not'].pop('before')", "not_danger.hold_back.said_not", "before, near or anywhere"),
        (
            "data['safety']['abuse']['always'].append('he hits my self')",
            "safety.abuse.always",
            "'he hits my self' is read as 'he hits myself'",
        ),
        ("data['safety']['abuse']['usually'].append('(no) one|body helps')", "safety.abuse.usually", "'no one helps' is read as 'nobody"),
        ("data['spelling']['not_near'].remove('breath')", "not_danger.idioms", "so it can never be found"),
        ("data['not_danger']['idioms'].append('(kill|killing) myself')", "must_find.self_harm", "'I want to kill myself' must be found as"),
        ("data['safety']['self_harm']['always'].append('husband hits me')", "must_find.abuse.1", "is now found as self_harm"),
        ("data['not_danger']['hold_back']['praised'].update(near=[], lifted_before=[])", "must_find", "(held back by praised)"),
        ("data.pop('must_find')", "must_find", "must_find is missing"),
        (
            "data['frustration']['words']['anger']['points'] = 200",
            "frustration.words.anger.points",
            "must be a number from 0 to 20, not 200",
        ),
        ("data['topics']['money'] = ['(a']", "topics.money", "a bracket is missing"),
        ("data['words']['kin'] = ['<kin>']", "", "made of itself"),
        ("data['on_call'] = [{'after': 2, 'who': 'admin'}]", "on_call", "after 0 minutes"),
        ("data['on_call'][1]['phones'] = ['+1 202 555 0123']", "on_call.2.phones.1", 'no spaces: "+12025550123"'),
        ("data['on_call'][1]['phones'] = ['+120255501234']", "on_call.2.phones.1", "too long for a telephone number"),
        ("data['on_call'][1]['phones'] = ['+19005550123']", "on_call.2.phones.1", "a number that costs whoever texts it"),
        ("data['on_call'][1]['phones'] = ['+447700900123']", "on_call.2.phones.1", "of a country that the clinic does not text"),
        ("data['on_call'][0]['phones'] = ['+12025550123'] * 2", "on_call.1.phones.2", "it stands here twice"),
        ("data['safety'].pop('overdose'), data['must_find'].pop('overdose')", "safety", "overdose: each class of danger needs"),
        ("data['must_find'].pop('abuse')", "safety", "abuse: each class of danger needs"),
        ("data['not_danger']['idioms'].append('(kill|killing) myself')", "must_find.self_harm.1", "no longer found at all"),
        ("data['safety']['abuse']['always'].append('after my overdse')", "safety.abuse.always", "is read as 'after my overdose'"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(tmp_path: Path, change: str, place: str, why: str) -> None:
    message = broken(tmp_path, change)
    assert place in message
    assert why in message
    assert message.split(":")[0].isdigit(), message


def test_phones_of_the_countries_that_the_clinic_texts_are_called(tmp_path: Path) -> None:
    path = tmp_path / "routing.yml"
    step = "  - { after: 2, who: supervisor }\n"
    text = FILE.read_text(encoding="utf-8")
    assert step in text
    path.write_text(text.replace(step, '  - { after: 2, who: supervisor, phones: ["+447700900123"] }\n'), encoding="utf-8")
    found = load_routing(path, country="US", countries=("US", "GB")).on_call
    assert [step.phones for step in found] == [(), ("+447700900123",), ()]


def test_a_long_phrase_goes_on_in_the_next_line(tmp_path: Path) -> None:
    changed = tmp_path / "routing.yml"
    phrase = "      - kill|killing|killed myself\n"
    text = FILE.read_text(encoding="utf-8")
    assert phrase in text
    changed.write_text(text.replace(phrase, "      - kill|\n          killing|\n        killed\n        myself\n"), encoding="utf-8")
    assert load_routing(changed, country="US").rules.safety == load_routing(FILE, country="US").rules.safety


@pytest.mark.parametrize("text", ["it's a long story", "It’s a long story", "its a long story", "it is a long story"])
def test_the_long_form_is_found_however_it_is_written(text: str) -> None:
    rules = load_routing(FILE, country="US").rules
    assert rules.complexity.kinds["long_story"].phrases.first(read_wording(text, rules.safety.spelling).words) is not None


def test_a_manager_reads_the_file_without_scrolling_sideways() -> None:
    assert max(map(len, FILE.read_text(encoding="utf-8").splitlines())) <= 140


def test_two_files_never_go_by_one_version(tmp_path: Path) -> None:
    other = tmp_path / "routing.yml"
    other.write_text(FILE.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert load_routing(other, country="US").version != load_routing(FILE, country="US").version


@pytest.mark.parametrize(("old", "new"), [("  overdose:\n", "  self_harm:\n"), ("  offer_at: ", "  offer_at: 20\n  offer_at: ")])
def test_a_name_that_stands_twice_is_refused_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "routing.yml"
    path.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadSetting, match=r"routing.yml:\d+: (self_harm|offer_at) stands here a second time"):
        load_routing(path, country="US")


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "routing.yml"
    path.write_bytes(FILE.read_text(encoding="utf-8").encode() + "# mañana\n".encode("cp1252"))
    with pytest.raises(BadSetting, match="UTF-8"):
        load_routing(path, country="US")


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "routing.yml"
    path.write_text('version: "1"\nsafety: [\n', encoding="utf-8")
    with pytest.raises(BadSetting, match=r"routing.yml:2: a bracket of this line"):
        load_routing(path, country="US")
