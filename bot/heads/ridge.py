"""Ridge regression on many outputs at once, in its dual form, with what each training row would have got had it not been trained on."""

from __future__ import annotations

from typing import Any

import numpy as np

QUESTION = 0.3  # how much having been asked the same counts in the kernel
SENTENCE = 2.0  # the sentence vector against the sparse rows, each of which has length 1 for words and for runs


def features(sparse: Any, sentences: Any | None, asked: Any) -> Any:
    """One sparse matrix (scipy CSR): the rows of the vocabulary, the sentence vectors if there are any, the questions."""
    from scipy.sparse import csr_matrix, hstack

    parts = [sparse]
    if sentences is not None:
        parts.append(csr_matrix(SENTENCE * sentences))
    parts.append(csr_matrix(np.sqrt(QUESTION) * asked))
    return hstack(parts).tocsr().astype(np.float32)


def kernel(x: Any) -> Any:
    """The inner products of all rows, float32."""
    rows = [(x[at : at + 1000] @ x.T).toarray() for at in range(0, x.shape[0], 1000)]
    return np.vstack(rows).astype(np.float32)


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
