"""Logging for Rasa's process: who, how bad, and what kind. Rasa's log lines quote messages in places, so their own text is not kept."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog


class Quiet(logging.Formatter):
    """`WARNING rasa.core.processor (ValueError)`; lines of our own loggers, which hold ids and states only, are kept whole."""

    def format(self, record: logging.LogRecord) -> str:
        kind = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
        said = f": {record.getMessage()}" if record.name in ("bot", "actions") else ""
        return f"{record.levelname} {record.name}{kind}{said}"


def be_quiet() -> None:
    """Make every logger, structlog and the warnings module keep to that. Call before and after Rasa configures itself."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Quiet())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
    warnings.filterwarnings("ignore")
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)


def _drop(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    raise structlog.DropEvent
