#!/usr/bin/env bash
# openapi-spec-validator finds a reference to nothing in an answer, not in a request.
#
# Versions: openapi-spec-validator 0.9.0.
# Seen: a $ref to a schema that is not in the document, below a response or a parameter, is
# refused, with an error that is not one of the package's. In a request's body, a response's
# header, additionalProperties or a reusable response the document passes. A default of the wrong
# type is found and passed over in the same places; a security requirement that names no scheme
# passes, too.
# Surprise: "validated" documents break the generators and the test tools that read them, and
# whether a mistake is found depends on where it stands.
# Contradicts: OpenAPI 3.1: a reference and a security requirement name what is there, and
# schemas are schemas wherever they stand.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-spec-validator==0.9.0

cat > expected <<'EOF'
response body | reference to nothing: PointerToNowhere | default of the wrong type: OpenAPIValidationError
properties in a response body | reference to nothing: PointerToNowhere | default of the wrong type: OpenAPIValidationError
parameter | reference to nothing: PointerToNowhere | default of the wrong type: OpenAPIValidationError
request body | reference to nothing: passes | default of the wrong type: passes
response header | reference to nothing: passes | default of the wrong type: passes
additionalProperties | reference to nothing: passes | default of the wrong type: passes
components/responses | reference to nothing: passes | default of the wrong type: passes
security requirement without a scheme | passes
EOF

cat > program.py <<'EOF'
from openapi_spec_validator import validate

def content(schema):
    return {"content": {"application/json": {"schema": schema}}}

def document(parameters=(), responses=None, components=None, **operation):
    answers = {"200": {"description": "done", **(responses or {})}}
    path = {"post": {"parameters": list(parameters), "responses": answers, **operation}}
    return {
        "openapi": "3.1.0", "info": {"title": "demo", "version": "1"}, "paths": {"/job": path}, "components": components or {},
    }

PLACES = {
    "response body": lambda schema: document(responses=content(schema)),
    "properties in a response body": lambda schema: document(
        responses=content({"type": "object", "properties": {"job": schema}})
    ),
    "parameter": lambda schema: document(parameters=[{"name": "job", "in": "query", "schema": schema}]),
    "request body": lambda schema: document(requestBody=content(schema)),
    "response header": lambda schema: document(responses={"headers": {"X-Job": {"schema": schema}}}),
    "additionalProperties": lambda schema: document(
        responses=content({"type": "object", "additionalProperties": schema})
    ),
    "components/responses": lambda schema: document(
        components={"responses": {"Job": {"description": "a job", **content(schema)}}}
    ),
}

def outcome(given):
    try:
        validate(given)
    except Exception as error:
        return type(error).__name__
    return "passes"

for place, build in PLACES.items():
    reference = outcome(build({"$ref": "#/components/schemas/Missing"}))
    default = outcome(build({"type": "integer", "default": "one"}))
    print(place, "| reference to nothing:", reference, "| default of the wrong type:", default)
print("security requirement without a scheme |", outcome(document(security=[{"missing": []}])))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
