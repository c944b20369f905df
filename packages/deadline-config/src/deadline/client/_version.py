"""The version of the client, written by ``tools/release/set_version.py``."""

version = "0.60.11"
