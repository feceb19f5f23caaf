"""Makes `schemas.json.gz`: the shapes of the client-server API, from the specification's OpenAPI files.

Run once for each release of the specification: `python tests/contract/make_schemas.py PATH`, where PATH holds the
specification as data with its `resolve.py`. Only facts are kept (method, path, names of query parameters, JSON
Schemas, the errcodes that a response names); every description, title and example is dropped. The tests never run
this and need nothing of PATH.
"""

import gzip
import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("schemas.json.gz")
PROSE = {"description", "title", "example", "examples", "externalDocs", "default", "deprecated"}
NAMED = {"properties", "patternProperties", "$defs"}
ERRCODE = re.compile(r"\bM_[A-Z0-9_]*[A-Z0-9]\b")


def bare(schema: Any) -> Any:
    """The schema without its prose; names of properties are not prose, whatever they are called."""
    if isinstance(schema, list):
        return [bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: bare(part) for name, part in value.items()} if key in NAMED else bare(value)
        for key, value in schema.items()
        if key not in PROSE and not key.startswith("x-")
    }


def errcodes(response: Any) -> list[str]:
    """What the response names; the M_UNKNOWN in the example of the shared error schema stands for nothing."""
    text = json.dumps({key: value for key, value in response.items() if key != "content"})
    examples = json.dumps([body.get("examples") for body in response.get("content", {}).values()])
    meaningless = {"M_UNKNOWN"} - set(ERRCODE.findall(text + examples))
    return sorted(set(ERRCODE.findall(json.dumps(response))) - meaningless)


def facts(operation: dict[str, Any]) -> dict[str, Any]:
    bodies, responses = operation["bodies"], operation["spec"]["responses"]
    return {
        "method": operation["method"],
        "path": operation["path"],
        "auth": operation["auth"],
        "module": operation["tag"],
        "deprecated": operation["deprecated"],
        "query": sorted(part["name"] for part in operation["spec"]["parameters"] if part["in"] == "query"),
        "request": bare(bodies["request"].get("schema")),
        "responses": {
            status: {"schema": bare(bodies[status].get("schema")), "errcodes": errcodes(response)}
            for status, response in responses.items()
        },
    }


def read_operations(specification: Path) -> dict[str, dict[str, Any]]:
    found = importlib.util.spec_from_file_location("resolve", specification / "resolve.py")
    assert found and found.loader
    resolve = importlib.util.module_from_spec(found)
    found.loader.exec_module(resolve)
    return {name: facts(operation) for name, operation in sorted(resolve.operations().items())}


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = json.dumps(read_operations(Path(sys.argv[1])), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # Without a file name and a time in it, the same specification gives the same bytes.
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
