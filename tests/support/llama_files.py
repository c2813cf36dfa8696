"""GGUF files of small Llama models with weights of any type."""

from __future__ import annotations

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

WIDTH, HIDDEN, LAYERS, HEADS, KV_HEADS, CONTEXT = 256, 256, 2, 4, 2, 64
TOKENS = [bytes([i]) for i in range(256)] + [b"th", b"he", b"the", b" the"]


def write(path, kind: Type, seed: int = 1, *, own_output: bool = False, tokens=TOKENS, **keys) -> None:
    """Norms are of 32 bits. Keys replace the numbers of that name; None leaves them out."""
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    numbers = {
        "context_length": CONTEXT,
        "embedding_length": WIDTH,
        "block_count": LAYERS,
        "feed_forward_length": HIDDEN,
        "attention.head_count": HEADS,
        "attention.head_count_kv": KV_HEADS,
    }
    for name, number in (numbers | keys).items():
        if number is not None:
            writer.add_uint32(f"llama.{name}", number)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([_printable(token) for token in tokens])
    writer.add_token_types([gguf.TokenType.NORMAL] * len(tokens))
    writer.add_bos_token_id(0)
    shapes = {"token_embd": (len(tokens), WIDTH)} | ({"output": (len(tokens), WIDTH)} if own_output else {})
    keys_width = WIDTH // HEADS * KV_HEADS
    for i in range(LAYERS):
        for name, shape in (
            ("attn_q", (WIDTH, WIDTH)),
            ("attn_k", (keys_width, WIDTH)),
            ("attn_v", (keys_width, WIDTH)),
            ("attn_output", (WIDTH, WIDTH)),
            ("ffn_gate", (HIDDEN, WIDTH)),
            ("ffn_up", (HIDDEN, WIDTH)),
            ("ffn_down", (WIDTH, HIDDEN)),
        ):
            shapes[f"blk.{i}.{name}"] = shape
        for name in "attn_norm", "ffn_norm":
            norm = rng.uniform(0.2, 2, WIDTH).astype(np.float32)
            writer.add_tensor(f"blk.{i}.{name}.weight", norm)
    writer.add_tensor("output_norm.weight", rng.uniform(1, 3, WIDTH).astype(np.float32))
    for name, shape in shapes.items():
        # Some channels are large, as they are in trained models.
        floats = rng.standard_normal(shape) * np.exp2(rng.integers(-6, -3, shape[:1])[:, None])
        writer.add_tensor(f"{name}.weight", _quantized(floats.astype(np.float32), kind, rng), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _quantized(floats: np.ndarray, kind: Type, rng: np.random.Generator) -> np.ndarray:
    try:
        return gguf.quants.quantize(floats, kind)
    except NotImplementedError:  # any bytes will do whose scales are sensible
        values, size = gguf.GGML_QUANT_SIZES[kind]
        raw = rng.integers(0, 256, (floats.shape[0], floats.shape[1] // values, size), np.uint8)
        scales = rng.uniform(1e-5, 1e-4, raw.shape[:2])[..., None]
        if kind == Type.Q6_K:
            raw[..., -2:] = scales.astype("<f2").view(np.uint8)
        else:  # the middle level is about 0
            middle = 7.5 if kind == Type.Q4_K else 15.5
            raw[..., :4] = np.concatenate([scales, middle * scales], -1).astype("<f2").view(np.uint8)
        return raw.reshape(floats.shape[0], -1)


def _printable(token: bytes) -> str:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return "".join(chr(byte if byte in printable else 256 + others.index(byte)) for byte in token)
