"""The base of everything the admin API takes: nothing is guessed, nothing unknown is let through."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Milliseconds = Annotated[float, Field(ge=0, le=600_000)]


class Strict(BaseModel):
    """An immutable value; unknown fields, NaN and wrong types ("3" for 3) are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
