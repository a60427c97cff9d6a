"""A trained critic and draws from the training marginals -> its ``Normaliser``."""

from typing import NamedTuple

import torch

from ppi_ratio.critics import Critic
from ppi_ratio.model.card import NormaliserCard
from ppi_ratio.model.scoring import Normaliser
from ppi_ratio.objectives.log_sums import log_mean_exp
from ppi_ratio.training.batches import PairRows
from ppi_ratio.training.module import RatioModule

N_REFERENCES = 2048  # draws from each marginal; the mean ratio over them is made one


@torch.inference_mode()
def normaliser_of(
    module: RatioModule, training: PairRows, ids: tuple[str, ...], *, seed: int
) -> tuple[Normaliser, NormaliserCard]:
    """Find what to subtract from scores to make the mean ratio of noise one.

    Noise is drawn from the training marginals, or from the labelled non-pairs if the objective
    learned from them. The optimum of an objective may leave a constant or a term of the right
    protein free; subtracting removes it. The optimum of InfoNCE-anchor leaves nothing free. But
    with nu = 1 and a large batch the anchor has little weight. After a short training the scores
    may then be off by some tenths of a nat. The card stores the amount.

    A symmetric critic cannot have a term of one side only: if c(x, y) = log r + a(y) equals
    c(y, x), then a is a constant. So only a critic that is not symmetric is normalised per right
    protein.

    Args:
        module: the trained critic and the vectors it learned from.
        training: training pairs, as rows of these vectors.
        ids: id of each of these rows.
        seed: seed of the draws.
    """
    generator = torch.Generator().manual_seed(seed)
    critic: Critic = module.critic
    if training.non_pairs is not None:
        log_normaliser = _log_mean_of_non_pairs(module, training.non_pairs, generator)
        return Normaliser(constant=log_normaliser), NormaliserCard("global", log_normaliser)
    blocks = training.blocks or (torch.arange(len(training)),)
    drawn = [_draw_noise(module, training, block, generator) for block in blocks]
    shares = torch.tensor([len(block) / len(training) for block in blocks])
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
    """Left proteins drawn as noise, with their scores against as many drawn right proteins.

    Attributes:
        rows: row of each left protein in the module's vectors, ``(draw,)``.
        projections: projections of the left proteins, ``(draw, hidden)``.
        scores: ``(draw, draw)``; -inf for a protein with itself, if such pairs are not noise.
    """

    rows: torch.Tensor
    projections: torch.Tensor
    scores: torch.Tensor


def _draw_noise(
    module: RatioModule, training: PairRows, block: torch.Tensor, generator: torch.Generator
) -> _Noise:
    """Draw from the marginals of a block's pairs, in proportion to its share of all pairs."""
    n_drawn = max(1, round(N_REFERENCES * len(block) / len(training)))
    lefts, rights = (
        training.draw(block[torch.randint(len(block), (n_drawn,), generator=generator)], generator)
        for _ in range(2)
    )
    left, right = lefts.left, rights.right
    u = module.critic.project_left(module.vectors[left].cpu())
    v = module.critic.project_right(module.vectors[right].cpu())
    scores = module.critic.interact(u, v)
    if not module.self_noise:
        scores = scores.masked_fill(left[:, None] == right[None, :], -torch.inf)
    return _Noise(left, u, scores)


def _log_mean_of_non_pairs(
    module: RatioModule, non_pairs: PairRows, generator: torch.Generator
) -> float:
    """Log of the mean of exp(score) over drawn labelled non-pairs."""
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
