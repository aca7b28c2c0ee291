"""From a layout to a spliced plan: what is cut out of each answer, and where it goes.

    layout ──▶ cutting ──▶ SplicedPlan
               ▲ you are here

An object of the response has fields of the answer that it came with, and fields that other fetches bring for it. Those
that come together and stay together are a *run*; where one goes in is a *hole*. Everything else of an answer stays as
it is, between two holes, however many objects that are.

Paths that one entity call is made for share its answer. So they must want the same of it: objects in the answer are
known by where they stand below the entity, and all paths must come to the same shape. What does not fit is left to
``router.executor.compiled``, by ``NotCompilableError``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from router.executor.codec import encode_json
from router.executor.compiled.layout import lay_out
from router.executor.compiled.places import (
    TYPE_NAME,
    LaidOutCall,
    LaidOutFetch,
    Layout,
    NotCompilableError,
    Part,
    Place,
    Slot,
)
from router.executor.compiled.representing import stored
from router.executor.outcome import FetchRequest, with_only
from router.executor.program import Program
from router.executor.readiness import arrived_before, order_of
from router.executor.spliced import shapes
from router.executor.spliced._splicer import Cutter, Splicer
from router.executor.spliced.pieces import CallId, Keys, Piece, pieces_of, runs_in, runs_of
from router.executor.spliced.shapes import Kind, Op, Shape, Step
from router.executor.spliced.spliced_plan import (
    NO_LIMIT,
    OWN,
    AnsweredFetch,
    Call,
    Response,
    Run,
    SplicedFetch,
    SplicedPlan,
    Target,
    Value,
)
from router.executor.usual import GiveUpError

MAX_STEPS = 1000
"""A larger shape is not worth its memory."""

Where = tuple[str | int, ...]
"""Where objects stand in the answers of a fetch: the call, then keys and type names."""


def splice_plan(program: Program, bits: int) -> SplicedPlan:
    """The plan of ``program``; raises ``NotCompilableError`` if answers have to be decoded."""
    return _Compiler(program, lay_out(program, bits)).compile()


@dataclass(slots=True)
class _Columns:
    """The columns of one fetch's answers, by what is noted in them."""

    numbers: dict[object, int] = field(default_factory=dict)
    steps: int = 0

    def of(self, *noted: object) -> int:
        """The column of what is noted, which is added if it is new."""
        return self.numbers.setdefault(noted, len(self.numbers))


class _Compiler:
    def __init__(self, program: Program, layout: Layout) -> None:
        self._program = program
        self._layout = layout
        self._is_strict = program.options.strict_leaves
        self._parts: dict[CallId, list[Part]] = {}
        self._brought_by: dict[Slot, CallId] = {}
        self._noted: set[Slot] = set()
        self._pieces: dict[Place, list[Piece]] = {}
        self._runs: dict[CallId, tuple[Keys, ...]] = {}
        self._columns = [_Columns() for _ in layout.fetches]
        self._earlier = arrived_before(compiled.fetch.needs for compiled in program.fetches)
        self._places: dict[Place, tuple[int, Where]] = {}
        self._targets: dict[CallId, list[tuple[int, Where]]] = {}
        self._numbers: dict[CallId, int] = {}
        self._root_runs: dict[int, tuple[Run, ...]] = {}
        self._root_data: dict[int, Shape] = {}

    def compile(self) -> SplicedPlan:
        for fetch in self._layout.fetches:
            if fetch is not None:
                self._register(fetch)
        for parts in self._parts.values():
            for part in parts:
                self._note_values(part)
        for call_id, parts in self._parts.items():
            self._runs[call_id] = runs_of(call_id, parts, [self._pieces_at(part.place) for part in parts])
        answered = tuple(None if fetch is None else self._answered(fetch) for fetch in self._layout.fetches)
        response = self._response()
        splicer = self._passed_on(response) or self._splicer(answered, response)
        fetches = tuple(None if fetch is None else _spliced(fetch) for fetch in self._layout.fetches)
        return SplicedPlan(self._program, order_of(self._program.fetches), fetches, splicer)

    def _splicer(self, answered: tuple[AnsweredFetch | None, ...], response: Response) -> Splicer:
        options = self._program.options
        limit = NO_LIMIT if options.max_representations is None else options.max_representations
        most_bytes = len(with_only(b"")) + options.max_response_bytes
        try:
            return Splicer(answered, response, limit, most_bytes, GiveUpError)
        except ValueError as error:
            raise NotCompilableError(f"the plan is too large: {error}") from error

    # --- what is wanted of each answer -----------------------------------------------------------------------------

    def _register(self, fetch: LaidOutFetch) -> None:
        fetch_id = fetch.compiled.fetch.id
        if fetch.root is not None:
            if fetch.root.path:
                raise NotCompilableError("a root fetch is for objects that others bring")
            self._register_call((fetch_id, 0), fetch.root.parts)
        for number, call in enumerate(fetch.calls):
            if any(len(target.parts) > 1 for target in call.targets):
                raise NotCompilableError("objects of several types are represented in the order of their list")
            self._register_call((fetch_id, number), [part for target in call.targets for part in target.parts])

    def _register_call(self, call_id: CallId, parts: Sequence[Part]) -> None:
        if len({part.keys for part in parts}) != 1:
            raise NotCompilableError("one answer is for objects that want different things of it")
        self._parts[call_id] = list(parts)
        for part in parts:
            self._brought_by.update((slot, call_id) for slot in part.slots)

    def _note_values(self, part: Part) -> None:
        if part.template is None:
            return
        if part.place.is_typed_later or not part.template.fields:
            raise NotCompilableError("a representation is made of types alone, or of types that come later")
        for each in part.template.fields:
            slot = stored(part.place, each)
            if slot.leaf is None or len(slot.nullable) > 1:
                raise NotCompilableError(f"a representation is made of objects or lists, at {slot.key}")
            self._noted.add(slot)

    def _pieces_at(self, place: Place) -> list[Piece]:
        """What the objects of a place consist of."""
        if place not in self._pieces:
            self._pieces[place] = pieces_of(place, self._brought_by)
        return self._pieces[place]

    # --- the shapes of answers -------------------------------------------------------------------------------------

    def _answered(self, fetch: LaidOutFetch) -> AnsweredFetch:
        compiled, fetch_id = fetch.compiled, fetch.compiled.fetch.id
        if fetch.root is None:
            calls = [self._call((fetch_id, number), call) for number, call in enumerate(fetch.calls)]
            data = Shape(Kind.OBJECT, steps=tuple(step for step, _ in calls))
            return AnsweredFetch(self._cutter(data), compiled.prefix, tuple(call for _, call in calls))
        data, self._root_runs[fetch_id] = self._entity((fetch_id, 0))
        self._root_data[fetch_id] = data
        return AnsweredFetch(self._cutter(data), compiled.prefix)

    def _passed_on(self, response: Response) -> Splicer | None:
        """For a plan whose only answer is the response, as it is."""
        if len(self._layout.fetches) != 1 or self._layout.fetches[0] is None:
            return None
        data, runs = self._root_data[0], self._root_runs[0]
        is_all = len(runs) == len(self._columns[0].numbers) == 1 and len(response) == 3
        if not is_all or len(data.steps) != len(self._runs[0, 0][0]) + 2:
            return None
        within = self._cutter(data._replace(steps=data.steps[1:-1]))
        return self._splicer((AnsweredFetch(within, self._layout.fetches[0].compiled.prefix),), ())

    def _cutter(self, data: Shape) -> Cutter:
        try:
            return Cutter(data)
        except ValueError as error:
            raise NotCompilableError(f"an answer is nested too deeply: {error}") from error

    def _call(self, call_id: CallId, call: LaidOutCall) -> tuple[Step, Call]:
        entity, runs = self._entity(call_id)
        entities = shapes.listed(entity, (False, False))
        targets: dict[tuple[int, Where], Target] = {}
        for part in self._parts[call_id]:
            where = self._places.get(part.place)
            if where is None:
                raise NotCompilableError(f"nobody brings all of {part.place.type_name} before it is needed")
            if where not in targets:
                targets[where] = self._target(call_id, part, where)
        self._targets[call_id] = list(targets)
        self._numbers[call_id] = len(self._numbers)
        if runs:
            counted = runs[0].column
        else:
            counted = self._columns[call_id[0]].of("value", (call_id[1],), _counted(self._parts[call_id][0]))
        step = shapes.field(call.call.alias, entities, shown_as=None)
        head = encode_json(call.call.variable) + b":["
        return step, Call(head, tuple(targets.values()), runs, counted)

    def _entity(self, call_id: CallId) -> tuple[Shape, tuple[Run, ...]]:
        """The object that a call's answers are, or the data of a root fetch, with its runs."""
        found = [self._entity_of(call_id, part) for part in self._parts[call_id]]
        if any(other != found[0] for other in found[1:]):
            raise NotCompilableError("one answer is for objects that want different things of it")
        return found[0]

    def _entity_of(self, call_id: CallId, part: Part) -> tuple[Shape, tuple[Run, ...]]:
        fetch_id, number = call_id
        where: Where = (number,)
        runs = self._runs[call_id]
        in_runs = {key for run in runs for key in run}
        fields = {}
        slots = {slot.key: slot for slot in part.slots}
        counted = None if runs else _counted(part)
        for key in part.keys:
            slot = slots.get(key)
            shown_as = slot.response_key if slot is not None and key in in_runs else None
            if key in in_runs and shown_as is None:
                raise NotCompilableError(f"{key} is for clients in one place, and not in another")
            value = _check(part) if slot is None else self._value(fetch_id, slot, (*where, key))
            column = shapes.NOT_NOTED
            if slot in self._noted or key == counted:
                column = self._columns[fetch_id].of("value", where, key)
            fields[key] = shapes.field(key, value, shown_as=shown_as, column=column)
        steps: list[Step] = []
        made: list[Run] = []
        begins = {run[0]: run for run in runs}
        for key in part.keys:
            if key not in in_runs:
                steps.append(fields[key])
            elif key in begins:
                steps += self._run(call_id, [fields[each] for each in begins[key]], made)
        return self._object_of(fetch_id, steps), tuple(made)

    def _run(self, call_id: CallId, fields: Sequence[Step], made: list[Run]) -> list[Step]:
        columns, number = self._columns[call_id[0]], len(made)
        if all(map(shapes.is_solid, fields)):
            made.append(Run(columns.of("run", call_id, number)))
            return [Step(Op.SOLID_BEGIN), *fields, Step(Op.SOLID_END, made[-1].column)]
        begin, end = columns.of("begin", call_id, number), columns.of("end", call_id, number)
        made.append(Run(begin, end))
        return [Step(Op.RUN_BEGIN, begin), *fields, Step(Op.RUN_END, end)]

    def _value(self, fetch_id: int, slot: Slot, where: Where) -> Shape:
        shape: Shape
        if slot.constant is not None:
            shape = shapes.one_of([slot.constant])
        elif slot.leaf is not None:
            shape = shapes.leaf(slot.leaf, is_visible=slot.response_key is not None, is_strict=self._is_strict)
        elif not slot.is_tagged:
            (place,) = slot.places
            shape = self._object(fetch_id, place, where)
        else:
            if any(place.answered[0] != TYPE_NAME for place in slot.places):
                raise NotCompilableError("the type of an object is not told first")
            shape = Shape(
                Kind.TAGGED,
                inner=tuple(self._object(fetch_id, place, (*where, place.type_name)) for place in slot.places),
                texts=tuple(orjson.dumps(place.type_name) for place in slot.places),
            )
        return shapes.listed(shape, slot.nullable)

    def _object(self, fetch_id: int, place: Place, where: Where) -> Shape:
        """Objects as the answers of their creator have them."""
        self._places[place] = (fetch_id, where)
        pieces = self._pieces_at(place)
        fields = [(key, self._own_field(fetch_id, place, key, where)) for key in place.answered]
        shown = [key for key, step in fields if step.op == Op.FIELD]
        if shown != [piece.own.key for piece in pieces if piece.own is not None]:
            raise NotCompilableError(f"fields of {place.type_name} are fetched in another order than they are shown in")
        return self._object_of(fetch_id, self._interleave(fetch_id, where, pieces, fields))

    def _own_field(self, fetch_id: int, place: Place, key: str, where: Where) -> Step:
        slot = place.by_key.get(key)
        if slot is None:
            return shapes.field(key, shapes.one_of([place.type_name]), shown_as=None)
        column = self._columns[fetch_id].of("value", where, key) if slot in self._noted else shapes.NOT_NOTED
        value = self._value(fetch_id, slot, (*where, key))
        return shapes.field(key, value, shown_as=slot.response_key, column=column)

    def _interleave(
        self, fetch_id: int, where: Where, pieces: Sequence[Piece], fields: Iterable[tuple[str, Step]]
    ) -> list[Step]:
        """The fields of an object in the answer's order, with texts and holes in the response's."""
        added: list[list[Step]] = [[]]
        has_own, is_first = any(piece.own is not None for piece in pieces), True
        for piece in pieces:
            if piece.own is not None:
                added.append([])
                is_first = False
                continue
            is_before = has_own and len(added) == 1
            for step in self._added(fetch_id, where, piece):
                before = b"" if is_before or is_first else b","
                after = b"," if is_before else b""
                is_first = is_first and is_before
                if step.op == Op.TEXT:
                    added[-1].append(step._replace(before=before + step.before + after))
                else:
                    added[-1].append(step._replace(before=before, after=after))
        steps: list[Step] = []
        groups = iter(added)
        steps += next(groups)
        for _, step in fields:
            steps.append(step)
            if step.op == Op.FIELD:
                steps += next(groups)
        return steps

    def _added(self, fetch_id: int, where: Where, piece: Piece) -> list[Step]:
        if piece.call is None:
            return [Step(Op.TEXT, before=piece.text)]
        columns = self._columns[fetch_id]
        return [
            Step(Op.HOLE, columns.of("hole", where, piece.call, run))
            for run in runs_in(piece.keys, self._runs[piece.call])
        ]

    def _object_of(self, fetch_id: int, steps: Sequence[Step]) -> Shape:
        columns = self._columns[fetch_id]
        columns.steps += len(steps)
        if columns.steps > MAX_STEPS:
            raise NotCompilableError(f"an answer has more than {MAX_STEPS} different places")
        return Shape(Kind.OBJECT, steps=tuple(steps))

    # --- where it goes ---------------------------------------------------------------------------------------------

    def _target(self, call_id: CallId, part: Part, where: tuple[int, Where]) -> Target:
        creator, inside = where
        template = part.template
        assert template is not None
        before = b"{" if template.typename is None else b'{"__typename":' + encode_json(template.typename) + b","
        sent = [(each, stored(part.place, each)) for each in template.fields]
        if not self._earlier[call_id[0]].issuperset([creator, *(slot.owner for _, slot in sent)]):
            raise NotCompilableError("a fetch does not wait for what it is made of")
        texts, values = [], []
        for each, slot in sent:
            texts.append(before + encode_json(each.name) + b":")
            before = b","
            refuses_null = slot.nullable[0] and not each.nullable
            values.append(self._value_of(part.place, slot, where, refuses_null=refuses_null))
        columns = self._columns[creator]
        holes = [
            (columns.of("hole", inside, call_id, run), run)
            for piece in self._pieces_at(part.place)
            if piece.call == call_id
            for run in runs_in(piece.keys, self._runs[call_id])
        ]
        return Target(creator, (*texts, b"}"), tuple(values), tuple(holes))

    def _value_of(self, place: Place, slot: Slot, where: tuple[int, Where], *, refuses_null: bool) -> Value:
        creator, inside = where
        if place.is_own(slot):
            column = self._columns[creator].of("value", inside, slot.key)
            return Value(creator, column, OWN, OWN, refuses_null)
        fetch_id, number = self._brought_by[slot]
        column = self._columns[fetch_id].of("value", (number,), slot.key)
        target = self._targets[fetch_id, number].index(where)
        return Value(fetch_id, column, self._numbers[fetch_id, number], target, refuses_null)

    def _response(self) -> Response:
        response: list[bytes | tuple[int, Run]] = []
        for piece in self._pieces_at(self._layout.root):
            if piece.call is None:
                response += [b",", piece.text]
                continue
            for run in runs_in(piece.keys, self._runs[piece.call]):
                response += [b",", (piece.call[0], self._root_runs[piece.call[0]][run])]
        return (b'{"data":{', *response[1:], b"}}")


def _spliced(fetch: LaidOutFetch) -> SplicedFetch:
    compiled = fetch.compiled
    is_fixed = fetch.root is not None and not compiled.variables
    return SplicedFetch(compiled, FetchRequest(compiled.fetch, compiled.prefix + b"}}") if is_fixed else None)


def _counted(part: Part) -> str:
    """A key by which entities are counted that clients see nothing of: one whose value is noted, whatever it is."""
    composite = {slot.key for slot in part.slots if slot.places or len(slot.nullable) > 1}
    for key in part.keys:
        if key not in composite:
            return key
    raise NotCompilableError("entities have nothing to be counted by")


def _check(part: Part) -> Shape:
    """A type name that is asked for with an entity."""
    if part.template is None:
        return Shape(Kind.ANY, is_nullable=True)
    return shapes.one_of(sorted(part.names))
