"""An overridden field still takes part in the merge of its type; the new owner keeps its own."""

from supergraph import read_supergraph
from tests.composing import compose_fed2


def test_the_new_owner_keeps_its_narrower_type() -> None:
    composition = compose_fed2(
        a='type Query { x: Int } type Elk @key(fields: "id") { id: ID! name: Float }',
        b='type Query { elk: Elk } type Elk @key(fields: "id") { id: ID! name: Float! @override(from: "a") }',
    )
    assert composition.sdl is not None, composition.errors
    view = read_supergraph(composition.sdl).subgraphs["b"].types["Elk"].fields["name"]
    assert str(view.type) == "Float!"
