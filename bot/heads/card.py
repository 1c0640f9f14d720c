"""The model card: what the heads learned from, how good they are on what they did not see, and which files they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bot import encoder
from bot.encoder import FILES
from bot.heads import clauses, columns, data, loudest, measure, own, own_train, sparse, store
from bot.heads.measure import Measured

_TEXT = """# Model card: the heads

What a patient's message shows: sentiment, criticality, themes, and whether it asks for a person, is frustrated, is complex or
speaks of danger. Written by `heard train heads --data DIR` on {day} (with `--own` the heads over the public comments are taken as
they are); do not edit it by hand.

**Meant for** sorting and showing conversations in Heard. **Not meant for** deciding alone: danger is found by the fixed phrases
of `config/routing.yml` as well, a person answers, and no head's silence means that all is well. English first; of Spanish only
our own messages and the bot's examples are known, and the sentence encoder was trained on English. Of a text longer than {pieces} word
pieces (some 50 words; one text in thirty) the encoder reads the first {start} and the last {end}, of one of more than {many:,} characters
the first {long_start} and the last {long_end}; of words and runs the first {first:,} and the last {last:,} characters count.
Danger is looked for in the whole message and once more in its most alarming part by itself: a sentence, or a stretch of {window} words
of a long one; which part that is, the heads without an encoder say. They judge it, too, where the
text has more than {many} characters, or both together more than {together} word pieces.

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
data. Words, pairs and runs of characters were chosen by how many texts have them, whatever their label, for the public comments and
for our own messages apart; no sentence of a data set is kept.

**Our own messages** were written for this project by its developers; they are not collected, and none is a real patient's. Voices of
patients and relatives who answer these surveys by web chat and text message: terse, rambling, sarcastic, politely furious, misspelt,
teenage and old, British and American, Spanish (about one in seven), for somebody else, danger named outright and danger between the
lines or at the end of ordinary praise, and as many harmless sentences with alarming words: illness that is over, medicine as
prescribed, figures of speech, jobs, films, anger without a threat. The sentences of tests/triage/danger.yml are among those that are
trained on, all but its part `kept_aside`, which nobody learns from.

Each was labelled by whoever wrote it, once, by these rules: *frustration*: angry or worn down now, at the clinic or at us, sarcasm
and cold politeness included; *complexity*: several open matters, money, records, another person's care, the law, or a clinical
question; *wants a person*: asks to be put through, rung or answered by somebody; *safety*: one class, for danger that is present (to
the writer or somebody else), not for what is over, quoted or a figure of speech: self_harm of the writer, overdose and poisoning of
anybody, emergency of the body, abuse that goes on or was done to the writer, harm_by_others (threatened, followed, held), violence
(the writer's, or weapons here), other_in_danger (somebody else's despair, missing, left alone). An empty label is not known: where
danger is the matter, frustration and the like are labelled only where they are plain. One labeller means that no agreement between
labellers can be given, and that what is kept was written by whoever wrote what is learned from: other people's words will be found
less often than the numbers below say. Of the messages written, two of each five (of the first 425, every second) are kept for
validation and were not trained on, in the files here either; a sentence that is nearly the same as a kept one was taken out.

Where our own are few, comments stand in: very positive ones as neither frustrated nor complex, very negative ones as frustrated, at a
third of the weight; and {harmless:,} of them, half of those by sentences too, as no danger.

## What is written

`heard score FILE.csv` writes these columns, and `heard score --help` says the same:

{columns}

## Measured

Five folds over the NHS data, no text in two of them (capitals, accents and punctuation aside); powers and thresholds tuned on the
other folds. NLU++: its twenty folds, two at a time. Shop chat: ten parts. Our own: what is kept for validation. The interval is
that of {draws} redrawn samples. The files below learned from all rows but what is kept, so they should be no worse than this.

Danger is marked from a certainty of 0.5 on, which is set where {alarms:.1%} of {listened:,} public comments that were not learned from are
taken for danger: practically none of them is, so that is how often staff are called for nothing in everyday feedback. Words that only
sound like danger are rarer there than among our own, where the share of false alarms is therefore larger. From which certainty on
staff are really called, each clinic says in `config/routing.yml` (`safety_model`: 0.8, and 0.9 where a rule holds back, as shipped; the
rules find danger besides), so that the model alone calls them less often, both rightly and wrongly, than the table says.

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
        pieces=encoder.FROM_START + encoder.FROM_END,
        start=encoder.FROM_START,
        end=encoder.FROM_END,
        many=encoder.LONG,
        long_start=encoder.LONG_START,
        long_end=encoder.LONG_END,
        first=sparse.FROM_START,
        last=sparse.FROM_END,
        window=clauses.WINDOW,
        together=loudest.TOGETHER,
        harmless=own.HARMLESS,
        alarms=own_train.ALARMS,
        listened=own_train.LISTENED,
        nhs1=f"{sum(one.labels is None for one in found.comments):,}",
        nhs2=f"{sum(one.labels is not None for one in found.comments):,}",
        nlu=f"{sources.count('nlu++'):,}",
        shop=f"{sources.count('shop'):,}",
        bot=f"{sources.count('bot'):,}",
        own=f"{sources.count('own'):,}",
        draws=f"{measure.DRAWS:,}",
        columns=columns.for_card(),
        tables="".join(_table(name, rows) for name, rows in numbers.items()),
        files="\n".join([*lines, f"| all | {sum(size for size, _ in files.values()):,} | |"]),
        encoder=";\n".join(f"`{name}` of `{package}`, SHA-256 `{digest}`" for name, (package, _, digest) in FILES.items()),
    )
    path.write_text(text, encoding="utf-8")


def _table(name: str, rows: Sequence[Measured]) -> str:
    title = {"with_encoder": "With the sentence encoder", "sparse_only": "Without it (`HEARD_ENCODER=none`)"}[name]
    lines = [f"| {one.what} | {one.value:.3f} | {one.low:.3f} to {one.high:.3f} | {one.floor or ''} | {one.rows:,} |" for one in rows]
    return f"### {title}\n\n| what | value | 95 % interval | floor | rows |\n| --- | --- | --- | --- | --- |\n" + "\n".join(lines) + "\n\n"
