"""Tokens -> residue representations with fair-esm's ESM-2 weights and a faster forward pass.

Beside ``esm.ESM2.forward`` this uses PyTorch's fused attention, keeps one layer only, and runs
no language-model or contact head. The numbers agree to rounding.
"""

from typing import cast

import torch
from esm.model.esm2 import ESM2
from esm.modules import MultiheadAttention, TransformerLayer
from esm.rotary_embedding import RotaryEmbedding
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

TRAINED_MASK_RATIO = 0.15 * 0.8  # ESM-2 was trained with this share of <mask> tokens


def residue_representations(
    model: ESM2, tokens: Int[Tensor, "batch token"], *, layer: int
) -> Float[Tensor, "batch token dim"]:
    """What ``model(tokens, repr_layers=[layer])["representations"][layer]`` holds.

    Args:
        model: the network with its weights.
        tokens: ``<cls> residues <eos>``, padded on the right.
        layer: 0 (token embeddings) to ``model.num_layers`` (after the final norm).
    """
    padding = tokens.eq(model.padding_idx)
    hidden = _embed_tokens(model, tokens, padding)
    attended = ~padding[:, None, None, :] if bool(padding.any()) else None
    rotation = _rotation(model, tokens.shape[1], hidden.device)
    for block in _blocks(model)[:layer]:
        hidden = hidden + _attention(
            block.self_attn, block.self_attn_layer_norm(hidden), attended, rotation
        )
        hidden = hidden + block.fc2(functional.gelu(block.fc1(block.final_layer_norm(hidden))))
    return model.emb_layer_norm_after(hidden) if layer == model.num_layers else hidden


def _blocks(model: ESM2) -> list[TransformerLayer]:
    return [cast(TransformerLayer, block) for block in model.layers]


def _embed_tokens(model: ESM2, tokens: Tensor, padding: Tensor) -> Tensor:
    hidden = model.embed_scale * model.embed_tokens(tokens)
    if model.token_dropout:
        masked = tokens.eq(model.mask_idx)
        observed = masked.sum(-1) / (~padding).sum(-1)
        scale = (1 - TRAINED_MASK_RATIO) / (1 - observed)
        hidden = hidden.masked_fill(masked[..., None], 0.0) * scale[:, None, None].to(hidden.dtype)
    return hidden.masked_fill(padding[..., None], 0.0)


def _rotation(model: ESM2, length: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the rotary angles, each ``(token, head_dim)``, in float32."""
    rotary = cast(RotaryEmbedding, _blocks(model)[0].self_attn.rot_emb)
    frequencies = cast(Tensor, rotary.inv_freq).to(device, torch.float32)
    angles = torch.arange(length, device=device, dtype=torch.float32)[:, None] * frequencies
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def _attention(
    attention: MultiheadAttention,
    hidden: Tensor,
    attended: Tensor | None,
    rotation: tuple[Tensor, Tensor],
) -> Tensor:
    batch, length, dim = hidden.shape

    def heads(projected: Tensor) -> Tensor:  # (batch, head, token, head_dim)
        return projected.view(batch, length, attention.num_heads, -1).transpose(1, 2)

    value = heads(attention.v_proj(hidden))
    query = _rotate(heads(attention.q_proj(hidden)), rotation).to(value.dtype)
    key = _rotate(heads(attention.k_proj(hidden)), rotation).to(value.dtype)
    mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=attended)
    return attention.out_proj(mixed.transpose(1, 2).reshape(batch, length, dim))


def _rotate(states: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = rotation
    first, second = states.chunk(2, dim=-1)
    return states * cosine + torch.cat([-second, first], dim=-1) * sine
