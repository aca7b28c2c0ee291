"""The shape of a random monolith, before it is cut into subgraphs."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

ENTITY_NAMES = ("Ant", "Bee", "Cat", "Dog", "Elk")
VALUE_NAMES = ("Box", "Cup")
LEAF_TYPES = ("String", "Int", "Float", "Boolean", "ID", "Color", "Blob", "[String]", "[Int!]!", "[[Int]]", "String!")
LEAF_FIELDS = ("name", "size", "price", "note", "kind", "rank", "code")
LINK_FIELDS = ("owner", "friend", "parts", "next", "home")
ARGUMENTS = ("", "", "", "", "n: Int", 'unit: String = "kg"', "color: Color, n: Int = 3", "n: Int!", "filter: Filter")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field of the monolith; ``base`` is its named type."""

    name: str
    type: str
    base: str
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the monolith consists of.

    Attributes:
        keys: The key field sets that an entity can be given in a subgraph.
        key_fields: For each key field set of an entity the fields in it, as name and type.
        fields: All other fields of entities, and all fields of value types.
        interfaces: Implementations by interface; all are entities.
        interface_fields: Fields that all implementations have in common, besides ``id``.
        unions: Members by union.
        stand_ins: The interfaces that one subgraph knows as an interface object.
    """

    entities: tuple[str, ...]
    values: tuple[str, ...]
    keys: dict[str, tuple[str, ...]]
    fields: dict[str, tuple[FieldShape, ...]]
    interfaces: dict[str, tuple[str, ...]]
    interface_fields: dict[str, tuple[str, ...]]
    unions: dict[str, tuple[str, ...]]
    stand_ins: frozenset[str]

    def is_composite(self, name: str) -> bool:
        """Whether a type has sub-selections."""
        return name in self.fields or name in self.interfaces or name in self.unions


KEY_CHOICES = ("sku", "code2 no", "no", "box { id } no", "home2 { id }", "boxes { id }")


def key_field_types(shape: Shape) -> dict[str, str]:
    """The type of every field that occurs in a key."""
    box = shape.values[0] if shape.values else "Box"
    return {
        "id": "ID!",
        "sku": "String!",
        "no": "Int!",
        "code2": "String!",
        "box": f"{box}!",
        "boxes": f"[{box}!]!",
        "home2": f"{shape.entities[0]}!",
    }


def random_shape(rng: Random) -> Shape:
    """Make up a monolith."""
    entities = ENTITY_NAMES[: rng.randint(2, 5)]
    values = VALUE_NAMES[: rng.choice((0, 1, 1, 2))]
    interfaces: dict[str, tuple[str, ...]] = {}
    if rng.random() < 0.7:
        interfaces["Pet"] = tuple(rng.sample(entities, rng.randint(2, min(3, len(entities)))))
    unions = {"Thing": tuple(rng.sample([*entities, *values], rng.randint(2, 3)))} if len(entities) > 2 else {}
    composites = [*entities, *values, *interfaces, *unions]
    common = tuple(rng.sample(LEAF_FIELDS[:4], rng.randint(0, 2))) if interfaces else ()
    common_types = {name: rng.choice(LEAF_TYPES[:6]) for name in common}
    fields: dict[str, tuple[FieldShape, ...]] = {}
    for name in entities:
        inherited = common_types if name in interfaces.get("Pet", ()) else {}
        fields[name] = _entity_fields(rng, inherited, composites)
    for position, name in enumerate(values):
        fields[name] = _value_fields(rng, [*entities, *values[position + 1 :]])
    return Shape(
        entities=entities,
        values=values,
        keys={name: _keys(rng, name, entities, values) for name in entities},
        fields=fields,
        interfaces=interfaces,
        interface_fields=dict.fromkeys(interfaces, common),
        unions=unions,
        stand_ins=frozenset(interfaces) if rng.random() < 0.5 else frozenset(),
    )


def _keys(rng: Random, name: str, entities: Sequence[str], values: Sequence[str]) -> tuple[str, ...]:
    choices = [key for key in KEY_CHOICES if values or "box" not in key]
    choices = [key for key in choices if name != entities[0] or "home2" not in key]
    return ("id", *rng.sample(choices, rng.choice((0, 0, 1, 1, 2))))


def _entity_fields(rng: Random, inherited: dict[str, str], composites: Sequence[str]) -> tuple[FieldShape, ...]:
    fields = [FieldShape(name, type_name, type_name.strip("[]!")) for name, type_name in inherited.items()]
    others = [each for each in LEAF_FIELDS if each not in inherited]
    fields += [_leaf(rng, name) for name in rng.sample(others, rng.randint(1, 4))]
    for name in rng.sample(LINK_FIELDS, rng.randint(0, 3)):
        base = rng.choice(composites)
        wrapped = rng.choice((base, base, base, f"[{base}]", f"[{base}!]", f"[{base}]!", f"[[{base}]]", f"{base}!"))
        fields.append(FieldShape(name, wrapped, base, rng.choice(ARGUMENTS)))
    return tuple(fields)


def _value_fields(rng: Random, composites: Sequence[str]) -> tuple[FieldShape, ...]:
    fields = [FieldShape("id", "ID!", "ID")]
    fields += [_leaf(rng, name) for name in rng.sample(LEAF_FIELDS, rng.randint(1, 3))]
    for name in rng.sample(LINK_FIELDS, rng.choice((0, 0, 1))):
        base = rng.choice(composites)
        fields.append(FieldShape(name, rng.choice((base, f"[{base}]")), base))
    return tuple(fields)


def _leaf(rng: Random, name: str) -> FieldShape:
    type_name = rng.choice(LEAF_TYPES)
    return FieldShape(name, type_name, type_name.strip("[]!"), rng.choice(ARGUMENTS))
