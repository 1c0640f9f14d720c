"""The model card: what the heads learned from, how good they are on what they did not see, and which files they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bot.encoder import FILES, FROM_END, FROM_START, MAX_TOKENS
from bot.heads import data, measure, store
from bot.heads.measure import Measured
from bot.heads.sparse import MAX_CHARS

_TEXT = """# Model card: the heads

What a patient's message shows: sentiment, criticality, themes, and whether it asks for a person, is frustrated, is complex or
speaks of danger. Written by `heard train heads --data DIR` on {day}; do not edit it by hand.

**Meant for** sorting and showing conversations in Heard. **Not meant for** deciding alone: danger is found by the fixed phrases
of `config/routing.yml` as well, a person answers, and no head's silence means that all is well. English first; of Spanish only
our own messages and the bot's examples are known, and the sentence encoder was trained on English. Of a text longer than {pieces} word
pieces (some 50 words; one text in thirty) the encoder reads the first {start} and the last {end}; of words and runs the first {chars:,}
characters count.

## Learned from

| data | rows | licence | for |
| --- | --- | --- | --- |
| NHS patient-experience comments, phase 1 (CDU-data-science-team/pxtextmining) | {nhs1} | MIT | 9 themes, criticality |
| the same, v6 framework | {nhs2} | MIT | sentiment, 34 labels |
| NLU++ (PolyAI-LDN/task-specific-datasets), intent `handoff` | {nlu} | CC BY 4.0 | wants a person |
| HINT3 v1 curekart (hellohaptik/HINT3): wants a person, or is angry at the bot | {shop} | ODbL 1.0 | wants a person |
| our own messages, `bot/heads/messages.csv` | {own} | MIT, as the project | wants a person, frustration, complexity, danger |
| the bot's example sentences, `bot/data`, by their intents | {bot} | MIT, as the project | the same |

No row of the first four is in the project, only what was learned from them. Criticality -5 and 5 are on the scale and not in the
data. Words, pairs and runs of characters were chosen by how many texts have them, whatever their label; no sentence of a data set
is kept.

**Our own messages** were written for this project by its developers, in the voices of patients and relatives who answer these
surveys by web chat and text message: terse, rambling, sarcastic, politely furious, misspelt, Spanish, for somebody else, about
several things at once, and harmless sentences with alarming words. None is a real patient's. Each was labelled by whoever wrote
it, once, by these rules: *frustration*: angry or worn down now, at the clinic or at us, sarcasm and cold politeness included;
*complexity*: several open matters, money, records, another person's care, the law, or a clinical question; *wants a person*: asks
to be put through, rung or answered by somebody; *safety*: one class, for danger that is present (to the writer or somebody else),
not for what is over, quoted or a figure of speech. One labeller means that no agreement between labellers can be given. Every
second message of each kind is kept for validation and was not trained on, in the files here either.

Where our own are few, comments stand in: very positive ones as neither frustrated nor complex, none as danger, very negative ones
as frustrated, at a third of the weight.

## Measured

Five folds over the NHS data, no text in two of them (capitals, accents and punctuation aside); powers and thresholds tuned on the
other folds. NLU++: its twenty folds, two at a time. Shop chat: five folds. Our own: the half kept for validation. The interval is
that of {draws} redrawn samples. The files below learned from all rows but that half, so they should be no worse than this.

{tables}
A floor is what a plain baseline reaches on a kept-aside part of the same data, rounded up.

## Files

All of it is plain arrays and text (`.npz` without pickles, JSON). With 8 bits a weight for words and runs, 16 or 32 for the rest.

| file | bytes | SHA-256 |
| --- | --- | --- |
{files}

The sentence encoder is not among them. It comes from two packages whose files are checked before they are used: {encoder}.
"""


def write(path: Path, folder: Path, found: data.Data, numbers: Mapping[str, Sequence[Measured]]) -> None:
    """`folder`: where the weights are."""
    sources = [one.source for one in found.messages]
    files = store.digests(folder)
    lines = [f"| `{folder.name}/{name}` | {size:,} | `{digest}` |" for name, (size, digest) in files.items()]
    text = _TEXT.format(
        day=date.today().isoformat(),
        pieces=MAX_TOKENS,
        start=FROM_START,
        end=FROM_END,
        chars=MAX_CHARS,
        nhs1=f"{sum(one.labels is None for one in found.comments):,}",
        nhs2=f"{sum(one.labels is not None for one in found.comments):,}",
        nlu=f"{sources.count('nlu++'):,}",
        shop=f"{sources.count('shop'):,}",
        bot=f"{sources.count('bot'):,}",
        own=f"{sources.count('own'):,}",
        draws=f"{measure.DRAWS:,}",
        tables="".join(_table(name, rows) for name, rows in numbers.items()),
        files="\n".join([*lines, f"| all | {sum(size for size, _ in files.values()):,} | |"]),
        encoder=";\n".join(f"`{name}` of `{package}`, SHA-256 `{digest}`" for name, (package, _, digest) in FILES.items()),
    )
    path.write_text(text, encoding="utf-8")


def _table(name: str, rows: Sequence[Measured]) -> str:
    title = {"with_encoder": "With the sentence encoder", "sparse_only": "Without it (`HEARD_ENCODER=none`)"}[name]
    lines = [f"| {one.what} | {one.value:.3f} | {one.low:.3f} to {one.high:.3f} | {one.floor or ''} | {one.rows:,} |" for one in rows]
    return f"### {title}\n\n| what | value | 95 % interval | floor | rows |\n| --- | --- | --- | --- | --- |\n" + "\n".join(lines) + "\n\n"
