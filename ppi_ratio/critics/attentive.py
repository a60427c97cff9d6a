"""A separable critic that looks at the segments of a protein and weighs them by attention."""

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

WHOLE_PARTS = 2  # mean and standard deviation stand before the segments
MAX_SEGMENTS = 4096
WHAT_TO_DO = (
    "embed with pooling mean_sd_segments, or give critic.segment_dim if other vectors stand in "
    "front"
)


@dataclass(frozen=True, config=STRICT)
class Attentive:
    """Settings of f(x) · g(y) where f and g pool what a network sees in each segment.

    A mean over residues mixes the domain that binds with all that does not. Here one hidden layer
    reads every segment's vector, each head of an attention weighs the segments by what it finds
    (Ilse, Tomczak & Welling 2018, arXiv 1802.04712), and their weighted mean joins what is known
    of the whole protein. Scores are inner products still, so a screen costs what it costs with
    ``separable``.

    Vectors are those of the pooling ``mean_sd_segments``: the whole protein in front, then
    ``segments`` times ``segment_dim`` numbers.

    Attributes:
        segments: how many the vectors end with.
        segment_dim: numbers of each. None if the vectors are ``segments`` + 2 equal parts, as
            that pooling makes them; to be given if other vectors stand in front.
        rank: length of f(x) and g(y).
        hidden: width of both hidden layers, that of a segment and that of the protein.
        heads: ways to weigh the segments; they divide ``hidden``.
        dropout: share of the protein's hidden units left out in training.
        segment_dropout: share of a segment's hidden units left out in training.
        input_dropout: share of vector entries left out in training.
        input_noise: standard deviation of the normal noise that training adds to the entries of
            the whole protein; their own is one.
        segment_noise: likewise of the segments.
        symmetric: f and g are one network, and the product has directions of both signs. If not
            stated, ``fit`` sets it for pairs without a direction.
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
        """Refuse vectors that are known not to be ``segments`` + 2 equal parts.

        Raises:
            ConfigError: if they say that they were pooled otherwise, and ``segment_dim`` does not
                say that their segments are known all the same.
        """
        if self.segment_dim or UNSTATED in (made_by.encoder, made_by.pooling):
            return
        if made_by.pooling != "mean_sd_segments":
            raise ConfigError(
                f"critic.segments: vectors of pooling {made_by.pooling!r} are not a mean, a "
                f"standard deviation and segments; {WHAT_TO_DO}"
            )
        if self.segments != N_SEGMENTS:
            raise ConfigError(
                f"critic.segments: {self.segments}, but the vectors have {N_SEGMENTS} segments"
            )

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        """Give it weights.

        Raises:
            ConfigError: if vectors of ``dim`` numbers do not end with such segments.
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
        parts = self.segments + WHOLE_PARTS
        if self.segment_dim is None and dim % parts:
            raise ConfigError(
                f"critic.segments: vectors of {dim} numbers are not {parts} equal parts (mean, "
                f"standard deviation, {self.segments} segments); {WHAT_TO_DO}"
            )
        segment_dim = self.segment_dim or dim // parts
        if self.segments * segment_dim >= dim:
            raise ConfigError(
                f"critic.segment_dim: {self.segments} segments of {segment_dim} numbers leave none "
                f"of the {dim} of a vector for the whole protein"
            )
        return segment_dim


class SegmentAttention(nn.Module):
    """The hidden state of a protein from its segments and from it as a whole."""

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
        seen = self.segment(segments.unflatten(1, self.shape))
        pooled = self._weigh(seen)
        return self.pooled(pooled) + self.whole(whole)

    def _weigh(
        self, seen: Float[Tensor, "protein segment hidden"]
    ) -> Float[Tensor, "protein hidden"]:
        """Weighted means over segments; each head has its own part of the hidden units."""
        shares = self.attention(seen).softmax(1).to(seen.dtype)
        parts = seen.unflatten(2, (self.heads, -1))
        return (shares[..., None] * parts).sum(1).flatten(1)
