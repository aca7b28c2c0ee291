"""The command ``supergate``: one module for each subcommand, listed here."""

import typer

from router.cli import check, compose, config, contract, demo, explain, keys, plan, policies, serve, version

app = typer.Typer(
    name="supergate",
    help="A GraphQL federation gateway: composes subgraphs, plans operations across them, and serves the result.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("compose")(compose.compose_command)
app.command("check")(check.check_command)
app.command("contract")(contract.contract_command)
app.command("plan")(plan.plan_command)
app.command("explain")(explain.explain_command)
app.add_typer(config.app, name="config")
app.add_typer(keys.app, name="keys")
app.add_typer(policies.app, name="policies")
app.command("version")(version.version)


def main() -> None:
    """Run the command line."""
    app()
