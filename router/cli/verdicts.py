"""``supergate policies test``: what each policy would say to a request."""

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table
from rich.text import Text

from router.cli.console import Exit, fail, give, user_errors
from router.cli.tables import print_table
from router.config.load import load_config
from router.config.model import Config
from router.graphql import authorization
from router.identity.identity import Identity
from router.sources.load import SourceReader, build_supergraph, configured_source
from router.sources.supergraph_file import load_supergraph_file, read_text
from router.testing import FakeSubgraph, RouterResponse, RouterTester, Verdict
from supergraph import Supergraph

_STYLES = {"refuse": "bold red", "would refuse": "yellow", "pass": "green", "answer": "cyan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """The request to try."""

    method: str
    target: str
    body: object
    headers: Mapping[str, str]
    identity: Identity | None
    ip: str


def policies_test(
    config: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="router.yaml; several are merged, later ones win.")
    ] = None,
    op: Annotated[Path | None, typer.Option(metavar="FILE", help="The operation to send to /graphql.")] = None,
    request: Annotated[
        str | None, typer.Option(metavar="'METHOD PATH'", help="A REST request instead: 'GET /api/v1/orders/1'.")
    ] = None,
    supergraph: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A composed supergraph SDL, instead of the configured one.")
    ] = None,
    caller: Annotated[
        str | None,
        typer.Option("--as", metavar="CALLER", help="consumer=acme,plan=free,scopes=a+b,claims.role=x; or nobody."),
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="A header of the request; may be repeated.")
    ] = None,
    ip: Annotated[str, typer.Option(metavar="ADDRESS", help="Where the request comes from.")] = "192.0.2.1",
    variables: Annotated[str | None, typer.Option(metavar="JSON", help="Variables of the operation.")] = None,
    times: Annotated[int, typer.Option(min=1, help="Send it so often, at one moment, and show the last.")] = 1,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Print what each policy says to a request, in order. Nothing is sent: subgraphs and services are not asked.

    pass, answer, refuse, would refuse (it only measures), off, not reached. Exits with 1 if the request is refused.

    Example:  supergate policies test --config router.yaml --as consumer=acme,plan=free --op query.graphql
    """
    if (op is None) == (request is None):
        fail("give an operation with --op, or a REST request with --request", code=Exit.BAD_USAGE)
    identity, headers = _identity(caller), _headers(header or [])
    given = _json(variables) if variables is not None else None
    logging.getLogger("router").addHandler(logging.NullHandler())  # everything is told by the verdicts
    with user_errors():
        settings = load_config(config or [], os.environ)
        if op is not None:
            body = {"query": read_text(op, what="a GraphQL operation"), "variables": given}
            method, target = "POST", settings.supergraph.path
        else:
            body = None
            method, _, target = (request or "").strip().partition(" ")
        sample = _Sample(
            method=method.upper(), target=target.strip(), body=body, headers=headers, identity=identity, ip=ip
        )
        response, asked = asyncio.run(_try(settings, supergraph, sample, times))
    if as_json:
        give(_as_json(response, asked))
    else:
        _print(response, asked)
    if any(verdict.outcome == "refuse" for verdict in response.verdicts.values()):
        raise typer.Exit(Exit.BAD_INPUT)


async def _try(
    config: Config, supergraph_file: Path | None, sample: _Sample, times: int
) -> tuple[RouterResponse, list[str]]:
    """The last answer, and the subgraphs that would have been asked for it."""
    supergraph = await _supergraph(config, supergraph_file)
    silent = {name: FakeSubgraph("", answer={"data": None}) for name in supergraph.subgraphs}
    async with RouterTester(config, subgraphs=silent, supergraph=supergraph) as router:
        for _ in range(times):
            response = await router.request(
                sample.method,
                sample.target,
                json=sample.body,
                headers=sample.headers,
                identity=sample.identity,
                ip=sample.ip,
            )
        asked = router.log_lines[-1].get("upstreams")
    return response, list(map(str, asked)) if isinstance(asked, list) else []


async def _supergraph(config: Config, file: Path | None) -> Supergraph:
    if file is not None:
        return load_supergraph_file(file)
    return build_supergraph(await SourceReader(configured_source(config)).read())


def _identity(caller: str | None) -> Identity | None:
    """Who ``consumer=acme,plan=free,scopes=a+b`` is."""
    if caller is None:
        return None
    given: dict[str, str] = {}
    for part in caller.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or (name not in ("consumer", "plan", "scopes", "method") and not name.startswith("claims.")):
            fail(f"--as has {part!r}; write consumer=, plan=, scopes=a+b, method= or claims.NAME=", code=Exit.BAD_USAGE)
        given[name] = value
    return Identity(
        id=given.get("consumer", ""),
        method=given.get("method", "test"),
        plan=given.get("plan"),
        scopes=frozenset(filter(None, given.get("scopes", "").split("+"))),
        claims={name.removeprefix("claims."): value for name, value in given.items() if name.startswith("claims.")},
    )


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            fail(f"--header has {name!r}; write 'name: value'", code=Exit.BAD_USAGE)
        headers[name.strip()] = value.strip()
    return headers


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        fail(f"--variables is not JSON: {error}", code=Exit.BAD_USAGE)


def _left_out(response: RouterResponse) -> str:
    """The fields that the caller may not see, as the client is told."""
    told = [*response.errors, *_objects(response.extensions.get("authorizationErrors"))]
    paths = [error.get("path") for error in told if _code(error) == authorization.UNAUTHORIZED]
    return ", ".join(".".join(map(str, path)) for path in paths if isinstance(path, list))


def _objects(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _code(error: Mapping[str, object]) -> object:
    extensions = error.get("extensions")
    return extensions.get("code") if isinstance(extensions, dict) else None


def _as_json(response: RouterResponse, asked: list[str]) -> str:
    values = {
        "status": response.status,
        "codes": response.error_codes,
        "verdicts": [asdict(verdict) for verdict in response.verdicts.values()],
        "left_out": _left_out(response),
        "asks": asked,
    }
    return orjson.dumps(values, option=orjson.OPT_INDENT_2).decode()


def _print(response: RouterResponse, asked: list[str]) -> None:
    table = Table(box=None)
    for title in ("", "policy", "verdict", "code", "why"):
        table.add_column(title, no_wrap=True)
    for number, verdict in enumerate(response.verdicts.values(), 1):
        outcome = Text(verdict.outcome, style=_STYLES.get(verdict.outcome, "dim"))
        table.add_row(str(number), verdict.policy, outcome, verdict.code, Text(_why(verdict, response)))
    print_table(table)
    give(_conclusion(response, asked))


def _why(verdict: Verdict, response: RouterResponse) -> str:
    left_out = _left_out(response) if verdict.policy == authorization.NAME and verdict.outcome == "pass" else ""
    return f"leaves out {left_out}" if left_out else verdict.message


def _conclusion(response: RouterResponse, asked: list[str]) -> str:
    if asked:
        return f"The request passes, and asks {', '.join(asked)}."
    codes = ", ".join(dict.fromkeys(response.error_codes))
    return f"The answer has status {response.status}{f' and code {codes}' if codes else ''}."
