"""The base of every part of the configuration."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One block of the configuration file.

    A section is a value: it does not change once it is read, and a key that it does not know is an error. Each option
    has a default, so that every block can be left out, and a docstring that ``supergate config schema`` shows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
