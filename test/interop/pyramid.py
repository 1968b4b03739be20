"""What the levels of an image must hold, by numpy: factor 2 in y and x, sizes rounded up, edge blocks average what exists."""

import numpy as np


def _blocks(a):
    """The four pixels of each 2 x 2 block as arrays of the halved shape, and how many of them exist."""
    h, w = (a.shape[-2] + 1) // 2, (a.shape[-1] + 1) // 2
    padded = np.zeros(a.shape[:-2] + (2 * h, 2 * w), a.dtype)
    padded[..., : a.shape[-2], : a.shape[-1]] = a
    there = np.zeros((2 * h, 2 * w), bool)
    there[: a.shape[-2], : a.shape[-1]] = True
    parts = [(padded[..., j::2, i::2], there[j::2, i::2]) for j in (0, 1) for i in (0, 1)]
    return parts


def mean(a):
    parts = _blocks(a)
    count = sum(t.astype(np.int64) for _, t in parts)
    if a.dtype.kind == "f":
        total = sum(np.where(t, p, 0) for p, t in parts)
        return (total / count).astype(a.dtype)
    total = sum(np.where(t, p, 0).astype(np.int64) for p, t in parts)
    return ((2 * total + count) // (2 * count)).astype(a.dtype)


def nearest(a):
    return a[..., ::2, ::2]


def mode(a):
    """The most frequent value; among equals the first in row order."""
    parts = _blocks(a)
    best, most = None, None
    for p, t in parts:
        votes = sum(np.where(u & t & (q == p), 1, 0) for q, u in parts)
        if best is None:
            best, most = p.copy(), votes
        else:
            better = votes > most
            best, most = np.where(better, p, best), np.where(better, votes, most)
    return best.astype(a.dtype)


REDUCE = {"mean": mean, "nearest": nearest, "mode": mode}


def levels(a, reduction, target=256, count=None, stored=()):
    """All levels of a 5-D array, full size first; `stored` ones replace those that would be computed."""
    made = [a]
    while len(made) < count if count else max(made[-1].shape[-2:]) > target:
        n = len(made) - 1
        made.append(stored[n] if n < len(stored) else REDUCE[reduction](made[-1]))
    return made
