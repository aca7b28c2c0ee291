"""The SDL of a schema that is written in Python.

    python: "package.module:schema" ──▶ a process that imports it ──▶ SDL
                                        ▲ you are here, waiting for it

See ``python_child`` for what runs there and why it is a process.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

import orjson

from router.sources.errors import SourceError

_CHILD = Path(__file__).with_name("python_child.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSchema:
    """What a module gave.

    Attributes:
        sdl: ``None`` if there is none; ``error`` says why.
        files: What was imported from the folder, also if it failed.
    """

    sdl: str | None
    error: str
    files: tuple[Path, ...]


async def load_python_schema(reference: str, *, folder: Path, timeout_seconds: float) -> PythonSchema:
    """Import ``package.module:attribute``, looking in ``folder`` first. Raises ``SourceError`` if it takes too long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(_CHILD), str(folder), reference, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            answer, complaints = await process.communicate()
    except TimeoutError as error:
        raise SourceError(f"no schema within {timeout_seconds:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        values = orjson.loads(answer)
    except orjson.JSONDecodeError:
        last = complaints.decode(errors="replace").strip().splitlines()[-1:]
        reason = f"the interpreter ended with code {process.returncode} {last[0] if last else ''}".strip()
        return PythonSchema(sdl=None, error=reason, files=())
    files = tuple(map(Path, values["files"]))
    return PythonSchema(sdl=values.get("sdl"), error=values.get("error", ""), files=files)
