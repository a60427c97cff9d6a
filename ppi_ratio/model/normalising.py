"""A trained critic and draws from the training marginals -> what makes its scores log ratios."""

from typing import NamedTuple

import torch

from ppi_ratio.critics import Critic
from ppi_ratio.model.card import NormaliserCard
from ppi_ratio.model.scoring import Normaliser
from ppi_ratio.objectives.log_sums import log_mean_exp
from ppi_ratio.training.batches import PairRows
from ppi_ratio.training.module import RatioModule

N_REFERENCES = 2048  # draws from each marginal, over which ratios are normalised


@torch.inference_mode()
def normaliser_of(
    module: RatioModule, joint: PairRows, ids: tuple[str, ...], *, seed: int
) -> tuple[Normaliser, NormaliserCard]:
    """Make the mean ratio one over draws from the training marginals.

    That removes what the objective leaves free. InfoNCE-anchor leaves nothing free; there it
    removes what training left undone. With nu = 1 and a large batch the anchor pulls weakly, and
    a short training ends some tenths of a nat off. The card keeps the amount.

    A symmetric critic cannot hold a term of one side only: c(x, y) = log r + a(y) and
    c(x, y) = c(y, x) make a constant. So only a directed critic is normalised per right.

    Args:
        module: the trained critic and the vectors it learned from.
        joint: training pairs, as rows of these vectors.
        ids: of the proteins in these rows.
        seed: of the draws.
    """
    generator = torch.Generator().manual_seed(seed)
    critic: Critic = module.critic
    if joint.non_pairs is not None:
        log_normaliser = _mean_over_non_pairs(module, joint.non_pairs, generator)
        return Normaliser(constant=log_normaliser), NormaliserCard("global", log_normaliser)
    blocks = joint.blocks or (torch.arange(len(joint)),)
    drawn = [_draw_noise(module, joint, block, generator) for block in blocks]
    shares = torch.tensor([len(block) / len(joint) for block in blocks])
    log_means = torch.stack([log_mean_exp(each.scores) for each in drawn])
    log_normaliser = float((log_means + shares.log()).logsumexp(0))
    if module.objective.optimum.leaves_right_term and not critic.symmetric:
        references = torch.cat([each.projections for each in drawn])
        rows = torch.cat([each.rows for each in drawn]).tolist()
        proteins = () if module.self_noise else tuple(ids[row] for row in rows)
        return (
            Normaliser(references=references, proteins=proteins),
            NormaliserCard("per_right", log_normaliser),
        )
    return Normaliser(constant=log_normaliser), NormaliserCard("global", log_normaliser)


class _Noise(NamedTuple):
    """Drawn lefts and their scores against as many drawn rights.

    Attributes:
        rows: of the lefts among the module's vectors, ``(draw,)``.
        projections: of the lefts, ``(draw, hidden)``.
        scores: ``(draw, draw)``; -inf where a protein would be its own noise.
    """

    rows: torch.Tensor
    projections: torch.Tensor
    scores: torch.Tensor


def _draw_noise(
    module: RatioModule, joint: PairRows, block: torch.Tensor, generator: torch.Generator
) -> _Noise:
    """Draws from the marginals of the pairs of a block, as many as its share of all pairs."""
    n_drawn = max(1, round(N_REFERENCES * len(block) / len(joint)))
    lefts, rights = (
        joint.draw(block[torch.randint(len(block), (n_drawn,), generator=generator)], generator)
        for _ in range(2)
    )
    left, right = lefts.left, rights.right
    u = module.critic.project_left(module.vectors[left].cpu())
    v = module.critic.project_right(module.vectors[right].cpu())
    scores = module.critic.interact(u, v)
    if not module.self_noise:
        scores = scores.masked_fill(left[:, None] == right[None, :], -torch.inf)
    return _Noise(left, u, scores)


def _mean_over_non_pairs(
    module: RatioModule, non_pairs: PairRows, generator: torch.Generator
) -> float:
    """Log of the mean ratio of labelled non-pairs."""
    chosen = torch.randint(len(non_pairs), (N_REFERENCES * 8,), generator=generator)
    left, right, *_ = non_pairs.draw(chosen, generator)
    critic, vectors = module.critic, module.vectors
    scores = [
        critic.interact_paired(
            critic.project_left(vectors[u].cpu()), critic.project_right(vectors[v].cpu())
        )
        for u, v in zip(left.split(N_REFERENCES), right.split(N_REFERENCES), strict=True)
    ]
    return float(log_mean_exp(torch.cat(scores)))
