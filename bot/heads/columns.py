"""What each column of `heard score` means: for its help, the model card and a test that compares them with what is written."""

from __future__ import annotations

# A name in capitals stands for several columns, one of each.
COLUMNS = {
    "sentiment": "the mood of the text: 1 very positive, 2 positive, 3 neutral, 4 negative, 5 very negative (so 1 is best)",
    "criticality": "how much it criticises or praises care: from -5 (worst) over 0 to 5 (best); it depends on the question",
    "theme": "what it is about: one of 9 themes",
    "themes": "what it is about: those of 34 finer themes that it has, none or several, joined by |",
    "wants_person": "1: it asks for a person; 0: it does not",
    "frustration": "1: the writer is angry or worn down; 0: not",
    "complexity": "1: several open matters, money, records, another person's care, the law or a clinical question; 0: none of it",
    "safety": "the classes of danger that it speaks of, joined by |; mostly empty",
    "p_serious": "chance that it is seriously critical: criticality -3 or worse",
    "p_wants_person": "chance that it asks for a person",
    "p_frustration": "chance that the writer is frustrated",
    "p_complexity": "chance that it is complex",
    "p_DANGER": "chance of each class of danger: self_harm, overdose, emergency, abuse, harm_by_others, violence, other_in_danger",
    "p_sentiment_STEP": "chance of each sentiment; together they are 1",
    "p_criticality_STEP": "chance of each criticality; together they are 1 (-5 and 5 are not in the data that was learned from)",
    "p_theme_THEME": "chance of each of the 9 themes; together they are 1",
    "p_themes_THEME": "chance of each of the 34 finer themes, each by itself",
}

READS = (
    "Read a CSV file, saved as UTF-8 and with commas between its columns, and write as CSV what every head says: one row for each of "
    "its rows, in their order. Its first line names the columns: `text`, and if you have it `question`, the question that the text "
    "answers, in words or as what_good, could_improve or nonspecific. Other columns are not looked at, empty lines are left out. Of a "
    "file with a mistake nothing is written."
)
CHOICES = (
    "A chance is from 0 to 1. What is chosen (sentiment, criticality, theme) need not have the highest chance, as rare classes are raised; "
    "the flags, themes and safety are set from a threshold on that was tuned for each, for danger 0.5."
)


def for_help() -> str:
    """As `heard score --help` shows it."""
    columns = "\n".join(f"{name}: {meaning}.\n" for name, meaning in COLUMNS.items())
    return f"{READS}\n\nThe columns that are written:\n\n{columns}\n{CHOICES}"


def for_card() -> str:
    """As a table for the model card."""
    rows = "\n".join(f"| `{name}` | {meaning.replace('|', chr(92) + '|')} |" for name, meaning in COLUMNS.items())
    return f"| column | what it says |\n| --- | --- |\n{rows}\n\n{CHOICES}"
