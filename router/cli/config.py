"""``supergate config``: what a configuration says, and what is wrong with it."""

import os
from pathlib import Path
from typing import Annotated

import orjson
import typer

from router.cli.console import give, say, user_errors
from router.config.load import load_config
from router.config.model import Config
from router.config.show import show_config

app = typer.Typer(help="Check and describe the configuration.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Configuration files; later ones win.")]


@app.command()
def validate(files: Files) -> None:
    """Check configuration files and show every mistake with its file, line and column.

    Example:  supergate config validate config/router.yaml
    """
    with user_errors():
        load_config(files, os.environ)
    say("The configuration is valid.")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors.

    Example:  supergate config schema > router.schema.json
    """
    give(orjson.dumps(Config.model_json_schema(by_alias=True), option=orjson.OPT_INDENT_2).decode())


@app.command()
def show(files: Files) -> None:
    """Print the merged configuration with every default; secrets are redacted.

    Example:  supergate config show config/router.yaml
    """
    with user_errors():
        give(show_config(load_config(files, os.environ)).rstrip("\n"))
