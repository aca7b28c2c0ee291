"""One execution of a plan, without I/O: requests go out of ``ready``, outcomes come in through ``receive``.

    Program, variables ──▶ PlanRun ◀──▶ schedule ◀──▶ upstream
                           ▲ you are here

The rules:

* A fetch starts when all fetches in its ``needs`` have finished, successfully or not, and its conditions hold.
* A fetch whose conditions do not hold, or that finds nothing to fetch for, has finished without a request.
* A fetch with more representations than one request may hold makes several requests, and has finished with the last.
* Merging is not interrupted: nothing here waits, and one thread owns a run.
* What a subgraph sends never raises. A failed fetch leaves exactly its own fields missing.
* Fetches for deferred parts start when the first response was given: it has the subgraphs to itself.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from types import MappingProxyType

from router.executor.answer import SubgraphAnswer, malformed, read_outcome
from router.executor.codec import encode_json
from router.executor.contexts import represent_in_context
from router.executor.defer import Deferrals, Increment
from router.executor.errors import TIMEOUT, TOO_LARGE, TOO_MANY_REQUESTS, ErrorLog, ProjectionErrors
from router.executor.locate import ErrorLocator
from router.executor.merge import MergeNotes, copy_object, has_composites, merge_object, null_failed_place
from router.executor.outcome import ExecutionResult, FetchAnswer, FetchOutcome, FetchRequest, with_only
from router.executor.payload import complete_payload
from router.executor.program import CompiledFetch, Program
from router.executor.rename import rename_keys, rename_path
from router.executor.represent import Representations, represent, split_representations
from router.executor.room import LEAST_ENTRY_BYTES, Growth, Room, TooLargeError
from router.executor.walk import Stored, walk
from supergraph.plan import Fetch, KeyRename

ERROR_BYTES = 64
"""What an error takes at each of its places, roughly."""

NO_CONTEXTS: Mapping[str, bytes] = MappingProxyType({})


@dataclass(slots=True, eq=False)  # not frozen: that takes three times as long to make
class _Flight:
    """A request that is out.

    Attributes:
        part: Which of its fetch's requests it is.
        targets: Of a root fetch: the objects that its data is merged into.
        calls: Of an entity fetch: what it sent, and for which objects.
    """

    request: FetchRequest
    part: int
    targets: Sequence[Stored] = ()
    calls: Sequence[Representations] = ()


class PlanRun:
    """One execution of a program; used once.

    Args:
        program: The compiled plan.
        variables: Coerced, with defaults; a variable that the client did not give and that has no default is absent.
    """

    def __init__(self, program: Program, variables: Mapping[str, object]) -> None:
        self._program = program
        self._variables = variables
        self._bits = program.conditions.evaluate(variables)
        self._position, self._whole, self._projection = program.roots(self._bits)
        self._store: Stored = {}
        self._notes = MergeNotes()
        self._errors = ErrorLog(program.options.error_fan_out, program.left_out.places)
        self._missing_needs = [len(set(compiled.fetch.needs)) for compiled in program.fetches]
        self._startable = [fetch_id for fetch_id, missing in enumerate(self._missing_needs) if missing == 0]
        self._flights: dict[int, _Flight] = {}
        self._open_parts = [0] * len(program.fetches)
        self._encoded_variables: dict[str, bytes] = {}
        self._held = program.first_deferred
        self._growth = Growth()
        self._deferrals = Deferrals(program, self._growth)
        self._timed_out = False
        self._requests = 0
        self._refused: set[int | None] = set()

    @property
    def has_next(self) -> bool:
        """Whether deferred parts are still to be delivered; known once the first response was given."""
        return self._deferrals.has_next and not self._timed_out

    @property
    def has_increments(self) -> bool:
        """Whether ``increments`` would give any."""
        return self._deferrals.has_ready

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, in the order of the plan; each is given once."""
        requests: list[FetchRequest] = []
        while self._startable and self._startable[0] < self._held:
            compiled = self._program.fetches[heapq.heappop(self._startable)]
            flights = self._try_to_start(compiled) if compiled.test.holds(self._bits) else []
            if self._requests + len(flights) > self._program.options.max_requests:
                self._refuse(compiled)
                flights = []
            self._requests += len(flights)
            for flight in flights:
                self._flights[id(flight.request)] = flight
                requests.append(flight.request)
            self._open_parts[compiled.fetch.id] = len(flights)
            if not flights:
                self._finish(compiled)
        return requests

    def receive(self, request: FetchRequest, outcome: FetchOutcome) -> None:
        """Take what became of ``request``, which ``ready`` gave and which was not received before."""
        flight = self._flights.pop(id(request))
        answer = read_outcome(outcome)
        self._notes.begin_answer()
        if request.fetch.renames:
            answer = _renamed(answer, request.fetch.renames)
        if answer.data is not None:
            if isinstance(outcome, FetchAnswer):
                self._growth.add(len(outcome.body), _most_places(flight))
            self._merge_answer(flight, answer, answer.data)
        if self._notes.contradicted:
            answer.errors.append(malformed("it does not fit what another subgraph answered"))
        self._record_errors(flight, answer)
        fetch_id = request.fetch.id
        self._open_parts[fetch_id] -= 1
        if self._open_parts[fetch_id] == 0:
            self._finish(self._program.fetches[fetch_id])

    def time_out(self) -> None:
        """Give up what has not arrived: it is missing from the response for one reason, and deferred parts are too."""
        self._timed_out = True
        self._startable.clear()
        self._flights.clear()
        self._errors.add("The request took too long.", (), code=TIMEOUT)

    def response(self) -> ExecutionResult:
        """What the client gets of what has arrived; asked for once, when nothing is ready and nothing is out.

        Then the deferred parts have their turn: more is ``ready``, and ``increments`` is asked after each answer.
        """
        nothing_in_time = self._timed_out and not self._store
        introspection = self._program.introspection
        if introspection is not None:
            self._store |= introspection.answer(self._variables)
        problems = ProjectionErrors(self._errors, self._deferrals.meet, self._room(), self._growth)
        completed, encoded = complete_payload(self._position, self._store, None, problems, self._errors)
        self._deferrals.keep(completed)
        self._held = len(self._program.fetches)
        return ExecutionResult(with_only(encoded), self._errors.entries(), nothing_in_time=nothing_in_time)

    def increments(self) -> tuple[Increment, ...]:
        """The deferred parts that have become ready, each given once."""
        return self._deferrals.increments()

    def _refuse(self, compiled: CompiledFetch) -> None:
        """The operation makes no more requests; it is told once, in each payload that misses something."""
        block = compiled.fetch.block
        if block not in self._refused:
            self._refused.add(block)
            most = self._program.options.max_requests
            message = f"The operation needs more than {most} requests to subgraphs."
            self._log_of(compiled.fetch).add(message, (), code=TOO_MANY_REQUESTS)

    def _overflow(self, fetch: Fetch) -> None:
        """What a fetch brings, or asks for, is too much for one response."""
        message = "The response is too large: objects stand in too many places."
        self._log_of(fetch).add(message, (), code=TOO_LARGE)

    def _room(self) -> Room:
        return Room(self._program.options.max_response_bytes)

    def _log_of(self, fetch: Fetch) -> ErrorLog:
        """Where errors of a fetch are told: with the payload that the fetch is for."""
        return self._errors if fetch.block is None else self._deferrals.log(fetch.block)

    def _try_to_start(self, compiled: CompiledFetch) -> list[_Flight]:
        try:
            return self._start(compiled, self._room())
        except TooLargeError:
            self._overflow(compiled.fetch)
            return []

    def _start(self, compiled: CompiledFetch, room: Room) -> list[_Flight]:
        fetch = compiled.fetch
        if not fetch.entities:
            targets = walk(self._store, fetch.path)
            request = FetchRequest(fetch, self._request_body(compiled, ()))
            return [_Flight(request, 0, targets=targets)] if targets else []
        if any(call.contexts for call in fetch.entities):
            return self._start_in_context(compiled, room)
        represented = [
            represent(self._store, call, choice, room)
            for call, choice in zip(fetch.entities, compiled.templates, strict=True)
        ]
        parts = split_representations(represented, self._program.options.max_representations)
        return [
            _Flight(FetchRequest(fetch, self._request_body(compiled, calls)), part, calls=calls)
            for part, calls in enumerate(parts)
        ]

    def _start_in_context(self, compiled: CompiledFetch, room: Room) -> list[_Flight]:
        """A fetch with contextual variables has one call, and a request for each set of values."""
        fetch = compiled.fetch
        groups = represent_in_context(self._store, fetch.entities[0], compiled.templates[0], room)
        parts = [
            (calls, group.variables)
            for group in groups
            for calls in split_representations([group.representations], self._program.options.max_representations)
        ]
        return [
            _Flight(FetchRequest(fetch, self._request_body(compiled, calls, contexts)), part, calls=calls)
            for part, (calls, contexts) in enumerate(parts)
        ]

    def _request_body(
        self, compiled: CompiledFetch, calls: Sequence[Representations], contexts: Mapping[str, bytes] = NO_CONTEXTS
    ) -> bytes:
        # A variable that the client did not give is left out, so that the subgraph's default applies.
        entries = [head + self._encoded_variable(name) for name, head in compiled.variables if name in self._variables]
        entries.extend(encode_json(call.call.variable) + b":[" + b",".join(call.encoded) + b"]" for call in calls)
        entries.extend(encode_json(name) + b":" + value for name, value in contexts.items())
        return compiled.prefix + b",".join(entries) + b"}}"

    def _encoded_variable(self, name: str) -> bytes:
        encoded = self._encoded_variables.get(name)
        if encoded is None:
            encoded = self._encoded_variables[name] = encode_json(self._variables[name])
        return encoded

    def _finish(self, compiled: CompiledFetch) -> None:
        if compiled.fetch.block is not None:
            self._deferrals.finish(compiled.fetch.block)
        for dependant in compiled.dependants:
            self._missing_needs[dependant] -= 1
            if self._missing_needs[dependant] == 0:
                heapq.heappush(self._startable, dependant)

    def _merge_answer(self, flight: _Flight, answer: SubgraphAnswer, data: Stored) -> None:
        room = self._room()
        try:
            if flight.calls:
                self._merge_entities(flight, answer, data, room)
            else:
                self._merge_root(flight, answer, data, room)
        except TooLargeError:
            self._overflow(flight.request.fetch)

    def _merge_root(self, flight: _Flight, answer: SubgraphAnswer, data: Stored, room: Room) -> None:
        for target in flight.targets:
            self._merge(target, data, room)
            for error in answer.errors:
                if error.path:
                    room.take(ERROR_BYTES)
                    null_failed_place(target, data, error.path, self._notes)

    def _merge_entities(self, flight: _Flight, answer: SubgraphAnswer, data: Stored, room: Room) -> None:
        problems = []
        for call in flight.calls:
            entities = data.get(call.call.alias)
            if type(entities) is list and len(entities) == len(call.encoded):
                self._merge_call(call, entities, room)
                self._null_failed_entities(call, answer, entities, room)
                if not all(entity is None or type(entity) is dict for entity in entities):
                    problems.append(malformed("one of its entities is not an object", (call.call.alias,)))
            elif call.encoded and not (entities is None and answer.errors):
                # A list of another length does not say which entities are left out: merging what is there could give
                # one entity the data of another.
                problems.append(malformed("it has not one entity for each representation", (call.call.alias,)))
        answer.errors.extend(problems)

    def _merge_call(self, call: Representations, entities: list[object], room: Room) -> None:
        for entity, targets_by_path in zip(entities, call.targets, strict=True):
            if type(entity) is not dict:
                continue
            is_shared = has_composites(entity)
            pieces = self._pieces(entity, room) if is_shared else repeat(entity)
            for targets in targets_by_path.values():
                piece = next(pieces)
                for number, target in enumerate(targets):
                    if number > 0 and is_shared and self._program.has_contexts:
                        # What stands above them may differ, and with it what is fetched for their objects.
                        piece = next(pieces)
                    self._merge(target, piece, room)

    def _pieces(self, entity: Stored, room: Room) -> Iterator[Stored]:
        """The entity, and copies: later fetches may write other things below another path."""
        yield entity
        while True:
            room.take_value(entity)
            yield copy_object(entity)

    def _null_failed_entities(
        self, call: Representations, answer: SubgraphAnswer, entities: list[object], room: Room
    ) -> None:
        for error in answer.errors:
            path = error.path or ()
            if len(path) < 3 or path[0] != call.call.alias:
                continue
            index = path[1]
            entity = entities[index] if type(index) is int and index < len(entities) else None
            if type(index) is int and type(entity) is dict:
                for targets in call.targets[index].values():
                    room.take(ERROR_BYTES * len(targets))
                    for target in targets:
                        null_failed_place(target, entity, path[2:], self._notes)

    def _merge(self, target: Stored, new: Stored, room: Room) -> None:
        room.take(LEAST_ENTRY_BYTES * len(new))
        merge_object(target, new, self._program.abstract_types, self._notes)

    def _record_errors(self, flight: _Flight, answer: SubgraphAnswer) -> None:
        if not answer.errors:
            return
        fetch = flight.request.fetch
        locator = ErrorLocator(self._whole, self._store, fetch, flight.calls)
        log = self._log_of(fetch)
        for error in answer.errors:
            log.record(fetch, flight.part, error, locator.locate(error.path))


def _most_places(flight: _Flight) -> int:
    """In how many objects one part of an answer may go."""
    if not flight.calls:
        return len(flight.targets)
    return max(
        (sum(map(len, targets.values())) for call in flight.calls for targets in call.targets),
        default=0,
    )


def _renamed(answer: SubgraphAnswer, renames: Sequence[KeyRename]) -> SubgraphAnswer:
    if answer.data is not None:
        rename_keys(answer.data, renames)
    errors = [
        error if error.path is None else replace(error, path=rename_path(error.path, renames))
        for error in answer.errors
    ]
    return SubgraphAnswer(answer.data, errors)
