"""The version of job attachments, written by ``tools/release/set_version.py``."""

version = "0.60.11"
