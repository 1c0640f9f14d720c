"""The heads as shipped: plain files that fit their card, and readings that make sense of any text."""

from __future__ import annotations

import ast
import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from bot.encoder import load_encoder
from bot.heads import data, measure, questions, store
from bot.heads.clauses import MOST, clauses
from bot.heads.layout import DANGERS
from bot.heads.model import Heads
from bot.heads.score import score
from bot.heads.wire import to_wire
from handoff.cli import cli
from handoff.danger import look_for_danger
from handoff.errors import BadInput, BadSetting
from handoff.routing_file import load_routing
from handoff.settings import ROOT, load
from handoff.spelling import read_wording
from handoff.understanding import read_understanding

MOST_BYTES = 8_000_000
KEPT_ASIDE_FOUND, KEPT_ASIDE_FALSE = 45 / 60, 15 / 60  # 47 and 13 when these were set
ODD = [
    "",
    "   ",
    "👍",
    "a" * 10_000,
    "so " * 5_000,
    "¿qué?",
    "病院はとても良かった",
    "\x00\ufffd",
    "=1+1",
    '"quoted"\nand\nbroken',
    "/restart",
]


@pytest.fixture(scope="module", params=["minilm", "none"])
def heads(request: pytest.FixtureRequest) -> Heads:
    return Heads(load_encoder(request.param))


@pytest.fixture(scope="module")
def full() -> Heads:
    return Heads(load_encoder("minilm"))


def test_the_card_fits_the_files() -> None:
    card = store.CARD.read_text(encoding="utf-8")
    found = store.digests()
    for size, digest in found.values():
        assert digest in card
        assert f"{size:,}" in card
    assert sum(size for size, _ in found.values()) <= MOST_BYTES
    assert {path.name for path in store.FOLDER.iterdir()} == set(found)


def test_there_is_no_pickle() -> None:
    for path in store.FOLDER.glob("*.npz"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                array = np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
                assert array.dtype != object
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                assert not {"pickle", "joblib", "dill", "cloudpickle"} & {name.split(".")[0] for name in names}, path
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant)
                assert node.value.value is False


def test_broken_weights_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.npz").write_bytes(b"PK\x03\x04 rubbish")
    with pytest.raises(BadSetting, match="heard train heads"):
        store.load(tmp_path / "vocabulary.npz")
    with pytest.raises(BadSetting, match=r"heads\.json"):
        Heads(None, tmp_path)


def test_each_class_of_danger_is_one_of_the_rules() -> None:
    assert set(DANGERS) <= set(load_routing(load().config_dir / "routing.yml", country="US").safety.classes)


@pytest.mark.parametrize("text", ODD)
def test_any_text_has_a_reading(heads: Heads, text: str) -> None:
    reading = heads.read(text, "What could we do better?")
    for chances in (reading.themes, reading.criticalities, reading.sentiments):
        assert sum(chances.values()) == pytest.approx(1, abs=1e-3)
    assert all(0 <= chance <= 1 for chance in (*reading.own.values(), *reading.label_chances.values(), reading.serious))
    assert (len(reading.themes), len(reading.label_chances), len(reading.sentiments)) == (9, 34, 5)
    assert read_understanding(to_wire(reading)).sentiment == reading.sentiment


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What could we do better?", "could_improve"),
        ("What did we do well?", "what_good"),
        ("Please can you tell us why you gave your answer?", "nonspecific"),
        ("Overall, how was your experience of our service?", "nonspecific"),
        ("Was it good or bad?", "nonspecific"),
        ("¿Qué podríamos mejorar?", "could_improve"),
        ("Trust A - Q1", "could_improve"),
        ("what_good", "what_good"),
        ("", "nonspecific"),
    ],
)
def test_a_question_is_known_by_what_it_asks_for(question: str, kind: str) -> None:
    assert questions.kind_of(question) == kind


def test_the_question_changes_what_nothing_means(full: Heads) -> None:
    better, good = full.read("Nothing", "What could we do better?"), full.read("Nothing", "What was good about it?")
    assert better.theme == "Couldn't be improved"
    assert better.themes["Couldn't be improved"] > good.themes["Couldn't be improved"]
    assert better.criticalities["3"] > good.criticalities["3"]
    assert (better.sentiment, good.sentiment) == (1, 5)  # nothing to improve is praise, nothing that was good is not


@pytest.mark.parametrize(
    ("text", "theme"),
    [("The nurses were lovely and so kind", "Staff"), ("the room was filthy and the car park full", "Environment/ facilities")],
)
def test_plain_themes(full: Heads, text: str, theme: str) -> None:
    assert full.read(text).theme == theme


def test_sentiment_and_criticality_go_the_same_way(full: Heads) -> None:
    good, bad = full.read("Wonderful care, thank you all so much"), full.read("Dreadful. Rude staff, left in pain for hours, a disgrace")
    assert good.sentiment <= 2 < 4 <= bad.sentiment
    assert good.serious < 0.1 < 0.5 < bad.serious


def test_what_was_kept_for_validation_is_told_apart(full: Heads) -> None:
    kept = [one for one in data.own() if one.fold == "validation"]
    readings = [full.read(one.text) for one in kept]
    for name, least in (("wants_person", 0.7), ("frustration", 0.5), ("complexity", 0.8)):
        labelled = [number for number, one in enumerate(kept) if getattr(one, name) is not None]
        truth = np.array([float(getattr(kept[number], name)) for number in labelled])
        assert measure.average_precision(truth, np.array([readings[number].own[name] for number in labelled])) >= least, name
    danger = np.array([float(bool(one.danger)) for one in kept])
    chances = np.array([max(reading.own[name] for name in DANGERS) for reading in readings])
    assert measure.recall(danger, chances >= 0.5) >= 0.7
    assert measure.false_alarms(danger, chances >= 0.5) <= 0.12
    assert measure.average_precision(danger, chances) >= 0.88


@pytest.mark.parametrize(
    "praise", ["The nurses were lovely and the room was clean.", "Waited ten minutes, no complaints. Parking was easy enough."]
)
@pytest.mark.parametrize("danger", ["my stepdad gets into my bed", "I want to be dead by the morning", "he is kicking the front door in"])
def test_danger_between_praise_is_heard(full: Heads, danger: str, praise: str) -> None:
    reading = full.read(f"{praise} {danger}. {praise} Thank you all so much.")
    assert max(reading.own[name] for name in DANGERS) >= 0.5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("all good", []),
        ("He hits me at home.", []),
        ("All good. He hits me at home. Bye", ["He hits me at home."]),
        ("It was fine. He hits me at home. Bye now all", ["It was fine.", "He hits me at home.", "Bye now all"]),
        (" ".join(map(str, range(26))), [" ".join(map(str, range(16))), " ".join(map(str, range(10, 26)))]),
    ],
)
def test_the_parts_of_a_message(text: str, found: list[str]) -> None:
    assert clauses(text) == found
    assert len(clauses("so it goes on. " * 500)) == MOST


def test_rules_and_model_together_on_what_the_table_of_danger_keeps_aside(full: Heads) -> None:
    """Never trained or tuned on: what the service would raise, and what it would raise for nothing."""
    rules = load_routing(load().config_dir / "routing.yml", country="US").rules
    table = yaml.safe_load((ROOT / "tests" / "triage" / "danger.yml").read_text(encoding="utf-8"))["kept_aside"]

    def raised(sentence: str) -> bool:
        look, sure = look_for_danger(read_wording(sentence, rules.safety.spelling), rules.safety), rules.model_safety
        certain = max(full.read(sentence).own[name] for name in DANGERS)
        return look.danger is not None or certain >= (sure.held_back if look.held else sure.at_least)

    must = [sentence for danger, sentences in table.items() if danger != "none" for sentence in sentences]
    found, false = sum(map(raised, must)), sum(map(raised, table["none"]))
    print(f"kept aside, rules and model: recall {found} of {len(must)}, false alarms {false} of {len(table['none'])}")
    assert found >= KEPT_ASIDE_FOUND * len(must)
    assert false <= KEPT_ASIDE_FALSE * len(table["none"])


def scored(path: Path, heads: Heads) -> list[dict[str, str]]:
    out = io.StringIO()
    score(path, heads, out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_scoring_gives_a_row_for_each_row(heads: Heads, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as to:
        writer = csv.writer(to)
        writer.writerow(["question", "text", "more"])
        texts = [text for text in ODD if "\0" not in text]  # with which a file is refused
        writer.writerows(["what_good", text, "x"] for text in texts)
    rows = scored(file, heads)
    assert len(rows) == len(texts)
    for row in rows:
        assert None not in row.values()
        assert sum(float(row[f"p_sentiment_{step}"]) for step in range(1, 6)) == pytest.approx(1, abs=1e-3)
        assert sum(name.startswith("p_themes_") for name in row) == 34
        assert sum(name.startswith("p_theme_") for name in row) == 9
        assert row["sentiment"] in "12345"
        assert -5 <= int(row["criticality"]) <= 5
        assert {"p_serious", "p_wants_person", "p_frustration", "p_complexity", *(f"p_{danger}" for danger in DANGERS)} <= set(row)


@pytest.mark.parametrize(
    "body", ["text\nhello\n", "text,other\nhello\n", "\ufefftext\r\nhello\r\n", "text,question\nhello\n", "text,question\nhello,"]
)
def test_a_question_may_be_missing(full: Heads, tmp_path: Path, body: str) -> None:
    file = tmp_path / "in.csv"
    file.write_text(body, encoding="utf-8", newline="")
    assert scored(file, full)[0]["p_theme_Staff"] == scored(file, full)[0]["p_theme_Staff"]
    assert len(scored(file, full)) == 1


def test_the_command_needs_neither_rasa_nor_tensorflow(tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("text,question\nthe nurse was kind,what_good\n", encoding="utf-8")
    code = (
        f"import sys; sys.argv = ['heard', 'score', {str(file)!r}, '--output', {str(out)!r}]\n"
        "from handoff.cli import main\nmain()\n"
        "heavy = {'rasa', 'tensorflow', 'sklearn', 'scipy'} & set(sys.modules)\nassert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    assert next(csv.DictReader(out.open(encoding="utf-8")))["theme"] == "Staff"


@pytest.mark.parametrize(
    ("given", "to", "left", "why"),
    [
        ("text\nthe nurse was kind\n", "same.csv", "sentiment,", None),  # the file itself may be named
        ("words\nthe nurse was kind\n", "earlier.csv", "a\n", BadInput),  # what is there already stays until all was read
        ("text\nthe nurse was kind\n", "nowhere/new.csv", None, BadInput),
    ],
)
def test_a_result_takes_the_place_of_a_file_only_when_it_is_whole(
    tmp_path: Path, given: str, to: str, left: str | None, why: type[Exception] | None
) -> None:
    source, output = tmp_path / "same.csv", tmp_path / to
    source.write_text(given, encoding="utf-8")
    (tmp_path / "earlier.csv").write_text("a\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["score", str(source), "--output", str(output)], env={"HEARD_ENCODER": "none"})
    assert type(done.exception) is (why or type(None))
    assert output.read_text(encoding="utf-8").startswith(left) if left is not None else not output.exists()
    assert not list(tmp_path.glob("*.part"))
