"""Representations with one text in them are put together from one encoded list."""

import itertools
import json

from router.executor.compiled.source import represent_texts

PIECES = ("", '"', ",", "\\", "a")
TEXTS = sorted({one + other for one in PIECES for other in PIECES})


def test_any_texts_give_the_json_of_their_objects() -> None:
    for texts in itertools.product(TEXTS, repeat=3):
        distinct = dict.fromkeys(texts)

        found = represent_texts(distinct, b'{"type":"T","id":"%"}')

        assert json.loads(found) == [{"type": "T", "id": text} for text in distinct]


def test_no_texts_give_an_empty_list() -> None:
    assert represent_texts({}, b'{"id":"%"}') == b"[]"
