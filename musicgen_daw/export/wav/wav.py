"""A whole WAV file: format, samples, and the chunks around them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from musicgen_daw.audio import BitDepth, Pcm
from musicgen_daw.export.wav import fmt
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk

__all__ = ["Shape", "write", "write_pieces"]

_BEFORE_DATA = (b"bext",)
"""Chunks that stand before the samples by convention; all others follow them."""

_BLOCK_SAMPLES = 1 << 17
"""Samples of a channel that are packed at once: few enough to stay in the processor's cache, and
enough that threads seldom wait for each other's turn in the interpreter.
"""

_INT24 = np.dtype([("low", "<u2"), ("high", "u1")])


def write(
    file: BinaryIO, pcm: Pcm, chunks: Sequence[Chunk] = (), rf64_above: int = riff.MAX_SIZE
) -> None:
    """Write ``pcm`` and ``chunks`` to a file open for writing bytes; it need not be seekable.

    The same arguments give the same bytes. A file above ``rf64_above`` bytes becomes an RF64.

    Raises:
        ValueError: for a sample beyond full scale of its bit depth, before anything is written.
    """
    _check_range(pcm)
    write_pieces(file, [pcm], Shape.of(pcm), lambda: chunks, rf64_above)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file's head tells of its samples."""

    channels: int
    sample_rate: int
    bit_depth: BitDepth
    length_samples: int

    @classmethod
    def of(cls, pcm: Pcm) -> Shape:
        """Return the shape of samples that are all there."""
        return cls(pcm.channels, pcm.sample_rate, pcm.bit_depth, pcm.length_samples)


def write_pieces(
    file: BinaryIO,
    pieces: Iterable[Pcm],
    shape: Shape,
    chunks: Callable[[], Sequence[Chunk]],
    rf64_above: int = riff.MAX_SIZE,
) -> None:
    """Write samples that come in pieces.

    ``chunks`` is asked before the samples and again after them, when more may be known: then the
    head is written once more if it differs, for which the file must be seekable. What stands
    before the samples keeps its size.

    Raises:
        ValueError: for a sample beyond full scale, pieces that are not of the told length
            together, or chunks that have grown.
    """
    sample_bytes = shape.channels * fmt.SAMPLE_BYTES[shape.bit_depth]
    data_size = shape.length_samples * sample_bytes
    head, _ = _around(shape, data_size, chunks(), rf64_above)
    file.write(head)
    missing = shape.length_samples
    for piece in pieces:
        _check_range(piece)
        missing -= piece.length_samples
        file.writelines(_interleaved(piece))
    if missing:
        raise ValueError(f"{missing} samples are missing of {shape.length_samples}")
    file.write(b"\0" * (data_size % 2))
    final_head, after = _around(shape, data_size, chunks(), rf64_above)
    file.writelines(chunk.encode() for chunk in after)
    if final_head != head:
        if len(final_head) != len(head):
            raise ValueError("chunks before the samples have grown")
        file.seek(0)
        file.write(final_head)


def _around(
    shape: Shape, data_size: int, chunks: Sequence[Chunk], rf64_above: int
) -> tuple[bytes, list[Chunk]]:
    """Return the head of a file, and the chunks that follow the samples."""
    kind = Pcm.empty(shape.channels, shape.sample_rate, shape.bit_depth)
    before = [chunk for chunk in chunks if chunk.id in _BEFORE_DATA]
    after = [chunk for chunk in chunks if chunk.id not in _BEFORE_DATA]
    before += [fmt.encode(kind), *_fact(shape)]
    return riff.head(before, data_size, after, shape.length_samples, rf64_above), after


def _check_range(pcm: Pcm) -> None:
    if pcm.bit_depth == "32f" or not pcm.samples.size:
        return
    samples = pcm.samples if pcm.samples.strides[0] else pcm.samples[:1]
    lowest, highest = int(samples.min()), int(samples.max())
    if lowest < -pcm.full_scale or highest >= pcm.full_scale:
        raise ValueError(
            f"samples from {lowest} to {highest} do not fit {pcm.bit_depth} bits: quantise first"
        )


def _fact(shape: Shape) -> list[Chunk]:
    """Formats other than integers have to tell their length in samples."""
    if shape.bit_depth != "32f":
        return []
    return [Chunk(b"fact", struct.pack("<I", min(shape.length_samples, 0xFFFFFFFF)))]


def _interleaved(pcm: Pcm) -> Iterator[memoryview]:
    for start in range(0, pcm.length_samples, _BLOCK_SAMPLES):
        block = pcm.samples[:, start : start + _BLOCK_SAMPLES]
        if pcm.bit_depth == "24":
            packed = _packed_24(block)
        else:
            packed = np.ascontiguousarray(block.T, "<i2" if pcm.bit_depth == "16" else "<f4")
        yield packed.view(np.uint8).reshape(-1).data


def _packed_24(block: NDArray[np.int32] | NDArray[np.float32]) -> NDArray[np.void]:
    """Return ``(samples, channels)`` of three bytes each, the lowest first."""
    told_as = block.shape[::-1]
    if not block.strides[0]:  # one channel that is told as many: it is packed once
        block = block[:1]
    low = block.astype("<u2")  # keeps the two lower bytes, whatever the sign
    high = (block.astype(np.int32, copy=False) >> 16).astype(np.uint8)
    packed = np.empty(told_as, _INT24)
    for channel in range(told_as[1]):  # channel by channel is six times as fast as at once
        packed["low"][:, channel] = low[channel % len(low)]
        packed["high"][:, channel] = high[channel % len(low)]
    return packed
