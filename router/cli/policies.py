"""``supergate policies``: what every request passes, in order; ``policies test`` tries a request."""

import os
from pathlib import Path
from typing import Annotated

import typer
from multidict import CIMultiDict, CIMultiDictProxy
from rich.table import Table

from router.cli.console import Exit, fail, user_errors
from router.cli.tables import print_table
from router.cli.verdicts import policies_test
from router.config.load import load_config
from router.config.problems import ConfigError, ConfigProblem
from router.identity.identity import Identity
from router.plugins.plugin import Plugin
from router.policy.pipeline import Pipeline, Policy
from router.policy.policies import PolicyTools, build_pipeline
from router.policy.request import Request
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics

_FOR_OPERATIONS = ("limits", "field_authorization", "cost")
"""What the GraphQL stage decides itself, with the operation in hand."""

_HOOKS = ("on_request", "on_operation", "on_plan", "on_subgraph_request", "on_subgraph_response", "on_response")

app = typer.Typer(help="Show the policies that requests pass, and try requests on them.")


@app.callback(invoke_without_command=True)
def policies_command(
    context: typer.Context,
    config: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="router.yaml; several are merged, later ones win.")
    ] = None,
    route: Annotated[
        str, typer.Option(metavar="NAME", help="The route: graphql, or the name of a REST route.")
    ] = "graphql",
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="The usage plan of the caller.")] = None,
) -> None:
    """Print the policies in the order in which a request of a route meets them, each with its mode.

    enforce refuses, measure counts what it would refuse, off does not look.

    Example:  supergate policies --config router.yaml --route checkout --plan free
    """
    if context.invoked_subcommand is not None:
        return
    with user_errors():
        settings = load_config(config or [], os.environ)
        tools = PolicyTools(telemetry=Telemetry(metrics=Metrics()))
        try:
            pipeline = build_pipeline(settings, tools)
        except (ValueError, OSError) as error:
            raise ConfigError([ConfigProblem("", 0, 0, str(error))]) from error
    names = ["graphql", *(each.name for each in settings.rest.routes)]
    if route not in names:
        fail(f"there is no route {route}; there are {', '.join(names)}", code=Exit.BAD_USAGE)
    _show(pipeline, _request(route, plan))


app.command("test")(policies_test)


def _request(route: str, plan: str | None) -> Request:
    return Request(
        door="graphql" if route == "graphql" else "rest",
        method="POST",
        path="",
        route=route,
        route_name=route,
        headers=CIMultiDictProxy(CIMultiDict()),
        identity=None if plan is None else Identity(id="", method="", plan=plan),
    )


def _show(pipeline: Pipeline, request: Request) -> None:
    table = Table(box=None)
    for title in ("", "policy", "mode", "priority", "from", "looks at"):
        table.add_column(title, no_wrap=True)
    for number, policy in enumerate(pipeline.policies, 1):
        origin = "plugin" if isinstance(policy, Plugin) else "gateway"
        mode = pipeline.modes.mode(policy.name, request)
        table.add_row(str(number), policy.name, mode, str(policy.priority), origin, _looks_at(policy))
    for number, name in enumerate(_FOR_OPERATIONS, len(pipeline.policies) + 1):
        table.add_row(str(number), name, pipeline.modes.mode(name, request), "", "gateway", "operations")
    print_table(table)


def _looks_at(policy: Policy) -> str:
    hooks = [hook for hook in _HOOKS if getattr(type(policy), hook) is not getattr(Policy, hook)]
    return ", ".join(hook.removeprefix("on_").replace("_", " ") + "s" for hook in hooks)
