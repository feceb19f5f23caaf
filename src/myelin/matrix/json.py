"""The types of JSON, as the rest of the code names them."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
else:
    # msgspec reads annotations when it decodes, and knows no recursive alias.
    JsonValue = Any

JsonObject: TypeAlias = dict[str, JsonValue]
