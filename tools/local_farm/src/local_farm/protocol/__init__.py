"""AWS Deadline Cloud's API on the wire, driven by the service model that botocore ships.

A request is routed by its method and path, parsed and validated by the model of its operation, handed to the function
that does it (:mod:`local_farm.operations`), and the answer is shaped by the model again: the real client cannot tell.
"""
