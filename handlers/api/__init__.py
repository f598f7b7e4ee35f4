"""The HTTP API's border: requests in, answers and errors out, as docs/openapi.yaml has them."""
