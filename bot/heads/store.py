"""The weights as files: numbers and UTF-8 text in .npz, settings in JSON. Never a pickle: reading one would run what is in it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from handoff.errors import BadSetting

FOLDER = Path(__file__).resolve().parent / "weights"
CARD = Path(__file__).resolve().parent / "CARD.md"
NAMES = ("heads.json", "own.npz", "pooled.npz", "sparse_only.npz", "vocabulary.npz", "with_encoder.npz")


def pack(name: str, matrix: Any) -> dict[str, Any]:
    """A big matrix as 8-bit numbers with a scale for each column: within half a percent of the column's largest."""
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / 127
    return {name: np.round(matrix / scale).astype(np.int8), f"{name}_scale": scale.astype(np.float32)}


def ready(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """For use: the small ones as float32; what is packed stays as it is."""
    return {name: array if array.dtype == np.int8 else array.astype(np.float32) for name, array in arrays.items()}


def save(path: Path, arrays: Mapping[str, Any]) -> None:
    """The same arrays give the same bytes: the date inside the archive is fixed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            held = io.BytesIO()
            np.save(held, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), held.getvalue(), zipfile.ZIP_DEFLATED)


def load(path: Path) -> dict[str, Any]:
    """Raises `BadSetting` where the file is missing or no archive of plain arrays."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadSetting(f"{path.name}: the weights cannot be read ({type(error).__name__}). Run: heard train heads") from None


def save_settings(path: Path, settings: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(settings, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_settings(path: Path) -> dict[str, Any]:
    """Raises `BadSetting`."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadSetting(f"{path.name}: cannot be read ({type(error).__name__}). Run: heard train heads") from None


def digests(folder: Path = FOLDER) -> dict[str, tuple[int, str]]:
    """The size in bytes and the SHA-256 of each file."""
    return {name: (len(data := (folder / name).read_bytes()), hashlib.sha256(data).hexdigest()) for name in NAMES}
