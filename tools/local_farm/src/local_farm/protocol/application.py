"""The API as one function from a request to an answer."""

from __future__ import annotations

import logging
import uuid
from typing import Mapping, Sequence

from werkzeug.datastructures import Headers

from local_farm import operations
from local_farm.call_counts import CallCounts
from local_farm.faults import Faults
from local_farm.operations.context import Context
from local_farm.protocol import requests, responses
from local_farm.protocol.errors import NotImplementedByFarmError, ServiceError, ValidationError
from local_farm.protocol.model import find_operation
from local_farm.protocol.responses import Response
from local_farm.protocol.validation import validate

logger = logging.getLogger("local_farm")


class DeadlineApi:
    """Answers requests to AWS Deadline Cloud.

    Args:
        context: The farm's state.
        faults: What goes wrong on purpose.
        calls: Where calls are counted, whatever becomes of them.
    """

    def __init__(self, context: Context, faults: Faults, calls: CallCounts) -> None:
        self._context = context
        self._faults = faults
        self._calls = calls

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, Sequence[str]],
        headers: Headers,
        body: bytes,
    ) -> Response:
        """The answer to a request; ``path`` is quoted as it came."""
        request_id = str(uuid.uuid4())
        try:
            found = find_operation(method, path)
            if found is None:
                raise ValidationError(
                    f"AWS Deadline Cloud has no operation {method} {path}.", reason="UNKNOWN_OPERATION"
                )
            operation, labels = found
            self._calls.count(operation.name)
            self._faults.strike(operation.name)
            do = operations.find(operation.name)
            if do is None:
                raise NotImplementedByFarmError(operation.name)
            parameters = requests.parse(operation, labels, query, headers, body)
            validate(operation, parameters)
            return responses.success(operation, do(self._context, parameters), request_id)
        except ServiceError as error:
            return responses.failure(error, request_id)
        except Exception:
            logger.exception("%s %s failed", method, path)
            return responses.failure(ServiceError("An internal error occurred; see the local farm's log."), request_id)
