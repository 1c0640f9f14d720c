"""Bring a private `uv` into .tools/, with nothing but Python's standard library: no pip, no venv, nothing of the system's is touched.

The wheel is the pinned one, from the Python package index, and its SHA-256 is checked before anything of it is used.
Prints one sentence and ends with 1 where that cannot be.
"""

import hashlib
import io
import json
import os
import platform
import shutil
import sys
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urljoin

VERSION = "0.13.9"
WHEELS = {
    ("Linux", "x86_64", "glibc"): (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("Linux", "x86_64", ""): ("musllinux_1_1_x86_64", "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25"),
    ("Linux", "aarch64", "glibc"): ("manylinux_2_28_aarch64", "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375"),
    ("Darwin", "arm64", ""): ("macosx_11_0_arm64", "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63"),
    ("Darwin", "x86_64", ""): ("macosx_10_12_x86_64", "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5"),
}
INDEX = os.environ.get("UV_INDEX_URL") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
TOOLS = Path(__file__).resolve().parent.parent / ".tools"


def main() -> None:
    if sys.version_info[:2] != (3, 11):
        found = shutil.which("python3.11")
        if found is None:
            stop(f"Heard needs Python 3.11; this is {platform.python_version()}. Install Python 3.11 and try again.")
        os.execv(found, [found, *sys.argv])
    TOOLS.mkdir(exist_ok=True)
    (TOOLS / "python").write_text(sys.executable)
    target = TOOLS / f"uv-{VERSION}"
    if not target.exists():
        print(f"Fetching uv {VERSION} …", flush=True)
        fetch(target)
    link = TOOLS / "uv"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)


def fetch(target: Path) -> None:
    libc = "glibc" if platform.libc_ver()[0] == "glibc" else ""
    wheel = WHEELS.get((platform.system(), platform.machine(), libc))
    if wheel is None:
        stop(f"There is no uv for {platform.system()} on {platform.machine()} here. Put a uv {VERSION} at {target} and try again.")
    tag, digest = wheel
    name = f"uv-{VERSION}-py3-none-{tag}.whl"
    try:
        data = download(link_of(name))
    except (OSError, ValueError, KeyError) as error:
        stop(f"uv could not be fetched from {INDEX} ({type(error).__name__}). Check the network and try again.")
    if hashlib.sha256(data).hexdigest() != digest:
        stop("The uv that was fetched is not the one we expect. Nothing was installed.")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        inside = next(entry for entry in packed.namelist() if entry.endswith("/scripts/uv"))
        half = target.with_suffix(".part")
        half.write_bytes(packed.read(inside))
    half.chmod(0o755)
    half.rename(target)


def link_of(name: str) -> str:
    asked = urllib.request.Request(f"{INDEX.rstrip('/')}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        files = json.load(answer)["files"]
    url = next((file["url"] for file in files if file["filename"] == name), None)
    if url is None:
        raise KeyError(name)
    return urljoin(asked.full_url, url)


def download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=180) as answer:
        return answer.read()


def stop(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
