"""Templates that are worth keeping: operations that answer documents which were never seen before.

    document ──▶ known text? ──▶ known skeleton? ──▶ prepare
                                 ▲ you are here

Clients that write values into the text, or number their aliases, send a new document each time. The second document of
a skeleton shows that there are more to come: a template is made from it, and the third costs a look-up. Operations that
are sent in one text only are never changed: what subgraphs get for them is what the client wrote.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from supergraph.operation.model import Operation
from supergraph.operation.skeleton import Skeleton, read_skeleton
from supergraph.operation.template import Template, kept_literals

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LIMIT_CHARACTERS = 40_000
"""Longer documents are not looked at. Lists of hundreds of identifiers fit in."""

LIMIT_KEPT_CHARACTERS = 10_000
"""Longer skeletons, which have no literals in them, are not kept; nor are longer documents, filled in."""

_ASKED_FOR = "asked for"

Document = tuple[str, str | None]
"""A text, and the name of the operation in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """An operation for a document that was not prepared itself.

    Attributes:
        source: The document that the template was made from.
    """

    operation: Operation
    source: Document


class Templates:
    """The templates of one supergraph.

    Args:
        limit: How many are kept, and how many skeletons.
        max_tokens: Limit of the parser: documents that may have more are not answered here.
    """

    def __init__(self, *, limit: int, max_tokens: int) -> None:
        self._max_tokens = max_tokens
        self._found: _Recent[Document, Found] = _Recent(limit)
        self._kept: _Recent[str, tuple[int, ...]] = _Recent(limit)
        self._met: _Recent[Hashable, object] = _Recent(limit)
        self._templates: _Recent[Hashable, tuple[Template, Document]] = _Recent(limit)

    def find(self, document: str, operation_name: str | None) -> Found | None:
        """The operation for ``document``, if there is a template for it that surely answers it."""
        if len(document) > LIMIT_CHARACTERS:
            return None
        found = self._found.get((document, operation_name))
        if found is None:
            found = self._fill(document, operation_name)
            if found is not None and len(document) <= LIMIT_KEPT_CHARACTERS:
                self._found.put((document, operation_name), found)
        return found

    def wanted(self, document: str) -> Skeleton | None:
        """The skeleton of a document that had to be prepared, if a template is to be made of it; told once."""
        if len(document) > LIMIT_CHARACTERS:
            return None
        skeleton = read_skeleton(document)
        if len(skeleton.key) > LIMIT_KEPT_CHARACTERS:
            return None
        key, text = self._key(skeleton), hash(document)
        met = self._met.get(key)
        if met is None:
            self._met.put(key, text)
        if met in (None, text, _ASKED_FOR):
            return None
        self._met.put(key, _ASKED_FOR)
        return skeleton

    def add(self, skeleton: Skeleton, template: Template, source: Document) -> None:
        """Take what was made of a skeleton that was ``wanted``; if nothing can be made of it, it is not asked again."""
        self._kept.put(skeleton.key, template.kept)
        key = self._key(skeleton)
        self._met.put(key, _ASKED_FOR)
        self._templates.put(key, (template, source))

    def _fill(self, document: str, operation_name: str | None) -> Found | None:
        skeleton = read_skeleton(document)
        known = self._templates.get(self._key(skeleton))
        if known is None or (len(document) > self._max_tokens and skeleton.tokens > self._max_tokens):
            return None  # of a text with fewer characters, the tokens need not be counted
        template, source = known
        if operation_name and operation_name != template.operation.name:
            return None
        operation = template.fill(skeleton, document)
        return None if operation is None else Found(operation, source)

    def _key(self, skeleton: Skeleton) -> Hashable:
        """Documents with the same key have the same template; before one is made, no literal is known to be kept."""
        return skeleton.key, kept_literals(skeleton, self._kept.get(skeleton.key) or ())


class _Recent(Generic[K, V]):
    """The entries that were used last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._limit:
            self._entries.popitem(last=False)
