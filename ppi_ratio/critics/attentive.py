"""A separable critic that weighs the segments of a protein by attention."""

from typing import Annotated, Literal

from jaxtyping import Float
from pydantic import Field, NonNegativeFloat, PositiveInt, model_validator
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from ppi_ratio.critics.critic import STRICT, Critic
from ppi_ratio.critics.dropout import Dropout, GaussianNoise
from ppi_ratio.critics.products import ProductCritic, Share
from ppi_ratio.embeddings.provenance import UNSTATED, Provenance
from ppi_ratio.embeddings.segments import N_SEGMENTS
from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives.link import Link

N_WHOLE_PARTS = 2  # the mean and the standard deviation over the whole protein
MAX_SEGMENTS = 4096
REMEDY = (
    "embed with pooling mean_sd_segments; if other vectors stand before the segments, set "
    "critic.segment_dim"
)


@dataclass(frozen=True, config=STRICT)
class Attentive:
    """Settings of f(x) · g(y), where f and g pool the segments of a protein by attention.

    A mean over all residues hides the domain that binds. Here one hidden layer reads each
    segment's vector, and each attention head weighs the segments (Ilse, Tomczak & Welling 2018,
    arXiv 1802.04712). The weighted mean is added to a layer that reads the whole protein. Scores
    are inner products, so a screen costs as much as with ``separable``.

    The pooling ``mean_sd_segments`` makes such vectors: first the numbers of the whole protein,
    then ``segments`` times ``segment_dim`` numbers.

    Attributes:
        segments: number of segments at the end of a vector.
        segment_dim: numbers per segment. None if a vector is ``segments`` + 2 equal parts, as the
            pooling makes them. Required if other vectors stand before these parts.
        rank: length of f(x) and g(y).
        hidden: width of the segment layer and of the protein layer.
        heads: number of attention heads; must divide ``hidden``.
        dropout: share of the protein's hidden units dropped in training.
        segment_dropout: share of a segment's hidden units dropped in training.
        input_dropout: share of vector entries dropped in training.
        input_noise: standard deviation of normal noise added in training to the numbers of the
            whole protein; the numbers themselves have standard deviation 1.
        segment_noise: standard deviation of normal noise added in training to the segments.
        symmetric: whether f and g are one network, so that the score does not depend on the order
            of the two proteins. If not stated, ``fit`` sets it for pairs without a direction.

    Examples:
        >>> import ppi_ratio as pr
        >>> critic = pr.Attentive(segments=4, hidden=8, heads=2)
        >>> network = critic.build(dim=6 * 20)  # mean, standard deviation, and 4 segments
        >>> critic.build(dim=100)
        Traceback (most recent call last):
        ...
        ppi_ratio.errors.ConfigError: ...vectors of 100 numbers are not 6 equal parts...
    """

    name: Literal["attentive"] = "attentive"
    segments: Annotated[int, Field(ge=1, le=MAX_SEGMENTS)] = 16
    segment_dim: PositiveInt | None = None
    rank: PositiveInt = 128
    hidden: PositiveInt = 512
    heads: PositiveInt = 4
    dropout: Share = 0.5
    segment_dropout: Share = 0.3
    input_dropout: Share = 0.2
    input_noise: NonNegativeFloat = 1.0
    segment_noise: NonNegativeFloat = 0.5
    symmetric: bool | None = None

    @model_validator(mode="after")
    def _heads_divide(self) -> "Attentive":
        if self.hidden % self.heads:
            raise ValueError(f"heads {self.heads} must divide hidden {self.hidden}")
        return self

    def check_origin(self, made_by: Provenance) -> None:
        """Refuse vectors that are not ``segments`` + 2 equal parts, by their provenance.

        Raises:
            ConfigError: if the vectors were pooled in another way and ``segment_dim`` is not set.
        """
        if self.segment_dim or UNSTATED in (made_by.encoder, made_by.pooling):
            return
        if made_by.pooling != "mean_sd_segments":
            raise ConfigError(
                f"critic.segments: vectors of pooling {made_by.pooling!r} are not a mean, a "
                f"standard deviation and segments; {REMEDY}"
            )
        if self.segments != N_SEGMENTS:
            raise ConfigError(
                f"critic.segments: {self.segments}, but the vectors have {N_SEGMENTS} segments"
            )

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        """Make networks with new weights for vectors of ``dim`` numbers.

        Raises:
            ConfigError: if vectors of ``dim`` numbers cannot hold these segments.
        """
        left = self._network(dim)
        right = None if self.symmetric else self._network(dim)
        return ProductCritic(left, right, rank=self.rank, link=link)

    def _network(self, dim: int) -> nn.Module:
        return nn.Sequential(
            SegmentAttention(self, dim, self._segment_dim(dim)),
            nn.LayerNorm(self.hidden),
            nn.GELU(),
            Dropout(self.dropout),
            nn.Linear(self.hidden, self.rank),
        )

    def _segment_dim(self, dim: int) -> int:
        parts = self.segments + N_WHOLE_PARTS
        if self.segment_dim is None and dim % parts:
            raise ConfigError(
                f"critic.segments: vectors of {dim} numbers are not {parts} equal parts (mean, "
                f"standard deviation, {self.segments} segments); {REMEDY}"
            )
        segment_dim = self.segment_dim or dim // parts
        if self.segments * segment_dim >= dim:
            raise ConfigError(
                f"critic.segment_dim: {self.segments} segments of {segment_dim} numbers leave none "
                f"of the {dim} of a vector for the whole protein"
            )
        return segment_dim


class SegmentAttention(nn.Module):
    """Hidden state of a protein, from its segments and from the whole-protein numbers."""

    def __init__(self, settings: Attentive, dim: int, segment_dim: int) -> None:
        super().__init__()
        self.shape = settings.segments, segment_dim
        self.heads = settings.heads
        self.n_whole = dim - settings.segments * segment_dim
        hidden = settings.hidden
        self.segment = nn.Sequential(
            GaussianNoise(settings.segment_noise),
            Dropout(settings.input_dropout),
            nn.Linear(segment_dim, hidden),
            nn.LayerNorm(hidden),
            nn.GELU(),
            Dropout(settings.segment_dropout),
        )
        self.attention = nn.Linear(hidden, self.heads)
        self.pooled = nn.Linear(hidden, hidden)
        self.whole = nn.Sequential(
            GaussianNoise(settings.input_noise),
            Dropout(settings.input_dropout),
            nn.Linear(self.n_whole, hidden),
        )

    def forward(self, x: Float[Tensor, "protein dim"]) -> Float[Tensor, "protein hidden"]:
        whole, segments = x[:, : self.n_whole], x[:, self.n_whole :]
        states = self.segment(segments.unflatten(1, self.shape))
        return self.pooled(self._weighted_mean(states)) + self.whole(whole)

    def _weighted_mean(
        self, states: Float[Tensor, "protein segment hidden"]
    ) -> Float[Tensor, "protein hidden"]:
        """Weighted mean over segments; each head weights its own part of the hidden units."""
        shares = self.attention(states).softmax(1).to(states.dtype)
        parts = states.unflatten(2, (self.heads, -1))
        return (shares[..., None] * parts).sum(1).flatten(1)
