"""The network: a causal Transformer over log events, 415,873 parameters, in the order in which data passes.

`core.network.attention` defines what an event attends to. A whole sequence (`forward`) and a stream (`step`) take
the same path, so their scores agree to the last bit on a CPU; a stream carries keys and values of the events that later
ones can attend to, and computes each event once. `probe` scores altered versions of an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 (the name that every PyTorch user knows)
from torch import Tensor, nn

from core import schema
from core.network.attention import BLOCK, CARRY, PERIOD, REACH, Cache, attention_bias, rotate, rotations, windows

_MIN_ROWS: Final = 4
"""With fewer rows MKL uses another matrix product, which rounds differently."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Widths of the network; the defaults are the shipped model."""

    numerical_width: int = 64
    binary_width: int = 32
    embedding_width: int = 32
    categorical_width: int = 32
    heads: int = 4
    layers: int = 2
    feed_forward: int = 512
    head_width: int = 64
    dropout: float = 0.0

    @property
    def width(self) -> int:
        """Width of an event inside the network."""
        return self.numerical_width + self.binary_width + self.categorical_width


class EventEmbedding(nn.Module):
    """The 37 features of an event as one vector."""

    _first_words: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        sizes = [len(words) for words in schema.CATEGORICAL.values()]
        self.numerical = nn.Linear(len(schema.NUMERICAL), config.numerical_width)
        self.binary = nn.Linear(len(schema.BINARY), config.binary_width)
        self.words = nn.Embedding(sum(sizes), config.embedding_width)  # six vocabularies, one after the other
        self.categorical = nn.Linear(config.embedding_width * len(sizes), config.categorical_width)
        self.norm = nn.LayerNorm(config.width)
        self.aggregates = nn.Linear(len(schema.AGGREGATES), config.width)
        self.register_buffer("_first_words", torch.tensor([0, *accumulate(sizes[:-1])]), persistent=False)

    def forward(self, numerical: Tensor, binary: Tensor, categorical: Tensor, aggregates: Tensor) -> Tensor:
        """Embed events: [..., 14] scaled, [..., 8], [..., 6] codes, [..., 9] -> [..., width]."""
        words = self.words(categorical + self._first_words).flatten(-2)
        parts = (self.numerical(numerical), self.binary(binary), self.categorical(words))
        embedded: Tensor = self.norm(torch.cat(parts, dim=-1)) + self.aggregates(aggregates)
        return embedded


class Layer(nn.Module):
    """One pre-norm layer; the caller computes the attention between `project` and `combine`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.query_key_value = nn.Linear(config.width, 3 * config.width)
        self.output = nn.Linear(config.width, config.width)
        self.feed_forward_norm = nn.LayerNorm(config.width)
        self.expand = nn.Linear(config.width, config.feed_forward)
        self.contract = nn.Linear(config.feed_forward, config.width)
        self.dropout = nn.Dropout(config.dropout)

    def project(self, x: Tensor, rotation: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries and keys, both turned by the positions, and values [..., width] of events [..., width]."""
        turning, values = self.query_key_value(self.attention_norm(x)).tensor_split((2 * x.shape[-1],), dim=-1)
        turned = rotate(turning.unflatten(-1, (-1, rotation.shape[-1])), rotation).flatten(-2)
        queries, keys = turned.chunk(2, dim=-1)
        return queries, keys, values

    def combine(self, x: Tensor, attended: Tensor) -> Tensor:
        """Add to events what they attended to, then what the feed-forward network makes of it."""
        x = x + self.dropout(self.output(attended))
        hidden = self.dropout(F.relu(self.expand(self.feed_forward_norm(x)), inplace=True))
        combined: Tensor = x + self.dropout(self.contract(hidden))
        return combined


class Transformer(nn.Module):
    """Events in, one logit per event out; sigmoid of the logit is the score, high = anomalous."""

    _rotations: Tensor

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ModelConfig()
        self.embedding = EventEmbedding(config)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.hidden = nn.Linear(config.width, config.head_width)
        self.logit = nn.Linear(config.head_width, 1)
        self.register_buffer("_rotations", rotations(config.width // config.heads), persistent=False)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.norm.weight.device

    def parameter_count(self) -> int:
        """Return how many numbers training sets."""
        return sum(parameter.numel() for parameter in self.parameters())

    def empty_cache(self) -> Cache:
        """Return the memory of a stream that has seen nothing."""
        nothing = (torch.zeros(CARRY, self.config.width, device=self.device),) * self.config.layers
        return Cache(nothing, nothing, torch.full((CARRY,), -torch.inf, dtype=torch.float64), 0)

    def forward(
        self,
        numerical: Tensor,
        binary: Tensor,
        categorical: Tensor,
        aggregates: Tensor,
        timestamps: Tensor,
        lengths: Tensor | None = None,
    ) -> Tensor:
        """Score whole sequences.

        `numerical` [B, S, 14] scaled, `binary` [B, S, 8], `categorical` [B, S, 6] codes and `aggregates` [B, S, 9]
        are on the model's device; `timestamps` [B, S] float64 seconds may stay on the CPU (MPS has no float64).
        Returns logits [B, S]. Positions at or after `lengths` [B] are neither seen nor scored: their logit is 0.
        """
        x = self._embed(numerical, binary, categorical, aggregates)
        batch, length = timestamps.shape
        padding = None
        if lengths is not None:
            padding = torch.arange(length, device=x.device) >= lengths.to(x.device)[:, None]
            x = x.masked_fill(F.pad(padding, (0, x.shape[1] - length), value=True)[..., None], 0.0)
        past = (x.new_zeros(batch, REACH, self.config.width),) * self.config.layers
        before = timestamps.new_full((batch, REACH), -torch.inf)
        logits, _, _ = self._run(x, torch.cat((before, timestamps), dim=1), past, past, 0)
        return logits if padding is None else logits.masked_fill(padding, 0.0)

    def step(
        self,
        numerical: Tensor,
        binary: Tensor,
        categorical: Tensor,
        aggregates: Tensor,
        timestamps: Tensor,
        cache: Cache,
    ) -> tuple[Tensor, Cache]:
        """Score the next N >= 1 events of a stream: shapes as in `forward` without B, `timestamps` on the CPU.

        Returns logits [N] and the cache with these events added: `CARRY` before them, then the N themselves.
        """
        x = self._embed(numerical[None], binary[None], categorical[None], aggregates[None])
        clock = torch.cat((cache.timestamps[-CARRY:], timestamps))
        past_keys = tuple(keys[None, -CARRY:] for keys in cache.keys)
        past_values = tuple(values[None, -CARRY:] for values in cache.values)
        logits, keys, values = self._run(x, clock[None], past_keys, past_values, cache.position)
        position = (cache.position + len(timestamps)) % PERIOD
        return logits[0], Cache(tuple(k[0] for k in keys), tuple(v[0] for v in values), clock, position)

    def probe(
        self,
        numerical: Tensor,
        binary: Tensor,
        categorical: Tensor,
        aggregates: Tensor,
        rows: Tensor,
        cache: Cache,
        *,
        alone: Tensor,
    ) -> Tensor:
        """Ask what the logit of R events of the last step would be, had they other inputs: V variants each.

        The features are [R, V, ...]; `rows` [R] int64 are the events' places among the N of that step and `cache` is
        what it returned. The past of an event does not depend on it, so a variant costs one event and not a sequence.
        Where `alone` [R, V] is true the variant attends to itself only. Returns logits [R, V].
        """
        heads, depth = self.config.heads, self.config.width // self.config.heads
        x = self.embedding(numerical, binary, categorical, aggregates)
        count, variants, width = x.shape
        own = rows + CARRY
        past = own[:, None] - torch.arange(REACH, 0, -1, device=rows.device)
        ages = cache.timestamps[own.cpu(), None] - cache.timestamps[past.cpu()]
        hidden = (ages > schema.WINDOW_SECONDS).to(x.device)[:, None, None] | alone[:, None, :, None]
        bias = F.pad(torch.zeros_like(hidden, dtype=x.dtype).masked_fill(hidden, -torch.inf), (0, 1))
        length = len(cache.timestamps) - CARRY
        rotation = self._rotation(cache.position - length, length)[:, rows, None]
        for layer, keys, values in zip(self.layers, cache.keys, cache.values, strict=True):
            assert isinstance(layer, Layer)
            q, k, v = (t.view(count, variants, heads, depth) for t in layer.project(x, rotation))
            past_k = F.embedding(past, keys).view(count, REACH, heads, depth)
            past_v = F.embedding(past, values).view(count, REACH, heads, depth)
            scores = torch.einsum("rvhd,rphd->rhvp", q, past_k)
            own_scores = torch.einsum("rvhd,rvhd->rhv", q, k)[..., None]
            weights = torch.softmax(torch.cat((scores, own_scores), dim=-1) * depth**-0.5 + bias, dim=-1)
            attended = torch.einsum("rhvp,rphd->rvhd", weights[..., :REACH], past_v)
            attended = attended + weights[..., REACH:].transpose(1, 2) * v
            x = layer.combine(x, attended.reshape(count, variants, width))
        return self._logits(x)

    def _embed(self, numerical: Tensor, binary: Tensor, categorical: Tensor, aggregates: Tensor) -> Tensor:
        """Embed sequences [B, S, ...], filled up to `_MIN_ROWS` events."""
        inputs: tuple[Tensor, ...] = (numerical, binary, categorical, aggregates)
        missing = _MIN_ROWS - numerical.shape[1]
        if missing > 0:
            inputs = tuple(F.pad(tensor, (0, 0, 0, missing)) for tensor in inputs)
        embedded: Tensor = self.embedding(*inputs)
        return embedded

    def _run(
        self,
        x: Tensor,
        clock: Tensor,
        past_keys: tuple[Tensor, ...],
        past_values: tuple[Tensor, ...],
        position: int,
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Send events x [B, rows, width] through the layers; the first of them is at `position`.

        Their past are P keys and values [B, P, width] per layer, P at least `REACH` and what is missing of a block.
        `clock` [B, P + S] is float64; rows after the S-th are filling. Returns logits [B, S] and, per layer, keys and
        values [B, P + S, width].
        """
        batch, rows, width = x.shape
        heads, depth = self.config.heads, width // self.config.heads
        events = clock.shape[1]
        length = events - past_keys[0].shape[1]
        before = position % BLOCK  # places of the first block that earlier events have
        blocks = -(-(before + rows) // BLOCK)
        after = blocks * BLOCK - before - rows
        first = events - length - before - REACH  # what the first block sees begins here
        bias = attention_bias(F.pad(clock[:, first:], (0, rows - length + after), value=torch.inf)).to(x.device)
        rotation = self._rotation(position, rows)
        nothing = x.new_zeros(batch, after, width)
        dropout = self.config.dropout if self.training else 0.0
        all_keys, all_values = [], []
        for layer, before_k, before_v in zip(self.layers, past_keys, past_values, strict=True):
            assert isinstance(layer, Layer)
            q, k, v = layer.project(x, rotation)
            keys, values = torch.cat((before_k, k, nothing), dim=1), torch.cat((before_v, v, nothing), dim=1)
            all_keys.append(keys[:, :events])
            all_values.append(values[:, :events])
            q = F.pad(q, (0, 0, before, after)).view(batch * blocks, BLOCK, heads, depth)
            attended = F.scaled_dot_product_attention(
                q.transpose(1, 2),
                windows(keys[:, first:].view(batch, -1, heads, depth)),
                windows(values[:, first:].view(batch, -1, heads, depth)),
                attn_mask=bias,
                dropout_p=dropout,
            )
            attended = attended.transpose(1, 2).reshape(batch, blocks * BLOCK, width)
            x = layer.combine(x, attended[:, before : before + rows])
        return self._logits(x)[:, :length], all_keys, all_values

    def _logits(self, x: Tensor) -> Tensor:
        """Return logits [...] of events [..., width]; the last product is written as a sum, which rounds row by row."""
        hidden = F.relu(self.hidden(x))
        return (hidden * self.logit.weight[0]).sum(dim=-1) + self.logit.bias

    def _rotation(self, position: int, length: int) -> Tensor:
        """Return what `rotate` needs for `length` positions from this one on: [2, length, 1, depth]."""
        start = position % PERIOD
        if start + length <= self._rotations.shape[1]:
            return self._rotations[:, start : start + length]
        return self._rotations[:, (start + torch.arange(length, device=self.device)) % PERIOD]
