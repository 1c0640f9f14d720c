"""A broken CSV is named with its file, line and column, and nothing is written of it: for `heard score` and `heard train heads`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.heads import data, retrain
from bot.heads.csv_rows import read_rows
from bot.heads.model import Heads
from bot.heads.score import score
from handoff.cli import cli
from handoff.errors import BadInput
from tests.heads import small

GOOD: list[tuple[bytes, list[dict[str, str]]]] = [
    (b"text,question\nhello,q\n", [{"text": "hello", "question": "q"}]),
    (b"\xef\xbb\xbftext\r\nhello\r\n", [{"text": "hello"}]),
    (
        b'question,text\nq,"hello, ""you""\nthere"\n\nq,\n',
        [{"question": "q", "text": 'hello, "you"\nthere'}, {"question": "q", "text": ""}],
    ),
    (b'text,question\nhello\n"there",q,,\n', [{"text": "hello", "question": ""}, {"text": "there", "question": "q"}]),
    (b'text\n5" tall\nclosed\n', [{"text": '5" tall'}, {"text": "closed"}]),
    (b"id,text,note\n7,hello,x\n", [{"id": "7", "text": "hello", "note": "x"}]),
    (b"text\rhello\rthere\r", [{"text": "hello"}, {"text": "there"}]),
    (b"text\n" + b"word " * 200_000 + b"\n", [{"text": "word " * 200_000}]),
    (b"text\n", []),
]

BROKEN: list[tuple[bytes, str]] = [
    (b"", "1: the file is empty; its first line must name the columns."),
    (b"\xef\xbb\xbf\r\n", "1: the file is empty"),
    (b"\ntext\nhello\n", "1: there is no column named text; the line is empty."),
    (b"words\nhello\n", "1: there is no column named text; there is 'words'."),
    (b"Text, question\nhello,q\n", "1: there is no column named text; there is 'Text', ' question'."),
    (b"text;question\nhello;q\n", "1: there is no column named text; put commas between the columns."),
    (b"text\tquestion\nhello\tq\n", "1: there is no column named text; put commas between the columns."),
    (b"te\0xt\nhello\n", "1: a NUL byte stands there, which no text has; save the file again with the encoding UTF-8."),
    (b"question,text\nq,fine\nq,clo\0sed\n", "3: text: a NUL byte stands there"),
    (b'question,text\n"a\nb\0",fine\n', "3: question: a NUL byte stands there"),
    ("text\nhello\n".encode("utf-16-le"), "1: a NUL byte stands there"),
    (b"text,text\na,b\n", "1: text stands there twice."),
    (b"text,,\na,b,\n", "1: a column without a name stands there twice."),
    (b'text,question\na,b\n"hello,c\nd,e\n', "3: text: a quote is not closed, or one within the text is not doubled."),
    (b'question,text\n"a\nb",c\nq,"hello\n', "4: text: a quote is not closed"),
    (b'question,text\nq,"the "best" nurse"\n', "2: text: a quote is not closed"),
    (b'a,text,b\n"x, ""y""","fine, ""so""","bad" \n', "2: b: a quote is not closed"),
    (b'a,text\n"x"y,z\n', "2: a: a quote is not closed"),
    (b'a,text,b\n5"x,"un"closed",c\n', "2: text: a quote is not closed"),
    (b'text,"question\na,b\n', "1: field 2: a quote is not closed"),
    (b"text,question\nhello, you,q\n", "2: the row has 3 fields, and the head names 2; a text with a comma in it stands in quotes."),
    (b"question,text\nq\n", "2: text: is missing; the row has 1 fields, and the head names 2."),
    (b"question,text\nq,fine\nq,caf\xe9\n", "3: text: not saved as UTF-8; save it again with the encoding UTF-8."),
    (b'text,question\n"a\nb",what_\xe9\n', "3: question: not saved as UTF-8"),
    ("text\nhello\n".encode("utf-16"), "1: not saved as UTF-8"),
]


@pytest.mark.parametrize(("written", "read"), GOOD)
def test_a_file_is_read(tmp_path: Path, written: bytes, read: list[dict[str, str]]) -> None:
    (tmp_path / "in.csv").write_bytes(written)
    assert [row.fields for row in read_rows(tmp_path / "in.csv", "text")] == read


@pytest.mark.parametrize(("written", "why"), BROKEN)
def test_a_broken_file_is_named_with_its_place(tmp_path: Path, written: bytes, why: str) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(written)
    with pytest.raises(BadInput) as caught:
        read_rows(file, "text")
    assert caught.value.message.startswith(f"{file}:{why}")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_rows(tmp_path, "text")


def test_scoring_writes_nothing_of_a_file_that_is_broken_at_its_end(tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", io.StringIO()
    file.write_text("text\n" + "the nurse was kind\n" * 300 + '"never closed\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"in\.csv:302: text: a quote is not closed"):
        score(file, Heads(None), out)
    assert out.getvalue() == ""


THEMES, FELT, CALLS, SHOP = (f"{name}_train.csv" for name in ("nhs_themes", "nhs_sentiment", "asks_for_person", "shop_chat"))
MISLABELLED: list[tuple[str, str, str, str]] = [
    (THEMES, "criticality", "high", "'high' is no number"),
    (THEMES, "criticality", "7", "'7' is no whole number from -5 to 5"),
    (THEMES, "criticality", "nan", "'nan' is no whole number from -5 to 5"),
    (FELT, "sentiment", "0.0", "'0.0' is no whole number from 1 to 5"),
    (FELT, "sentiment", "2.5", "'2.5' is no whole number from 1 to 5"),
    (CALLS, "handoff", "yes", "'yes' is none of 0, 1"),
    (SHOP, "wants_person", "", "'' is none of 0, 1"),
    (SHOP, "wants_person", "where is my order, which I made last week?", "'where is my order, which I mad…' is none of 0, 1"),
]


@pytest.mark.parametrize(("name", "column", "value", "why"), MISLABELLED)
def test_a_label_that_there_is_not_is_named_and_nothing_is_written(tmp_path: Path, name: str, column: str, value: str, why: str) -> None:
    file = small.write(tmp_path) / name
    with file.open(encoding="utf-8", newline="") as before:
        rows = list(csv.DictReader(before))
    rows[3][column] = value
    with file.open("w", encoding="utf-8", newline="") as after:
        writer = csv.DictWriter(after, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(BadInput) as caught:
        retrain.retrain(tmp_path, tmp_path / "to", lambda line: None)
    assert caught.value.message == f"{file}:5: {column}: {why}."
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            "train,0,0,0,sadness,hello",
            "safety: 'sadness' is none of nothing, self_harm, overdose, emergency, abuse, harm_by_others, violence, other_in_danger.",
        ),
        ("test,0,0,0,,hello", "part: 'test' is none of train, validation."),
        ("train,0,x,0,,hello", "frustration: 'x' is none of 0, 1."),
    ],
)
def test_so_are_our_own_messages(tmp_path: Path, row: str, why: str) -> None:
    file = tmp_path / "messages.csv"
    file.write_text(f"part,wants_person,frustration,complexity,safety,text\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        data.own(file)
    assert caught.value.message == f"{file}:2: {why}"


def test_the_command_says_it_in_one_sentence(tmp_path: Path) -> None:
    small.write(tmp_path)
    (tmp_path / SHOP).write_text("sentence\nhello\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["train", "heads", "--data", str(tmp_path)])
    assert isinstance(done.exception, BadInput)
    assert done.exception.message == f"{tmp_path / SHOP}:1: there is no column named wants_person; there is 'sentence'."
