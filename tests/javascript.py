"""Our JavaScript, checked as strict TypeScript reads it: syntax and types, for each folder that has a jsconfig.json.

`python -m tests.javascript FOLDER`, where FOLDER holds node_modules/typescript.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def check(tools: Path) -> int:
    """0 where every folder passes."""
    node = Path(sys.executable).parent / "node"
    compiler = tools / "node_modules" / "typescript" / "lib" / "tsc.js"
    worst = 0
    for config in sorted(
        [*ROOT.glob("widget/jsconfig.json"), *ROOT.glob("handoff/*/jsconfig.json"), *ROOT.glob("handoff/simulator/page/jsconfig.json")]
    ):
        done = subprocess.run([node, compiler, "--noEmit", "-p", config], cwd=ROOT, check=False)
        print(f"{config.parent.relative_to(ROOT)}: {'types hold' if done.returncode == 0 else 'types do not hold'}")
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(check(Path(sys.argv[1])))
