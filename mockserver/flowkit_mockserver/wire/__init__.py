"""One module an endpoint family: parse the request, call a service, shape the answer."""
