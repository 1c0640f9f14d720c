"""Ridge regression on many outputs at once, in its dual form, with what each training row would have got had it not been trained on."""

from __future__ import annotations

from typing import Any

import numpy as np


def kernel(sparse: Any, dense: Any) -> Any:
    """The inner products of all rows (float32): `sparse` (scipy CSR) and `dense` are the two parts of the same rows."""
    rows = [(sparse[at : at + 1000] @ sparse.T).toarray() for at in range(0, sparse.shape[0], 1000)]
    return np.vstack(rows).astype(np.float32) + dense @ dense.T


def solve(gram: Any, targets: Any, groups: Any, *, penalty: float) -> tuple[Any, Any]:
    """The dual weights (rows x outputs), and for each row its scores from all rows but those of its group (the same words elsewhere).

    With G the inverse of the penalised kernel, the residual of a left-out group B is inv(G[B, B]) @ (G @ targets)[B].
    """
    import scipy.linalg

    penalised = gram.copy()
    penalised[np.diag_indices(len(penalised))] += penalty
    inverse = scipy.linalg.inv(penalised, overwrite_a=True, check_finite=False)
    dual = inverse @ targets
    missed = dual / np.diag(inverse)[:, None]
    ordered = np.argsort(groups, kind="stable")
    for block in np.split(ordered, np.flatnonzero(np.diff(groups[ordered])) + 1):
        if len(block) > 1:
            missed[block] = np.linalg.solve(inverse[np.ix_(block, block)], dual[block])
    return dual, targets - missed
