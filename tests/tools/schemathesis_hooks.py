"""What schemathesis needs to know of stepdown's API besides its OpenAPI document."""

import json
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
def lines(ctx, value):
    """Events one a line, as the text they are."""
    return {"data": value.encode() if isinstance(value, str) else json.dumps(value).encode()}
