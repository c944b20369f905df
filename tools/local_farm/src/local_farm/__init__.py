"""A farm on this machine that stands in for AWS Deadline Cloud."""
