"""The docs page, made from the OpenAPI document."""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

Document = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")


def docs_body(document: Document) -> str:
    """Return the page's HTML body."""
    tags = [tag["name"] for tag in document["tags"]]
    links = "".join(f'<a href="#{tag}">{tag}</a>' for tag in tags)
    sections = "".join(
        f'<h2 id="{tag}">{tag}</h2>' + "".join(_operation(document, *found) for found in _operations(document, tag))
        for tag in tags
    )
    title = escape(document["info"]["title"])
    return (
        f"<h1>{title} API</h1>"
        "<p>Send your key as <code>x-agent-api-key</code>, or as <code>Authorization: Bearer …</code>. Errors are "
        '<code>{"error", "code"}</code>; with 429 and 503 <code>Retry-After</code> says for how many seconds to wait. '
        'The same as <a href="openapi.json">OpenAPI</a>.</p>'
        f"<nav>{links}</nav>{sections}"
    )


def _operations(document: Document, tag: str) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods and tag in methods[method]["tags"]:
                yield method.upper(), path, methods[method]


def _operation(document: Document, method: str, path: str, operation: Document) -> str:
    parts = [f"<p>{_prose(operation['description'])}</p>"] if "description" in operation else []
    if operation.get("security") == []:
        parts.append("<p>No key needed.</p>")
    if operation["parameters"]:
        parts.append("<h3>Parameters</h3>" + _table(document, operation["parameters"]))
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        parts.append(f"<h3>Body</h3><pre>{_shape(document, schema)}</pre>")
    for media, content in operation["responses"]["200"]["content"].items():
        shape = _shape(document, content["schema"]) if "schema" in content else escape(media)
        parts.append(f"<h3>Answer</h3><pre>{shape}</pre>")
    errors = ", ".join(status for status in operation["responses"] if status != "200")
    parts.append(f"<h3>Errors</h3><p>{errors}</p>")
    head = f'<b class="m {method}">{method}</b><code>{escape(path)}</code><span>{escape(operation["summary"])}</span>'
    return f'<details id="{operation["operationId"]}"><summary>{head}</summary><div>{"".join(parts)}</div></details>'


def _prose(text: str) -> str:
    """Return text with `code` between backticks, as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _table(document: Document, parameters: list[Document]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(item['name'])}</code></td>"
        f"<td>{item['in']}{'' if item['required'] else ', optional'}</td>"
        f"<td>{_prose(item['schema'].get('description') or str(_example(document, item['schema'])))}</td></tr>"
        for item in parameters
    )
    return f"<table>{rows}</table>"


def _shape(document: Document, schema: Document) -> str:
    return escape(json.dumps(_example(document, schema), indent=2, ensure_ascii=False))


def _example(document: Document, schema: Document) -> Any:
    """Return JSON that shows the schema's shape: names of types in place of values."""
    if "$ref" in schema:
        return _example(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema or "enum" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if "anyOf" in schema:
        shapes = [_example(document, choice) for choice in schema["anyOf"]]
        return shapes[0] if not isinstance(shapes[0], str) else " | ".join(map(str, shapes))
    if "properties" in schema:
        return {name: _example(document, rule) for name, rule in schema["properties"].items()}
    if schema.get("type") == "array":
        return [_example(document, schema.get("items", {}))]
    return schema.get("format") or schema.get("type") or "any"
