"""The errors that the examples answer with: a sentence for people and a code for programs."""

from graphql import GraphQLError


class ExampleError(GraphQLError):
    """A resolver refuses; ``code`` becomes ``extensions.code``."""

    code = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": self.code})


class InputError(ExampleError):
    """An argument has the right type and a wrong value."""

    code = "BAD_USER_INPUT"


class NotFoundError(ExampleError):
    """What the argument names does not exist."""

    code = "NOT_FOUND"


class UnauthenticatedError(ExampleError):
    """The field is about the caller, and there is none."""

    code = "UNAUTHENTICATED"


class ForbiddenError(ExampleError):
    """The caller may not do this."""

    code = "FORBIDDEN"


def check_first(first: int, *, limit: int = 100) -> None:
    """Refuse page sizes that make no sense or ask for everything; raises ``InputError``."""
    if not 1 <= first <= limit:
        raise InputError(f"first must be between 1 and {limit}, not {first}")
