"""Training from end to end on a small made-up folder: the same files twice, a card that fits them, heads that can be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.encoder import load_encoder
from bot.heads import data, store
from bot.heads.layout import DANGERS
from bot.heads.model import Heads
from handoff.errors import BadInput
from handoff.plain import plain
from handoff.settings import ROOT
from tests.heads import small

pytestmark = pytest.mark.timeout(300)  # two trainings, on a machine that does other things too

TRAIN = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from bot.heads import data, store
from bot.heads.retrain import retrain
from bot.heads.train import Sizes
own = data.own()[::5]
data.own = lambda: own
sizes = Sizes(words=300, runs=300, folds=2, nets=1, epochs=1)
for number, to in enumerate(sys.argv[2:]):
    if number:  # the second time over what the first made of the public comments
        store.FOLDER = Path(sys.argv[2]) / "weights"
    numbers = retrain(Path(sys.argv[1]), Path(to), lambda line: None, sizes, own_only=bool(number))
print("RESULT" + json.dumps({name: [one.what for one in rows] for name, rows in numbers.items()}))
"""


def train(folder: Path, *to: Path) -> dict[str, list[str]]:
    """In a process of its own: TensorFlow is best kept out of the tests' own. Of our own messages every fifth, which is enough."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", TRAIN, str(folder), *map(str, to)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stderr[-3000:]
    found: dict[str, list[str]] = json.loads(lines[0].removeprefix("RESULT"))
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What two trainings on the same folder made, the second of them of our own heads alone."""
    folder = small.write(tmp_path_factory.mktemp("data"))
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    measured = train(folder, first, second)
    assert set(measured) == {"with_encoder", "sparse_only"}
    for what in (
        "themes, macro-F1",
        "seriously critical, AP",
        "labels, micro-F1",
        "wants a person (NLU++), F1",
        "own messages: any danger, recall",
    ):
        assert what in measured["with_encoder"]
        assert what in measured["sparse_only"]
    return first, second


def test_the_same_data_gives_the_same_files(trained: tuple[Path, Path]) -> None:
    first, second = trained
    assert store.digests(first / "weights") == store.digests(second / "weights")


def test_the_card_names_the_files_it_came_with(trained: tuple[Path, Path]) -> None:
    card = (trained[0] / "CARD.md").read_text(encoding="utf-8")
    for size, digest in store.digests(trained[0] / "weights").values():
        assert digest in card
        assert f"{size:,}" in card


@pytest.mark.parametrize("choice", ["minilm", "none"])
def test_what_was_trained_can_be_used(trained: tuple[Path, Path], choice: str) -> None:
    heads = Heads(load_encoder(choice), trained[0] / "weights")
    good, bad = heads.read("the nurse was lovely to me", "Trust A - Q1"), heads.read("the nurse was dreadful to me", "Trust A - Q1")
    assert good.theme == bad.theme == "Staff"
    assert good.sentiments["5"] < bad.sentiments["5"]
    assert good.serious < bad.serious
    assert abs(sum(good.themes.values()) - 1) < 1e-4


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nhs_themes_train\.csv"):
        data.read(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    small.write(tmp_path)
    (tmp_path / "shop_chat_train.csv").write_text("sentence\nhello\n", encoding="utf-8")
    with pytest.raises(BadInput, match="wants_person"):
        data.read(tmp_path)


def test_no_text_is_in_two_folds() -> None:
    grouped = data.groups(["Nothing.", "nothing", "NOTHING!", "Staff", "staff ", "…", "?"])
    assert grouped.tolist() == [0, 0, 0, 1, 1, 2, 3]
    fold = data.folds(grouped, 2, 0)
    assert len(set(fold[:3])) == len(set(fold[3:5])) == 1


def test_our_own_messages_are_many_of_each_danger_and_some_are_kept() -> None:
    messages = data.own()
    assert len({one.text for one in messages}) == len(messages)
    for danger in ("", *DANGERS):
        kept, learned = (sum(one.danger == danger and one.fold == fold for one in messages) for fold in ("validation", "train"))
        assert (kept >= 50, learned >= 120) == (True, True), danger
    assert all(one.fold in ("train", "validation") for one in messages)


def test_nobody_learns_from_what_the_table_of_danger_keeps_aside() -> None:
    table = yaml.safe_load((ROOT / "tests" / "triage" / "danger.yml").read_text(encoding="utf-8"))
    aside = {plain(sentence) for sentences in table["kept_aside"].values() for sentence in sentences}
    assert aside
    assert aside.isdisjoint(plain(one.text) for one in data.own())
