"""What one account's world looks like: the body of `PUT /_mock/accounts/{key}`."""

from typing import Annotated, Literal

from pydantic import Field, ValidationError

from loadtest.openphone.faults import Fault
from loadtest.openphone.latency import Latency, NoLatency
from loadtest.openphone.limiter import Limit
from loadtest.openphone.routes import Route
from loadtest.openphone.strict import Strict


class ProfileError(ValueError):
    """A profile that cannot be used; `field` is where, in dots ("faults.0.rate"), "" for the whole."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field


class Profile(Strict):
    """Latency, limit, faults and error envelope of an account. The default is the vendor's limit and nothing else.

    `ttl_seconds` counts from the account's last use. Equal `seed` and equal requests give equal delays and faults.
    """

    latency: Latency = NoLatency()
    routes: dict[Route, Latency] = Field(default_factory=dict)
    limit: Limit = Limit()
    envelope: Literal["flat", "nested"] = "flat"
    faults: Annotated[tuple[Fault, ...], Field(max_length=20)] = ()
    seed: int = 1
    ttl_seconds: Annotated[float, Field(gt=0, le=7 * 86_400)] = 3600


def parse(body: bytes | str) -> Profile:
    """The profile in a JSON text; an empty text is the default. Raises ProfileError naming the first bad field."""
    try:
        return Profile.model_validate_json(body or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise ProfileError(_field(first["loc"]), first["msg"].removeprefix("Value error, ")) from None


def _field(loc: tuple[int | str, ...]) -> str:
    # pydantic puts the chosen kind of a union ("fixed") or "[key]" into the path; neither is a field of the body.
    where = {"latency": 1, "routes": 2, "faults": 2}.get(str(loc[0]) if loc else "")
    return ".".join(str(part) for index, part in enumerate(loc) if index != where)
