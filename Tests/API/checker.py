"""Asks what the document names, and holds the answers against it."""

from __future__ import annotations

import requests
import routes
import schemathesis


class Answers:
    def __init__(self, url: str, document: dict):
        self.url = url
        self.document = document
        self.operations = {operation["operationId"]: (method, path)
                           for (method, path), operation in routes.in_document(document).items()}
        self.schema = schemathesis.openapi.from_dict(document)
        #: What was answered with 2xx or 3xx.
        self.succeeded: set[str] = set()

    def ask(self, name: str, body=None, status: int | None = 200, headers: dict | None = None, **parameters):
        """`body` is JSON, or bytes as they are; `parameters` are those of the path and the query, and `Origin`."""
        method, path = self.operations[name]
        headers = dict(headers or {})
        if "Origin" in parameters:
            headers["Origin"] = parameters.pop("Origin")
        query = {key: value for key, value in parameters.items() if f"{{{key}}}" not in path}
        answer = requests.request(
            method, self.url + path.format(**parameters), params=query, headers=headers, timeout=15,
            allow_redirects=False, **({"data": body} if isinstance(body, bytes) else {"json": body}))
        assert status in (None, answer.status_code), f"{name}: {answer.status_code} {answer.text}"
        self.schema[path][method.upper()].validate_response(answer)
        self._check_keys(name, method, path, answer)
        if answer.status_code < 400:
            self.succeeded.add(name)
        return answer

    def _check_keys(self, name, method, path, answer):
        response = self._resolved(self.document["paths"][path][method]["responses"][str(answer.status_code)])
        media = response.get("content", {}).get(answer.headers.get("Content-Type", ""))
        if media and "json" in answer.headers["Content-Type"] and name != "getDocument":
            unknown = self._unknown(media["schema"], answer.json())
            assert not unknown, f"{name} answers what is not in the document: {unknown}"

    def _unknown(self, schema: dict, value, where: str = "") -> list[str]:
        """Keys of a value that the schema does not name."""
        schema = self._resolved(schema)
        if isinstance(value, list):
            return [key for item in value for key in self._unknown(schema.get("items", {}), item, where)]
        if not isinstance(value, dict):
            return []
        properties = {}
        for part in (schema, *map(self._resolved, schema.get("allOf", []))):
            for key, described in part.get("properties", {}).items():
                properties.setdefault(key, described)
        extra = schema.get("additionalProperties", {})
        found = [f"{where}.{key}" for key in value if key not in properties and not extra]
        for key, inner in value.items():
            found += self._unknown(properties.get(key, extra), inner, f"{where}.{key}")
        return found

    def _resolved(self, value: dict) -> dict:
        while "$ref" in value:
            place = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name]
            value = place
        return value
