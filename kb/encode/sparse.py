"""Text -> sparse BM25 vector of words and character bigrams, for search by words.

A document carries the saturated term frequency, a query the inverse document frequency from a table
frozen with the index generation, so that their dot product is BM25. Words and bigrams are two fields of
their own length in one vector.

The defaults of ``Bm25Settings`` are the plateau of a sweep over k1, b and the weights of words, bigrams,
title and headings on labelled lay questions against the default corpus: both fields at equal weight
beat either alone, and title and headings counted once beat leaving them out.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.encode.idf import IdfTable, read_idf, write_idf
from kb.encode.passage import NUMBERED_HEADING, short_title
from kb.encode.vectors import SparseVector
from kb.errors import IndexStateError
from kb.text.tokenise import BIGRAM, WORD, LegalTokeniser

WEIGHTING_VERSION = 1
"""Raised whenever the same tokens would give another vector."""
_HEADS_KEPT = 8192
_PHRASES_KEPT = 1024


@dataclass(frozen=True)
class Bm25Settings:
    """BM25 with frozen average lengths (tokens per document), so that a vector depends on its text alone.

    ``head_weight`` is how often a token of title or headings counts beside one of the text; the head
    does not count towards the length.
    """

    k1: float = 1.2
    b: float = 0.7
    average_words: float = 60.0
    average_bigrams: float = 94.0
    head_weight: float = 1.0

    @property
    def id(self) -> str:
        """Names every figure that decides a document's weights."""
        lengths = f"{self.average_words:g},{self.average_bigrams:g}"
        return f"bm25-{WEIGHTING_VERSION}-{self.k1:g},{self.b:g},{lengths},{self.head_weight:g}"


def token_id(token: str) -> int:
    """Stable unsigned 32-bit id: CRC-32 (ISO 3309, as zlib) of the UTF-8 bytes of the prefixed token."""
    return zlib.crc32(token.encode("utf-8", "surrogatepass"))


class SparseEncoder:
    """Makes the sparse vectors of documents and of queries.

    Args:
        tokeniser: how text is cut; its titles are saved with the IDF table.
        idf: the frozen table of the generation; documents need none, queries do.
        settings: BM25 figures.

    ``id`` must be equal for two vectors to be comparable.
    """

    def __init__(  # noqa: D107 - the class docstring lists the arguments
        self, tokeniser: LegalTokeniser, idf: IdfTable | None = None, settings: Bm25Settings | None = None
    ) -> None:
        self.tokeniser = tokeniser
        self.idf = idf
        self.settings = settings or Bm25Settings()
        self.id = f"{tokeniser.id}/{self.settings.id}"
        self._head_tokens = lru_cache(maxsize=_HEADS_KEPT)(tokeniser.split)
        # Legal wordings come from one short list, again and again.
        self._phrase_vector = lru_cache(maxsize=_PHRASES_KEPT)(self.encode_query)
        if idf is not None and idf.encoder_id != self.id:
            raise _mismatch(idf.encoder_id, self.id)

    def encode_document(self, text: str, *, title: str = "", headings: Sequence[str] = ()) -> SparseVector:
        """Vector of one document; ``headings`` run from the outermost to the innermost."""
        fields = self.tokeniser.split(text)
        names = [NUMBERED_HEADING.sub("", heading) for heading in headings]
        heads = [self._head_tokens(part) for part in (short_title(title), *names) if part]
        settings = self.settings
        averages = (settings.average_words, settings.average_bigrams)
        weights: dict[int, float] = {}
        for field, prefix, average in zip((0, 1), (WORD, BIGRAM), averages, strict=True):
            tokens = fields[field]
            counts: dict[str, float] = {**Counter(tokens)}
            for head in heads:
                for token in head[field]:
                    counts[token] = counts.get(token, 0) + settings.head_weight
            norm = settings.k1 * (1 - settings.b + settings.b * len(tokens) / average)
            for token, count in counts.items():
                number = token_id(prefix + token)
                weights[number] = weights.get(number, 0.0) + count * (settings.k1 + 1) / (count + norm)
        return _to_vector(weights)

    def encode_query(self, text: str) -> SparseVector:
        """Vector of one question: each different token once, with its inverse document frequency.

        Empty when the text has no words (only marks or stop words). Raises IndexStateError
        (``idf_missing``) when the encoder has no table.
        """
        if self.idf is None:
            raise IndexStateError("idf_missing", "按词检索缺少词频表。", way_out="请重新建立索引后再检索。")
        counts = Counter(map(token_id, set(self.tokeniser.tokenise(text))))
        numbers = sorted(counts)
        weights = self.idf.weigh(numbers)
        return _to_vector({n: counts[n] * weight for n, weight in zip(numbers, weights, strict=True)})

    def encode_expanded(self, text: str, added: Sequence[str], weight: float) -> SparseVector:
        """``encode_query`` of ``text`` with the tokens of ``added`` beside it at ``weight`` of theirs.

        A token of the question itself keeps its full weight.
        """
        asked = self.encode_query(text)
        weights = dict(zip(asked.indices, asked.values, strict=True))
        for phrase in added:
            extra = self._phrase_vector(phrase)
            for number, value in zip(extra.indices, extra.values, strict=True):
                weights[number] = max(weights.get(number, 0.0), weight * value)
        return _to_vector(weights)

    def freeze_idf(self, vectors: Iterable[SparseVector]) -> SparseEncoder:
        """The same encoder with the table of these document vectors."""
        return SparseEncoder(self.tokeniser, IdfTable.build(vectors, self.id), self.settings)

    def warm_up(self) -> None:
        """Load the dictionary now instead of at the first text."""
        self.tokeniser.warm_up()

    def save(self, path: Path) -> None:
        """Write IDF table and titles to ``path``, whole or not at all; ``load`` gives the same encoder."""
        if self.idf is None:
            raise IndexStateError("idf_missing", "词频表尚未生成，不能保存。", place=str(path))
        write_idf(path, self.idf, self.tokeniser.titles)

    @classmethod
    def load(
        cls, path: Path, cache_dir: Path | None = None, settings: Bm25Settings | None = None
    ) -> SparseEncoder:
        """The encoder of a generation, from the file that ``save`` wrote.

        Raises IndexStateError: ``idf_unreadable``, ``idf_damaged``, or ``sparse_encoder_mismatch`` when this
        program cuts or weighs text otherwise than the one that built the generation.
        """
        table, titles = read_idf(path)
        return cls(LegalTokeniser(titles, cache_dir), table, settings)


def _mismatch(theirs: str, ours: str) -> IndexStateError:
    return IndexStateError(
        "sparse_encoder_mismatch",
        "索引与当前的分词或词权设置不一致，按词检索的结果会出错。",
        place=f"索引：{theirs}；程序：{ours}",
        way_out="请用当前程序重新建立索引，或退回建立该索引时的程序版本。",
    )


def _to_vector(weights: dict[int, float]) -> SparseVector:
    numbers = sorted(weights)
    return SparseVector(tuple(numbers), tuple(weights[number] for number in numbers))
