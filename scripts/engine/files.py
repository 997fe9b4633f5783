"""The network's weights as llama.cpp reads them: a text model and a multimodal projector, both GGUF.

Keys and tensor names: tools/mtmd/clip-impl.h and src/llama-arch.cpp of llama.cpp. Two things to know of its LLaVA graph:
without `clip.vision.feature_layer` it leaves the last block out, and a class token is put after the patches and read as if
it were before them. So the layer is named here, and there is no class token.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

from .model import Engine
from .words import BEGIN, END, SPECIAL, TEMPLATE, VOCABULARY


def write(engine: Engine, folder: Path) -> tuple[Path, Path]:
    """Write both files into the folder: (model, projector)."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.detach().float().numpy() for name, tensor in engine.state_dict().items()}
    return _text(engine, weights, folder / "tiny.gguf"), _sight(engine, weights, folder / "tiny-mmproj.gguf")


def counts(engine: Engine) -> dict[str, int]:
    """How many weights each of the files ends with, all of them 32-bit floats."""
    sizes = {name: tensor.numel() for name, tensor in engine.state_dict().items() if not name.startswith("classify")}
    sight = sum(size for name, size in sizes.items() if name.startswith(("tower", "wide", "narrow")))
    return {"text_weights": sum(sizes.values()) - sight, "sight_weights": sight}


def _text(engine: Engine, weights: Mapping[str, np.ndarray], path: Path) -> Path:
    shape = engine.shape
    out = GGUFWriter(path, "llama")
    out.add_name("tiny shapes and names")
    out.add_file_type(LlamaFileType.ALL_F32)
    out.add_context_length(shape.context)
    out.add_embedding_length(shape.width)
    out.add_block_count(shape.layers)
    out.add_feed_forward_length(shape.inner)
    out.add_head_count(shape.heads)
    out.add_head_count_kv(shape.heads)
    out.add_rope_dimension_count(shape.width // shape.heads)
    out.add_rope_freq_base(shape.rope)
    out.add_layer_norm_rms_eps(shape.epsilon)
    out.add_vocab_size(len(VOCABULARY))
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(VOCABULARY)
    plain = len(VOCABULARY) - len(SPECIAL)
    out.add_token_types([TokenType.NORMAL] * plain + [TokenType.CONTROL] * len(SPECIAL))
    out.add_token_merges(
        [f"{VOCABULARY[0]} {VOCABULARY[0]}"]
    )  # the list may not be empty; no entry joins two zero bytes
    out.add_bos_token_id(BEGIN)
    out.add_eos_token_id(END)
    out.add_add_bos_token(False)
    out.add_chat_template(TEMPLATE)
    _add(out, {"token_embd.weight": weights["embedding.weight"], "output_norm.weight": weights["last.weight"]})
    names = {
        "q": "attn_q",
        "k": "attn_k",
        "v": "attn_v",
        "o": "attn_output",
        "first": "attn_norm",
        "second": "ffn_norm",
    }
    names |= {"gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}
    for i in range(shape.layers):
        _add(out, {f"blk.{i}.{new}.weight": weights[f"blocks.{i}.{old}.weight"] for old, new in names.items()})
    return _close(out, path)


def _sight(engine: Engine, weights: Mapping[str, np.ndarray], path: Path) -> Path:
    shape = engine.shape
    out = GGUFWriter(path, "clip")
    out.add_type("mmproj")
    out.add_name("tiny shapes and names, sight")
    out.add_file_type(LlamaFileType.ALL_F32)
    out.add_bool("clip.has_vision_encoder", True)
    out.add_string("clip.projector_type", "mlp")
    out.add_bool("clip.use_gelu", True)
    sizes = {
        "image_size": shape.side,
        "patch_size": shape.patch,
        "embedding_length": shape.sight,
        "feed_forward_length": shape.sight_inner,
        "block_count": shape.sight_layers,
        "attention.head_count": shape.sight_heads,
        "projection_dim": shape.width,
    }
    for key, size in sizes.items():
        out.add_uint32(f"clip.vision.{key}", size)
    out.add_float32("clip.vision.attention.layer_norm_epsilon", shape.epsilon)
    out.add_array("clip.vision.image_mean", [0.5] * 3)
    out.add_array("clip.vision.image_std", [0.5] * 3)
    out.add_array("clip.vision.feature_layer", [shape.sight_layers])
    names = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_out", "first": "ln1", "second": "ln2"}
    names |= {"up": "ffn_up", "down": "ffn_down"}
    _add(out, {"v.position_embd.weight": weights["tower.positions"]})
    for end in ("weight", "bias"):
        _add(
            out,
            {f"v.patch_embd.{end}": weights[f"tower.patches.{end}"], f"v.post_ln.{end}": weights[f"tower.last.{end}"]},
        )
        _add(out, {f"mm.0.{end}": weights[f"wide.{end}"], f"mm.2.{end}": weights[f"narrow.{end}"]})
        for i in range(shape.sight_layers):
            _add(
                out, {f"v.blk.{i}.{new}.{end}": weights[f"tower.blocks.{i}.{old}.{end}"] for old, new in names.items()}
            )
    return _close(out, path)


def _add(out: GGUFWriter, tensors: Mapping[str, np.ndarray]) -> None:
    for name, tensor in tensors.items():
        out.add_tensor(name, np.ascontiguousarray(tensor), raw_dtype=GGMLQuantizationType.F32)


def _close(out: GGUFWriter, path: Path) -> Path:
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path
