"""Growing one tree layer by layer from the binned columns of all parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.ensemble.decision_tree import LEFT, RIGHT, Node, Tree
from flowkit_mockserver.components.ensemble.histogram import Binned, cumulated_histograms
from flowkit_mockserver.components.ensemble.splitter import (
    MARGIN,
    Criterion,
    Limits,
    first_best,
    host_candidates,
    plain_candidates,
    shuffle_seed,
)

__all__ = ["Grower", "Grown", "Site"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Sums = tuple[Floats, Floats]
"""The sums of g and of h, by output of the tree; shapes (k,)."""

_FRACTION = 2.0**30


@dataclass(frozen=True)
class Site:
    """One party that grows trees.

    Attributes:
        binned: its columns.
        partitions: of its table.
        parts: the partition of every sample; None for a host, whose sums are exact.
        directions: whether both ways of a missing value are tried. If not, what is missing counts as the last bin.
        subtract: whether the sums of one sibling come from those of the other and the parent.
        batch_size: in which a host sends its candidates.
    """

    binned: Binned
    partitions: int = 1
    parts: NDArray[np.intp] | None = None
    directions: bool = False
    subtract: bool = True
    batch_size: int = 32

    @property
    def is_host(self) -> bool:
        """Whether the party only offers splits."""
        return self.parts is None


@dataclass(frozen=True)
class Grown:
    """A tree, the leaf of every training sample, and how many layers were looked at."""

    tree: Tree
    leaves: NDArray[np.intp]
    layers: int


@dataclass
class _Member:
    """A node that may still be split: its samples, those of them that count, and their sums of g and h."""

    node: Node
    rows: Rows
    used: Rows
    sums: Sums
    parent: int = -1


@dataclass(frozen=True)
class _Split:
    gain: float
    site: int = -1
    feature: int = 0
    cut: int = 0
    direction: int = RIGHT
    left: Sums = (np.zeros(1), np.zeros(1))


def _exact_sums(values: Floats) -> Floats:
    """Return the sum of each column, rounded once, as those of numbers added up in fixed point."""
    scaled = values * _FRACTION
    high = np.rint(scaled)
    return np.array(
        [
            (whole.sum() + rest.sum()) / _FRACTION
            for whole, rest in zip(high.T, (scaled - high).T, strict=True)
        ]
    )


class Grower:
    """Grows trees.

    Args:
        sites: the parties, the guest first.
        tree: the ``tree_param``.
        shuffled: whether hosts send their candidates shuffled; the older protocol does not.
        seed_of: depth and batch → the seed of the shuffling.
    """

    def __init__(
        self,
        sites: Sequence[Site],
        tree: Mapping[str, Any],
        *,
        shuffled: bool = True,
        seed_of: Callable[[int, int], int] = shuffle_seed,
    ) -> None:
        self._sites, self._shuffled, self._seed_of = sites, shuffled, seed_of
        self._criterion, self._limits = Criterion.of(tree), Limits.of(tree)
        # Siblings are split together, so an odd number is made even.
        self._together = tree["max_split_nodes"] + tree["max_split_nodes"] % 2

    def grow(
        self,
        gradients: Floats,
        hessians: Floats,
        layers: Sequence[Sequence[int]],
        features: Sequence[NDArray[np.bool_]],
        *,
        sums: Sums,
        used: Rows | None = None,
        sent: Sums | None = None,
    ) -> Grown:
        """Grow a tree.

        Args:
            gradients: g of every sample, shape (n, k): one column for each output of the tree.
            hessians: h of every sample, likewise.
            layers: by layer the numbers of the sites whose columns may be split there.
            features: by site which of its columns may be used.
            sums: the sums of g and h over all samples that count.
            used: the samples that count; None for all.
            sent: g and h as hosts get them; the same when None.
        """
        self._own, self._features = (gradients, hessians), features
        self._sent = self._own if sent is None else sent
        every = np.arange(len(gradients))
        root = Node(0, self._criterion.weight(*sums))
        nodes = [root]
        layer = [_Member(root, every, every if used is None else used, sums)]
        leaves = np.zeros(len(gradients), dtype=np.intp)
        before: list[dict[int, Floats]] = [{} for _ in self._sites]
        looked = 0
        for depth, sites in enumerate(layers):
            looked += 1
            current: list[dict[int, Floats]] = [{} for _ in self._sites]
            following: list[_Member] = []
            for batch, start in enumerate(range(0, len(layer), self._together)):
                members = layer[start : start + self._together]
                seed = self._seed_of(depth, batch)
                splits = self._best_splits(members, sites, before, current, seed)
                for member, split in zip(members, splits, strict=True):
                    if split is None:
                        leaves[member.rows] = member.node.number
                    else:
                        following += self._divided(member, split, nodes)
            layer, before = following, current
            if not layer:
                looked += depth + 1 < len(layers)
                break
        for member in layer:
            leaves[member.rows] = member.node.number
        return Grown(Tree(nodes), leaves, looked)

    def _divided(self, member: _Member, split: _Split, nodes: list[Node]) -> list[_Member]:
        """Split a node; return its children."""
        node, binned = member.node, self._sites[split.site].binned
        node.site, node.feature, node.direction = split.site, split.feature, split.direction
        node.gain = split.gain
        points = binned.points[split.feature]
        node.value = points[min(split.cut, len(points) - 1)]
        node.left, node.right = len(nodes), len(nodes) + 1
        right = (member.sums[0] - split.left[0], member.sums[1] - split.left[1])
        left_rows = self._goes_left(split, member.rows)
        left_used = left_rows if member.used is member.rows else self._goes_left(split, member.used)
        children = []
        for sums, side, used in (
            (split.left, left_rows, left_used),
            (right, ~left_rows, ~left_used),
        ):
            child = Node(len(nodes), self._criterion.weight(*sums))
            nodes.append(child)
            rows = member.rows[side]
            children.append(
                _Member(
                    child,
                    rows,
                    rows if member.used is member.rows else member.used[used],
                    sums,
                    node.number,
                )
            )
        return children

    def _goes_left(self, split: _Split, rows: Rows) -> NDArray[np.bool_]:
        binned = self._sites[split.site].binned
        bins = binned.bins[split.feature][rows]
        left: NDArray[np.bool_] = bins <= split.cut
        if split.direction == LEFT:
            left |= bins == binned.width
        return left

    def _best_splits(
        self,
        members: Sequence[_Member],
        sites: Sequence[int],
        before: Sequence[dict[int, Floats]],
        current: Sequence[dict[int, Floats]],
        seed: int,
    ) -> list[_Split | None]:
        """Return the best split of every node; None where it becomes a leaf."""
        offers = []
        for number in sites:
            histograms = self._histograms(number, members, before[number])
            current[number].update(histograms)
            offers.append(self._offers(number, members, histograms, seed))
        found: list[_Split | None] = []
        for place, member in enumerate(members):
            own = [of_site[place] for of_site in offers]
            for number, split in zip(sites, own, strict=True):
                if split.site >= 0 and self._sites[number].is_host:
                    member.node.offered[number] = split.direction
            found.append(self._winner(own, [self._sites[number].is_host for number in sites]))
        return found

    def _winner(self, offers: Sequence[_Split], hosts: Sequence[bool]) -> _Split | None:
        """Return the split that is taken: a host's when it gains clearly more than the guest's."""
        least = self._limits.gain + MARGIN
        best: _Split | None = None
        for split, is_host in zip(offers, hosts, strict=True):
            if is_host and (best is None or best.gain < split.gain - MARGIN):
                best = split
        if best is None or not hosts[0]:
            if best is None or offers[0].gain >= best.gain - MARGIN:
                best = offers[0]
        elif len(offers) == 1:
            # A host that grows a tree alone takes whatever leads.
            return best if best.site >= 0 else None
        return best if best.site >= 0 and best.gain > least else None

    def _histograms(
        self, number: int, members: Sequence[_Member], before: Mapping[int, Floats]
    ) -> dict[int, Floats]:
        """Return the histograms of nodes at one site, of shape (2 k + 1, features, bins), by the number of the node."""
        site = self._sites[number]
        siblings: list[tuple[_Member, _Member]] = []
        counted = list(members)
        if site.subtract and all(member.parent in before for member in members):
            pairs = list(zip(members[::2], members[1::2], strict=True))
            siblings = [(a, b) if len(a.used) < len(b.used) else (b, a) for a, b in pairs]
            counted = [fewer for fewer, _ in siblings]
        sums = cumulated_histograms(
            site.binned,
            [member.used for member in counted],
            *(self._sent if site.is_host else self._own),
            site.parts,
            site.partitions if site.parts is not None else 1,
        )
        found = {member.node.number: sums[:, place] for place, member in enumerate(counted)}
        for fewer, more in siblings:
            found[more.node.number] = before[more.parent] - found[fewer.node.number]
        return found

    def _offers(
        self,
        number: int,
        members: Sequence[_Member],
        histograms: Mapping[int, Floats],
        seed: int,
    ) -> list[_Split]:
        """Return the best split of every node at one site."""
        site, limits = self._sites[number], self._limits
        binned = site.binned
        summed = np.stack([histograms[member.node.number] for member in members], axis=1)
        ordinary = binned.missing and not site.directions
        cuts = binned.width - (not ordinary)
        whole = summed[..., -1][..., None, None]
        left = summed[..., :cuts, None]
        right = whole - left
        if site.directions:
            gone = (summed[..., -1] - summed[..., -2])[..., None, None]
            left, right = (
                np.concatenate([left, left + gone], axis=-1),
                np.concatenate([right, right - gone], axis=-1),
            )
        in_range = np.arange(cuts) < (binned.sizes - (not ordinary))[:, None]
        valid = (
            (in_range & self._features[number][:, None])[None, :, :, None]
            & (left[-1] >= limits.leaf_samples)
            & (right[-1] >= limits.leaf_samples)
            & (whole[-1] >= limits.node_samples)
        )
        if site.is_host:
            # A host counts with what is missing on the right, and offers both ways or none.
            valid = np.repeat(valid[..., :1], valid.shape[-1], axis=-1)
        count = len(summed) // 2
        enough = np.ones((), dtype=bool)
        for side in (left, right):
            enough = enough & (
                np.add.reduce(side[count : 2 * count], axis=0) >= limits.leaf_hessian
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            gains = self._criterion.gain(
                *((side[:count], side[count : 2 * count]) for side in (whole, left, right))
            )
        checked = valid & enough if self._shuffled or not site.is_host else valid
        if np.isnan(gains[checked]).any():
            raise ValueError(
                "a split has no gain: the second derivatives of its samples sum up to 0 and criterion_params has"
                " lambda 0; choose a lambda above 0"
            )
        gains = np.where(checked, gains, -np.inf)
        numbers = [member.node.number for member in members]
        found = []
        for place, member in enumerate(members):
            own = gains[place].ravel()
            if site.is_host:
                winner = self._host_winner(site, own, valid[place], numbers, place, seed)
            else:
                winner = first_best(own, limits)
            if winner < 0:
                found.append(_Split(limits.start))
                continue
            feature, cut, way = np.unravel_index(winner, gains[place].shape)
            split = _Split(
                float(own[winner]),
                number,
                int(feature),
                int(cut),
                LEFT if way else RIGHT,
                (
                    left[:count, place, feature, cut, way],
                    left[count : 2 * count, place, feature, cut, way],
                ),
            )
            found.append(self._exact(split, member) if site.is_host else split)
        return found

    def _host_winner(
        self,
        site: Site,
        gains: Floats,
        valid: NDArray[np.bool_],
        numbers: Sequence[int],
        place: int,
        seed: int,
    ) -> int:
        if self._shuffled:
            batches = host_candidates(
                valid,
                numbers,
                place,
                partitions=site.partitions,
                batch_size=site.batch_size,
                seed=seed,
            )
        else:
            batches = plain_candidates(valid)
        winner, leader = -1, self._limits.start
        for batch in batches:
            found = first_best(gains[batch], self._limits)
            if found >= 0 and gains[batch[found]] > leader + MARGIN:
                winner = int(batch[found])
                leader = float(gains[winner])
        return winner

    def _exact(self, split: _Split, member: _Member) -> _Split:
        """Return a host's split with sums and gain as they come out of the encryption: exact, rounded once."""
        rows = member.used
        left_rows = rows[self._goes_left(split, rows)]
        left, whole = (
            (_exact_sums(self._sent[0][of]), _exact_sums(self._sent[1][of]))
            for of in (left_rows, rows)
        )
        right = (whole[0] - left[0], whole[1] - left[1])
        gain = float(self._criterion.gain(whole, left, right))
        return _Split(gain, split.site, split.feature, split.cut, split.direction, left)
