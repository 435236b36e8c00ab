"""A message in the form in which it may be kept: one line, personal data masked, of bounded length."""

from __future__ import annotations

import re

from kb.text.masking import mask_personal
from kb.text.normalise import normalise_query
from kb.text.traditional import simplify

LONGEST_MARK = 100
"""Characters of the longest piece that masking replaces, and some more."""
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def keepable(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``, masked; the same text always gives the same.

    Spelling is made plain first: a number in wide digits is a number too. Of a long text only the beginning
    is masked, as masking takes time; what could be half a number at the cut is left out.
    """
    plain = simplify(normalise_query(_UNSTORABLE.sub("", text)))
    reach = 2 * limit + LONGEST_MARK
    masked = mask_personal(plain[:reach])
    if len(plain) > reach:
        masked = masked[:-LONGEST_MARK]
    return masked[:limit]
