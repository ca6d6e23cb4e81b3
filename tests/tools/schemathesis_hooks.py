"""What schemathesis needs to know of stepdown's API besides its OpenAPI document."""

import json
import os
from datetime import date, timezone

import schemathesis
from hypothesis import strategies as st

# Days that may be asked about; and moments as people write them.
schemathesis.openapi.format("date", st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str))
schemathesis.openapi.format(
    "date-time",
    st.datetimes(timezones=st.just(timezone.utc)).map(lambda moment: moment.isoformat().replace("+00:00", "Z")),
)


@schemathesis.serializer("application/x-ndjson")
def write_lines(ctx, value):
    """A JSON value a line."""
    lines = value if isinstance(value, list) else [value]
    return {"data": "".join(json.dumps(line) + "\n" for line in lines).encode()}


@schemathesis.deserializer("application/x-ndjson")
def read_lines(ctx, response):
    """A JSON value a line."""
    return [json.loads(line) for line in response.content.decode().splitlines() if line]


@schemathesis.hook
def filter_case(ctx, case):
    """The token that the run itself uses stays."""
    return (case.path_parameters or {}).get("name") != os.environ["OWN_TOKEN"]
