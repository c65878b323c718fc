"""The protobuf messages in which FATE saves models: one catalogue, read as JSON, as bytes and as definition files."""
