"""Training: a model when there is none or what it learns from has changed, and the cross-validated intent report.

Rasa is imported inside the functions: it takes seconds, and `heard` must start without it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from bot.quiet import be_quiet
from handoff.settings import ROOT, Settings, load

SOURCES = (ROOT / "bot" / "domain", ROOT / "bot" / "data", ROOT / "config" / "rasa" / "config.yml")
HEADS = "bot.components.signals.SignalHeads"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SANIC_REGISTER": "False", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def model_path(settings: Settings) -> Path:
    """Where the model for the present training data lies, whether it is there or not."""
    return settings.data_dir / "models" / f"heard-{fingerprint(settings)}.tar.gz"


def fingerprint(settings: Settings) -> str:
    """Twelve hex digits over all that a model is made from; an encoder that cannot be used counts as none."""
    from bot.encoder import effective  # NumPy comes with the bot, and `heard doctor` runs without it

    digest = hashlib.sha256(effective(settings.encoder).encode())
    for source in SOURCES:
        for path in sorted(source.rglob("*.yml")) if source.is_dir() else [source]:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def is_trained(settings: Settings) -> bool:
    """Is there a model for the present data, and is it the one that training wrote?"""
    path = model_path(settings)
    pin = path.with_suffix(".sha256")
    return path.is_file() and pin.is_file() and pin.read_text().strip() == sha256(path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def train(settings: Settings, *, force: bool = False) -> Path:
    """The path of a model for the present data, trained if need be; older models are removed."""
    path = model_path(settings)
    if not force and is_trained(settings):
        return path
    os.environ |= QUIET
    import rasa.model_training

    path.parent.mkdir(parents=True, exist_ok=True)
    made = rasa.model_training.train(
        domain=str(ROOT / "bot" / "domain"),
        config=str(ROOT / "config" / "rasa" / "config.yml"),
        training_files=[str(ROOT / "bot" / "data")],
        output=str(path.parent / "new"),
        force_training=True,
        fixed_model_name="heard",
    )
    if made.code != 0 or made.model is None:
        raise RuntimeError("Rasa could not train a model.")
    for old in path.parent.glob("heard-*"):
        old.unlink()
    shutil.move(made.model, path)
    shutil.rmtree(path.parent / "new", ignore_errors=True)
    path.with_suffix(".sha256").write_text(sha256(path))
    return path


def intent_report(*, folds: int = 5) -> list[tuple[str, float, float, float, int]]:
    """Cross-validated rows (intent, precision, recall, F1, examples), the last one the weighted average. Takes about 8 s a fold."""
    os.environ |= QUIET
    import asyncio

    from rasa.nlu.test import cross_validate
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.shared.utils.io import read_config_file

    from bot.components.sentence import shared_encoder

    be_quiet()
    path = str(ROOT / "config" / "rasa" / "config.yml")
    config = read_config_file(path)
    config["pipeline"] = [one for one in config["pipeline"] if one["name"] != HEADS]  # they have no part in the intents
    if (encoder := shared_encoder(load().encoder)) is not None:
        encoder.remembered = {}  # each fold reads the same sentences
    importer = TrainingDataImporter.load_from_dict(
        config_path=path, domain_path=str(ROOT / "bot" / "domain"), training_data_paths=[str(ROOT / "bot" / "data")]
    )
    intents, _, _ = asyncio.run(
        cross_validate(
            importer.get_nlu_data(), folds, config, None, successes=False, errors=False, disable_plotting=True, report_as_dict=True
        )
    )
    report = intents.evaluation["report"]
    return [
        (name, row["precision"], row["recall"], row["f1-score"], int(row["support"]))
        for name, row in report.items()
        if isinstance(row, dict) and name not in ("macro avg", "micro avg")
    ]
