"""Tokens -> residue representations with fair-esm's ESM-2 weights and a faster forward pass.

Unlike ``esm.ESM2.forward`` this uses PyTorch's fused attention and one product for queries, keys
and values. It keeps one layer and runs no language-model or contact head. In bfloat16 the weights
are converted once; residual sums and layer norms stay in float32.
"""

from dataclasses import dataclass
from typing import cast

import torch
from esm.model.esm2 import ESM2
from esm.modules import MultiheadAttention, TransformerLayer
from esm.rotary_embedding import RotaryEmbedding
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

TRAINED_MASK_RATIO = 0.15 * 0.8  # ESM-2 was trained with this share of <mask> tokens


@dataclass(frozen=True)
class Linear:
    """A linear map whose weights have the number type of the computation."""

    weight: Float[Tensor, "out in"]
    bias: Float[Tensor, " out"]

    @classmethod
    def of(cls, *layers: nn.Module, dtype: torch.dtype) -> "Linear":
        """Several layers with one input as one map; outputs are concatenated."""
        weights = [cast(Tensor, layer.weight) for layer in layers]
        biases = [cast(Tensor, layer.bias) for layer in layers]
        if len(layers) == 1:  # shared with the model, not copied, if the type is the same
            return cls(weights[0].to(dtype), biases[0].to(dtype))
        return cls(torch.cat(weights).to(dtype), torch.cat(biases).to(dtype))

    def __call__(self, states: Tensor) -> Tensor:
        return functional.linear(states.to(self.weight.dtype), self.weight, self.bias)


@dataclass(frozen=True)
class Block:
    """A transformer layer with its weights ready to multiply."""

    attention_norm: nn.Module
    queries_keys_values: Linear
    attention_output: Linear
    feedforward_norm: nn.Module
    feedforward_in: Linear
    feedforward_out: Linear

    @classmethod
    def of(cls, layer: TransformerLayer, dtype: torch.dtype) -> "Block":
        attention: MultiheadAttention = layer.self_attn
        inputs = [cast(nn.Module, attention.get_submodule(f"{name}_proj")) for name in "qkv"]
        return cls(
            attention_norm=layer.self_attn_layer_norm,
            queries_keys_values=Linear.of(*inputs, dtype=dtype),
            attention_output=Linear.of(attention.out_proj, dtype=dtype),
            feedforward_norm=layer.final_layer_norm,
            feedforward_in=Linear.of(layer.fc1, dtype=dtype),
            feedforward_out=Linear.of(layer.fc2, dtype=dtype),
        )

    def __call__(
        self,
        hidden: Float[Tensor, "batch token dim"],
        attended: Tensor | None,
        rotation: tuple[Tensor, Tensor],
    ) -> Float[Tensor, "batch token dim"]:
        states = self.queries_keys_values(self.attention_norm(hidden))
        hidden = hidden + self.attention_output(_attend(states, attended, rotation))
        wide = functional.gelu(self.feedforward_in(self.feedforward_norm(hidden)))
        return hidden + self.feedforward_out(wide)


class Network:
    """An ESM-2 network up to one of its layers.

    Gradients reach the weights of the model, so that it can be trained.
    """

    def __init__(self, model: ESM2, *, layer: int, dtype: torch.dtype = torch.float32) -> None:
        """Prepare the weights of ``model``.

        Args:
            model: the network with its weights, on the device to run on.
            layer: 0 (token embeddings) to ``model.num_layers`` (after the final norm).
            dtype: number type of matrix products.
        """
        self._model = model
        self._dtype = dtype
        used = list(model.layers)[:layer]
        self._blocks = [Block.of(cast(TransformerLayer, each), dtype) for each in used]
        self._last_norm = model.emb_layer_norm_after if layer == model.num_layers else None
        first = cast(TransformerLayer, model.layers[0])
        self._frequencies = cast(Tensor, cast(RotaryEmbedding, first.self_attn.rot_emb).inv_freq)

    def __call__(self, tokens: Int[Tensor, "batch token"]) -> Float[Tensor, "batch token dim"]:
        """Equals ``model(tokens, repr_layers=[layer])["representations"][layer]``.

        Args:
            tokens: ``<cls> residues <eos>``, padded on the right.
        """
        padding = tokens.eq(self._model.padding_idx)
        hidden = _embed_tokens(self._model, tokens, padding)
        attended = ~padding[:, None, None, :] if bool(padding.any()) else None
        rotation = self._rotation(tokens.shape[1])
        for block in self._blocks:
            hidden = block(hidden, attended, rotation)
        return hidden if self._last_norm is None else self._last_norm(hidden)

    def _rotation(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosine and sine of the rotary angles; both are ``(token, 1, 1, ...)``.

        The cosine has ``head_dim`` numbers per token, and the sine has half as many.
        """
        places = torch.arange(length, device=self._frequencies.device, dtype=torch.float32)
        angles = (places[:, None] * self._frequencies.float())[:, None, None, :]
        cosine, sine = angles.cos().to(self._dtype), angles.sin().to(self._dtype)
        return torch.cat([cosine, cosine], dim=-1), sine


def _embed_tokens(model: ESM2, tokens: Tensor, padding: Tensor) -> Tensor:
    hidden = model.embed_scale * model.embed_tokens(tokens)
    if model.token_dropout:
        masked = tokens.eq(model.mask_idx)
        observed = masked.sum(-1) / (~padding).sum(-1)
        scale = (1 - TRAINED_MASK_RATIO) / (1 - observed)
        hidden = hidden.masked_fill(masked[..., None], 0.0) * scale[:, None, None].to(hidden.dtype)
    return hidden.masked_fill(padding[..., None], 0.0)


def _attend(
    states: Float[Tensor, "batch token three_dim"],
    attended: Tensor | None,
    rotation: tuple[Tensor, Tensor],
) -> Float[Tensor, "batch token dim"]:
    """Attention of all heads, with rotary positions."""
    batch, length, _ = states.shape
    cosine, sine = rotation
    by_head = states.view(batch, length, 3, -1, cosine.shape[-1])
    before, half = by_head[:, :, :2], cosine.shape[-1] // 2
    rotated = before * cosine
    rotated[..., :half].addcmul_(before[..., half:], sine, value=-1)
    rotated[..., half:].addcmul_(before[..., :half], sine)
    query, key = rotated.permute(2, 0, 3, 1, 4)  # (batch, head, token, head_dim)
    value = by_head[:, :, 2].transpose(1, 2)
    mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=attended)
    return mixed.transpose(1, 2).reshape(batch, length, -1)
