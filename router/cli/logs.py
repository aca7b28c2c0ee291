"""The gateway's log on stderr: one line an event, its message a constant, its facts as ``key=value``."""

import logging
import sys
from types import TracebackType

from router.redaction import mask

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_LIMIT_CHARACTERS = 500


class FieldFormatter(logging.Formatter):
    """Shows the fields of a record behind its message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line of a record, without its traceback."""
        fields = " ".join(f"{name}={_value(value)}" for name, value in record.__dict__.items() if name not in _STANDARD)
        line = super().formatMessage(record)
        return f"{line} {fields}" if fields else line

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """A traceback, whose exceptions may quote what a client sent."""
        return mask(super().formatException(ei))


def log_to_stderr() -> None:
    """Send log records to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FieldFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _value(value: object) -> str:
    text = mask(value if isinstance(value, str) else repr(value))
    if len(text) > _LIMIT_CHARACTERS:
        text = f"{text[:_LIMIT_CHARACTERS]}…"
    # A line break from outside must not look like another record.
    return repr(text) if not text.isprintable() or " " in text else text
