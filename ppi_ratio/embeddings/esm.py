"""Residues -> vectors with ESM-1b, ESM-1v and ESM-2, in windows and in batches of tokens.

A protein of at most ``limit`` residues is one window. A longer protein is cut into the fewest
windows of exactly ``limit`` residues, spread evenly. Neighbouring windows share at least a quarter
of their length. A residue's representation is its average over the windows that cover it. A
protein's vector is the mean over residues. Depending on the pooling, their standard deviation
follows, and then the means of the segments.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from esm.data import Alphabet
from esm.model.esm2 import ESM2
from esm.modules import LearnedPositionalEmbedding
from jaxtyping import Float, Int
from torch import Tensor

from ppi_ratio.embeddings.checkpoints import ESMModel, load_model
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.embeddings.segments import N_SEGMENTS, shares_of_segments
from ppi_ratio.embeddings.transformer import Network
from ppi_ratio.errors import ConfigError, ProvenanceError, is_out_of_memory
from ppi_ratio.io.checksums import file_sha256
from ppi_ratio.runtime.devices import choose_device
from ppi_ratio.sequences import RESIDUES

OVERLAP_SHARE = 4  # windows share at least a quarter of their length
SPECIAL_TOKENS = 2  # <cls> before the residues, <eos> behind them
# Most numbers in the widest layer of a batch (4 times the input width): 16 MB. The allocator reuses
# blocks up to that size; larger blocks are mapped again for each layer, which takes time.
WIDEST_ON_CPU = 2**22

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Window:
    """A stretch of one protein.

    Attributes:
        row: position of the sequence in the list.
        residues: residues of the window.
        weights: weight of each residue in the mean over the protein; the windows that cover a
            residue share its weight equally.
        start: position of the first residue in the protein, counted from 0.
        length: number of residues of the protein.
    """

    row: int
    residues: str
    weights: Float[np.ndarray, " residue"]
    start: int
    length: int


class ESMEncoder:
    """A fair-esm model that pools the representations of each protein's residues."""

    def __init__(
        self, model: ESMModel, provenance: Provenance, *, device: torch.device, batch_tokens: int
    ) -> None:
        self.model = model.to(device)
        self.provenance = provenance
        self._width = model.embed_tokens.embedding_dim
        self._with_sd = provenance.pooling in ("mean_sd", "mean_sd_segments")
        self._with_segments = provenance.pooling == "mean_sd_segments"
        self.dim = self._width * (1 + self._with_sd + N_SEGMENTS * self._with_segments)
        self._device = device
        self._batch_tokens = batch_tokens
        # Lowered when memory runs out. ``batches`` still uses the requested budget, so a resumed
        # job has the batches of the interrupted one.
        self._affordable_tokens = batch_tokens
        if device.type == "cpu":
            self._affordable_tokens = min(batch_tokens, WIDEST_ON_CPU // (4 * self._width))
        self._token_of_byte = _token_table()
        self._network = None
        if isinstance(self.model, ESM2):
            assert provenance.layer is not None
            dtype = torch.bfloat16 if provenance.precision == "bf16" else torch.float32
            with torch.inference_mode():
                self._network = Network(self.model, layer=provenance.layer, dtype=dtype)

    @classmethod
    def load(cls, path: Path, name: str, options: EmbedOptions) -> "ESMEncoder":
        """Load the checkpoint at ``path`` under the encoder name ``name``.

        Raises:
            ConfigError: if the model lacks the layer, cannot read ``options.limit`` residues, or
                the device is absent.
        """
        device = choose_device(options.device)
        model = load_model(path)
        layer = model.num_layers if options.layer is None else options.layer
        if not 0 <= layer <= model.num_layers:
            raise ConfigError(f"{name}: layer {layer} is not one of 0 to {model.num_layers}")
        longest = _longest_window(model)
        if longest is not None and options.limit > longest:
            raise ConfigError(
                f"{name}: has learned positions for {longest} residues, fewer than the limit of "
                f"{options.limit}; choose a limit of at most {longest}"
            )
        provenance = Provenance(
            encoder=name,
            layer=layer,
            pooling=options.pooling,
            checkpoint=file_sha256(path),
            precision=options.precision,
            limit=options.limit,
            overlap=options.limit // OVERLAP_SHARE,
        )
        return cls(model, provenance, device=device, batch_tokens=options.batch_tokens)

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        limit, overlap = self._window_rule
        windows = [len(window_starts(length, limit, overlap)) for length in lengths]
        widths = [min(length, limit) + SPECIAL_TOKENS for length in lengths]
        # By windows first: windows of long proteins are equally wide.
        order = sorted(range(len(lengths)), key=lambda row: (-windows[row], -widths[row], row))
        return list(_budgeted(order, widths, windows, self._batch_tokens))

    @torch.inference_mode()
    def vectors(self, sequences: Sequence[str]) -> Float[np.ndarray, "protein dim"]:
        """One vector per sequence.

        Raises:
            ProvenanceError: if memory cannot hold one window, or a value is not finite.
        """
        limit, overlap = self._window_rule
        windows = [
            window
            for row, residues in enumerate(sequences)
            for window in cut_windows(row, residues, limit, overlap)
        ]
        widths = [len(window.residues) + SPECIAL_TOKENS for window in windows]
        order = sorted(range(len(windows)), key=lambda index: (-widths[index], index))
        pooled = torch.empty(len(windows), self.dim)
        for batch in _budgeted(order, widths, [1] * len(windows), self._affordable_tokens):
            pooled[batch] = self._pooled_within_memory([windows[index] for index in batch])
        vectors = self._joined(windows, pooled, len(sequences))
        if not bool(vectors.isfinite().all()):
            raise ProvenanceError(
                f"{self.provenance.encoder}: a vector is not finite; try precision fp32"
            )
        return vectors.numpy()

    def _joined(
        self, windows: list[Window], pooled: Float[Tensor, "window dim"], n_proteins: int
    ) -> Float[Tensor, "protein dim"]:
        """Pooled windows -> vectors of whole proteins.

        The mean square of a window about the protein's mean is the variance of the window plus the
        squared distance of the two means. The weighted sum over windows is the protein's variance
        (Chan, Golub & LeVeque 1983). So the difference of two large numbers is never taken.
        """
        rows = torch.tensor([window.row for window in windows])
        sums, squares, segments = pooled.tensor_split([self._width, 2 * self._width], dim=1)
        means = torch.zeros(n_proteins, self._width).index_add_(0, rows, sums)
        if not self._with_sd:
            return means
        shares = torch.tensor([[float(window.weights.sum())] for window in windows])
        squares = squares + shares * (sums / shares - means[rows]).square()
        variances = torch.zeros_like(means).index_add_(0, rows, squares)
        of_segments = torch.zeros(n_proteins, segments.shape[1]).index_add_(0, rows, segments)
        return torch.cat([means, variances.sqrt(), of_segments], dim=1)

    @property
    def _window_rule(self) -> tuple[int, int]:
        limit, overlap = self.provenance.limit, self.provenance.overlap
        assert limit is not None
        assert overlap is not None
        return limit, overlap

    def _pooled_within_memory(self, windows: list[Window]) -> Float[Tensor, "window dim"]:
        """Pool all windows; if memory runs out, pool each half on its own."""
        try:
            return self._pooled(windows)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if len(windows) == 1:
                raise ProvenanceError(
                    f"memory cannot hold one window of {len(windows[0].residues)} residues; "
                    "choose a smaller limit, bf16 or a smaller encoder"
                ) from error
        # Outside the handler: its traceback would keep the failed tensors in memory.
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        half = len(windows) // 2
        self._affordable_tokens = min(
            self._affordable_tokens, half * (len(windows[0].residues) + SPECIAL_TOKENS)
        )
        logger.warning("out of memory; batches are now %d tokens", self._affordable_tokens)
        return torch.cat(
            [self._pooled_within_memory(windows[:half]), self._pooled_within_memory(windows[half:])]
        )

    def _pooled(self, windows: list[Window]) -> Float[Tensor, "window dim"]:
        """Weighted sums of representations, and what the pooling needs beyond them.

        That is the sums of squares about the mean, and the sums in each segment.
        """
        tokens, weights = self._tokens_and_weights(windows)
        hidden = self._representations(tokens).float()
        sums = torch.einsum("wt,wtd->wd", weights, hidden)
        if not self._with_sd:
            return sums.cpu()
        centred = hidden - (sums / weights.sum(1, keepdim=True))[:, None]
        squares = torch.einsum("wt,wtd->wd", weights, centred.square())
        found = [sums, squares]
        if self._with_segments:
            shares = self._to_device(_shares_in_segments(windows, tokens.shape[1]))
            found.append(torch.einsum("wts,wtd->wsd", shares, hidden).flatten(1))
        return torch.cat(found, dim=1).cpu()

    def _representations(self, tokens: Int[Tensor, "window token"]) -> Tensor:
        if self._network is not None:
            return self._network(tokens)
        layer = self.provenance.layer
        autocast = torch.autocast(
            self._device.type, torch.bfloat16, enabled=self.provenance.precision == "bf16"
        )
        with autocast:
            return self.model(tokens, repr_layers=[layer])["representations"][layer]

    def _tokens_and_weights(self, windows: list[Window]) -> tuple[Tensor, Tensor]:
        shape = len(windows), max(len(window.residues) for window in windows) + SPECIAL_TOKENS
        tokens = np.full(shape, self.model.padding_idx, dtype=np.int64)
        # <cls>, <eos> and padding have weight 0: averaging them in would make the vector depend
        # on the length of the protein
        weights = np.zeros(shape, dtype=np.float32)
        tokens[:, 0] = self.model.cls_idx
        for row, window in enumerate(windows):
            end = len(window.residues) + 1
            letters = np.frombuffer(window.residues.encode("ascii"), dtype=np.uint8)
            tokens[row, 1:end] = self._token_of_byte[letters]
            tokens[row, end] = self.model.eos_idx
            weights[row, 1:end] = window.weights
        return self._to_device(tokens), self._to_device(weights)

    def _to_device(self, array: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(array)
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)


def window_starts(length: int, limit: int, overlap: int) -> list[int]:
    """Position of the first residue of each window of a protein, counted from 0."""
    if length <= limit:
        return [0]
    n_steps = -(-(length - limit) // (limit - overlap))
    return [step * (length - limit) // n_steps for step in range(n_steps + 1)]


def cut_windows(row: int, residues: str, limit: int, overlap: int) -> list[Window]:
    """The windows of one protein; all weights together sum to 1."""
    starts = window_starts(len(residues), limit, overlap)
    coverage = np.zeros(len(residues), dtype=np.float32)
    for start in starts:
        coverage[start : start + limit] += 1
    weights = 1 / (coverage * len(residues))
    return [
        Window(
            row,
            residues[start : start + limit],
            weights[start : start + limit],
            start,
            len(residues),
        )
        for start in starts
    ]


def _shares_in_segments(
    windows: Sequence[Window], n_tokens: int
) -> Float[np.ndarray, "window token segment"]:
    """Weight of each token in the mean of each segment of its protein."""
    found = np.zeros((len(windows), n_tokens, N_SEGMENTS), dtype=np.float32)
    for window, shares in zip(windows, found, strict=True):
        n_residues = len(window.residues)
        positions = torch.arange(window.start, window.start + n_residues)
        alone = shares_of_segments(positions, torch.full((n_residues,), window.length))
        covered = window.weights * window.length  # 1 / number of windows that cover a residue
        shares[1 : n_residues + 1] = alone.numpy() * covered[:, None]
    return found


def _budgeted(
    order: Sequence[int], widths: Sequence[int], n_rows: Sequence[int], budget: int
) -> Iterator[list[int]]:
    """Consecutive parts of ``order`` with at most ``budget`` tokens, padding included.

    A single sequence may exceed the budget. The longest come first in ``order``, so memory runs out
    in the first batch or not at all.
    """
    batch: list[int] = []
    rows, width = 0, 0
    for index in order:
        if batch and (rows + n_rows[index]) * max(width, widths[index]) > budget:
            yield batch
            batch, rows, width = [], 0, 0
        batch.append(index)
        rows += n_rows[index]
        width = max(width, widths[index])
    if batch:
        yield batch


def _token_table() -> Int[np.ndarray, " byte"]:
    """Token of each letter by its ASCII code; ESM-1b, ESM-1v and ESM-2 share one alphabet."""
    alphabet = Alphabet.from_architecture("ESM-1b")
    table = np.full(256, alphabet.unk_idx, dtype=np.int64)
    for letter in RESIDUES:
        # The alphabet has no letter for "leucine or isoleucine"; X is "any residue".
        table[ord(letter)] = alphabet.get_idx("X" if letter == "J" else letter)
    return table


def _longest_window(model: ESMModel) -> int | None:
    """Most residues that learned positions allow; None if positions are rotary."""
    if isinstance(model, ESM2):
        return None
    return cast(LearnedPositionalEmbedding, model.embed_positions).max_positions - SPECIAL_TOKENS
