"""Which keys a place in the configuration may have, read off the section classes."""

import difflib
import typing
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from router.config.document import KeyPath


def nearest_key(model: type[BaseModel], path: KeyPath) -> str | None:
    """The known key beside ``path`` that its last part most resembles."""
    *parents, key = path
    known = known_keys(model, tuple(parents))
    matches = difflib.get_close_matches(str(key), known, n=1, cutoff=0.6)
    return matches[0] if matches else None


def known_keys(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """The keys of the block at ``path``; empty where any key may stand."""
    shapes: list[object] = [model]
    for step in path:
        shapes = [inner for shape in shapes for inner in _enter(shape, step)]
    return tuple(str(key) for shape in shapes if _is_section(shape) for key in _fields(shape))


def _enter(shape: object, step: str | int) -> Iterator[object]:
    """What stands below ``step`` in a value of this shape."""
    if _is_section(shape):
        fields = _fields(shape)
        if step in fields:
            yield from _alternatives(fields[step])
        return
    origin = typing.get_origin(shape)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _alternatives(typing.get_args(shape)[1])
    elif isinstance(origin, type) and issubclass(origin, Sequence):
        yield from _alternatives(typing.get_args(shape)[0])


def _alternatives(annotation: object) -> Iterator[object]:
    """The members of unions, without ``Annotated``."""
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _alternatives(arguments[0])
    elif isinstance(origin, type) and issubclass(origin, Mapping | Sequence):
        yield annotation
    elif arguments and origin is not typing.Literal:
        for argument in arguments:
            yield from _alternatives(argument)
    else:
        yield annotation


def _is_section(shape: object) -> typing.TypeGuard[type[BaseModel]]:
    return isinstance(shape, type) and issubclass(shape, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str | int, object]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
