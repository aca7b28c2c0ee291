"""One object of the store as JSON for the client: the response's root, or what a deferred part adds to one.

store ──▶ project ──▶ payload ──▶ client
                      ▲ you are here
"""

from router.executor.codec import MalformedJSONError, encode_json
from router.executor.errors import TOO_LARGE, ErrorLog, ProjectionErrors, unlink
from router.executor.project import LinkedPath, Position
from router.executor.room import Room, TooLargeError
from router.executor.walk import Stored


def complete_payload(
    position: Position, stored: Stored, path: LinkedPath | None, problems: ProjectionErrors, log: ErrorLog
) -> tuple[object, bytes]:
    """What the client gets of ``stored``, and its JSON: null, and an error, if it is too deep or there is no room."""
    room = problems.room
    before = room.left
    try:
        completed = position.complete(stored, path, problems)
        if problems.growth.most_bytes > before:
            Room(before).take_value(completed)
        encoded = encode_json(completed)
        room.left = before
        room.take(len(encoded))
    except (MalformedJSONError, RecursionError):
        log.add("The response is nested too deeply.", unlink(path))
    except TooLargeError:
        log.add("The response is too large.", unlink(path), code=TOO_LARGE)
    else:
        return completed, encoded
    return None, b"null"
