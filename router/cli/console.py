"""What commands tell: results on stdout, all else on stderr, and how they end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from router.config.problems import ConfigError
from router.http.listener import ListenError
from router.sources.errors import DoesNotComposeError, SourceError


class Exit(IntEnum):
    """Exit codes of every command."""

    GOOD = 0
    BAD_INPUT = 1
    BAD_USAGE = 2


def say(text: str) -> None:
    """Tell the user something that is not the result."""
    typer.echo(text, err=True)


def give(text: str) -> None:
    """Print a result."""
    typer.echo(text)


def fail(text: str, *, code: Exit = Exit.BAD_INPUT) -> NoReturn:
    """Say what is wrong and end."""
    say(f"error: {text}")
    raise typer.Exit(code)


@contextmanager
def user_errors() -> Iterator[None]:
    """What the user can mend is told without a traceback, and ends with exit code 1."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            say(f"error: {problem}")
        raise typer.Exit(Exit.BAD_INPUT) from error
    except DoesNotComposeError as error:
        say(str(error))
        raise typer.Exit(Exit.BAD_INPUT) from error
    except (SourceError, ListenError) as error:
        for line in str(error).splitlines():
            say(f"error: {line}")
        raise typer.Exit(Exit.BAD_INPUT) from error
    except BrokenPipeError as error:  # the reader of stdout went away
        sys.stderr.close()
        raise typer.Exit(Exit.GOOD) from error
