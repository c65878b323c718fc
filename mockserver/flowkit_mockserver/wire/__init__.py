"""One module an endpoint family: parse the request, call a service, shape the answer."""

__all__ = ["MODULES"]

#: The modules whose `blueprint` or `blueprints` make up the API.
MODULES = (
    "data",
    "table",
    "job",
    "pipeline",
    "tracking",
    "model",
    "tag",
    "permission",
    "version",
)
