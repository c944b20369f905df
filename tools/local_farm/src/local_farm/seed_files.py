"""What a new farm has from the start, as a document: the farms, and in each its storage profiles, fleets and queues.

.. code-block:: yaml

    farms:
    - displayName: Studio
      storageProfiles:
      - displayName: Linux workstations
        osFamily: LINUX
        fileSystemLocations: [{name: projects, path: /mnt/projects, type: SHARED}]
      fleets:
      - displayName: Render nodes
      queues:
      - displayName: Night
        jobAttachments: true                          # a bucket of its own; or {s3BucketName: ..., rootPrefix: ...}
        allowedStorageProfiles: [Linux workstations]
        fleets: [Render nodes]                        # that serve it
        environments:
        - {priority: 1, templateFile: conda.yaml}     # beside this file; or template: ... in place
    monitors:
    - {displayName: Studio monitor, subdomain: studio}

Other members are those of the service's CreateFarm, CreateQueue and so on, with the service's bounds. Each resource but
environments may have an id of yours, e.g. ``queueId``. The first farm and its first queue are the clients' defaults.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import yaml

from local_farm import operations
from local_farm.operations.context import Context
from local_farm.protocol.errors import ServiceError
from local_farm.protocol.model import members_of, service_model
from local_farm.protocol.validation import validate
from local_farm.state.ids import new_id

ROLE = "arn:aws:iam::123456789012:role/local-farm"
ROOT_PREFIX = "DeadlineCloud"
OS_FAMILY = {"win32": "WINDOWS", "darwin": "MACOS"}.get(sys.platform, "LINUX")
"""Of this machine."""
_FLEET = {
    "roleArn": ROLE,
    "maxWorkerCount": 100,
    "configuration": {
        "customerManaged": {
            "mode": "NO_SCALING",
            "workerCapabilities": {
                "vCpuCount": {"min": 1},
                "memoryMiB": {"min": 1024},
                "osFamily": OS_FAMILY,
                "cpuArchitectureType": "x86_64",
            },
        }
    },
}
_MONITOR = {"roleArn": ROLE, "identityCenterInstanceArn": "arn:aws:sso:::instance/ssoins-0000000000000000"}
_QUEUE = {"roleArn": ROLE, "jobRunAsUser": {"runAs": "WORKER_AGENT_USER"}}


class SeedError(Exception):
    """The file is not one from which a farm can be made. The message says where, and why."""


@dataclass(frozen=True)
class Creation:
    """A resource that is to be made, and where in the document it stands."""

    operation: str
    parameters: Mapping[str, Any]
    where: str


def read_document(path: Path) -> Any:
    """The document in a file, YAML or JSON; raises :class:`SeedError`."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise SeedError(f"{path} cannot be read: {reason or error}.") from error
    except yaml.YAMLError as error:
        raise SeedError(f"{path} is not valid YAML: {error}") from error


def plan(document: Any, source: str, folder: Path) -> list[Creation]:
    """What has to be made, in its order; raises :class:`SeedError`, and then nothing has been made.

    Args:
        source: What messages call the document.
        folder: Where template files are looked for.
    """
    creations = list(_Planner(source, folder).plan(document))
    model = service_model()
    for creation in creations:
        try:
            validate(model.operation_model(creation.operation), dict(creation.parameters))
        except ServiceError as error:
            raise SeedError(f"{source}, {creation.where}: {error}") from error
    return creations


def plant(context: Context, creations: Sequence[Creation], source: str) -> None:
    """Make what was planned, or nothing of it and raise :class:`SeedError`."""
    for creation in creations:
        create = operations.find(creation.operation)
        assert create is not None
        try:
            create(context, dict(creation.parameters))
        except ServiceError as error:
            with context.database.transaction() as db:
                db.execute("DELETE FROM resources")
            raise SeedError(f"{source}, {creation.where}: {error}") from error


class _Planner:
    """Turns a document into creations; ids are given out here, so that names can be followed."""

    def __init__(self, source: str, folder: Path) -> None:
        self._source = source
        self._folder = folder

    def plan(self, document: Any) -> Iterator[Creation]:
        where = "the document"
        document = self._object(document, where)
        for number, farm in enumerate(self._list(document, "farms", where)):
            yield from self._farm(farm, f"farms[{number}]")
        for number, monitor in enumerate(self._list(document, "monitors", where)):
            place = f"monitors[{number}]"
            monitor = {**_MONITOR, **self._object(monitor, place)}
            yield Creation("CreateMonitor", self._members(monitor, "CreateMonitor", "monitorId", place), place)
        self._nothing_else(document, where)
        if not document.get("farms"):
            raise SeedError(f"{self._source} has no farms.")

    def _farm(self, farm: Any, where: str) -> Iterator[Creation]:
        farm = dict(self._object(farm, where))
        profiles, fleets, queues = (self._list(farm, name, where) for name in ("storageProfiles", "fleets", "queues"))
        for name in ("storageProfiles", "fleets", "queues"):
            farm.pop(name, None)
        parameters = self._members(farm, "CreateFarm", "farmId", where)
        farm_id = parameters["farmId"]
        yield Creation("CreateFarm", parameters, where)
        ids: dict[str, dict[str, str]] = {"storageProfiles": {}, "fleets": {}}
        for kind, items, operation, id_member, defaults in (
            ("storageProfiles", profiles, "CreateStorageProfile", "storageProfileId", {}),
            ("fleets", fleets, "CreateFleet", "fleetId", _FLEET),
        ):
            for number, item in enumerate(items):
                place = f"{where}.{kind}[{number}]"
                item = {**defaults, **self._object(item, place), "farmId": farm_id}
                parameters = self._members(item, operation, id_member, place)
                self._note(ids[kind], parameters, id_member, place)
                yield Creation(operation, parameters, place)
        for number, queue in enumerate(queues):
            yield from self._queue(queue, farm_id, ids, f"{where}.queues[{number}]")

    def _queue(self, queue: Any, farm_id: str, ids: dict[str, dict[str, str]], where: str) -> Iterator[Creation]:
        queue = {**_QUEUE, **self._object(queue, where), "farmId": farm_id}
        environments = self._list(queue, "environments", where)
        served_by = self._named(self._list(queue, "fleets", where), ids["fleets"], f"{where}.fleets")
        allowed = self._list(queue, "allowedStorageProfiles", where)
        attachments = queue.pop("jobAttachments", False)
        for name in ("environments", "fleets", "allowedStorageProfiles"):
            queue.pop(name, None)
        if allowed:
            place = f"{where}.allowedStorageProfiles"
            queue["allowedStorageProfileIds"] = self._named(allowed, ids["storageProfiles"], place)
        if attachments:
            # A name of its own: farms of one process, and farms that share an S3 server, must not share a bucket.
            own = {"s3BucketName": f"deadline-{new_id('local')[:20]}", "rootPrefix": ROOT_PREFIX}
            queue["jobAttachmentSettings"] = own if attachments is True else attachments
        parameters = self._members(queue, "CreateQueue", "queueId", where)
        yield Creation("CreateQueue", parameters, where)
        of_queue = {"farmId": farm_id, "queueId": parameters["queueId"]}
        for fleet_id in served_by:
            yield Creation("CreateQueueFleetAssociation", {**of_queue, "fleetId": fleet_id}, f"{where}.fleets")
        for number, environment in enumerate(environments):
            place = f"{where}.environments[{number}]"
            yield Creation("CreateQueueEnvironment", {**of_queue, **self._environment(environment, place)}, place)

    def _environment(self, environment: Any, where: str) -> dict[str, Any]:
        environment = dict(self._object(environment, where))
        file, template = environment.pop("templateFile", None), environment.pop("template", None)
        priority = environment.pop("priority", 0)
        if environment or (file is None) == (template is None):
            raise SeedError(f"{self._source}, {where}: takes priority, and either template or templateFile.")
        if file is not None:
            try:
                template = (self._folder / str(file)).read_text(encoding="utf-8")
            except (OSError, UnicodeError) as error:
                raise SeedError(f"{self._source}, {where}: {self._folder / str(file)} cannot be read.") from error
        if not isinstance(template, str):
            template = json.dumps(template)
        return {"priority": priority, "templateType": "YAML", "template": template}

    def _members(self, item: Mapping[str, Any], operation: str, id_member: str, where: str) -> dict[str, Any]:
        """The parameters of an operation, with an id; raises for members that there are not."""
        members = {*members_of(service_model().operation_model(operation).input_shape), id_member}
        unknown = [str(name) for name in item if name not in members]
        if unknown:
            raise SeedError(f"{self._source}, {where}: does not have the members {', '.join(unknown)}.")
        kind = {"storageProfileId": "sp"}.get(id_member, id_member[: -len("Id")])
        id_ = item.get(id_member, new_id(kind))
        if not re.fullmatch(f"{kind}-[0-9a-f]{{32}}", str(id_)):
            raise SeedError(f"{self._source}, {where}.{id_member}: {id_!r} is not {kind}- with 32 digits 0-9, a-f.")
        return {**item, id_member: id_}

    def _note(self, ids: dict[str, str], parameters: Mapping[str, Any], id_member: str, where: str) -> None:
        name = str(parameters.get("displayName"))
        if name in ids:
            raise SeedError(f"{self._source}, {where}: another one is called {name!r} too; queues name them by that.")
        ids[name] = parameters[id_member]

    def _named(self, names: Sequence[Any], ids: Mapping[str, str], where: str) -> list[str]:
        for name in names:
            if name not in ids:
                raise SeedError(f"{self._source}, {where}: none is called {name!r}, but {', '.join(ids) or 'none'}.")
        return [ids[name] for name in names]

    def _nothing_else(self, document: Mapping[str, Any], where: str) -> None:
        unknown = [str(name) for name in document if name not in ("farms", "monitors")]
        if unknown:
            raise SeedError(f"{self._source}: {where} has farms and monitors, not {', '.join(unknown)}.")

    def _object(self, value: Any, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise SeedError(f"{self._source}: {where} must be an object.")
        return value

    def _list(self, parent: Mapping[str, Any], name: str, where: str) -> list[Any]:
        value = parent.get(name) or []
        if not isinstance(value, list):
            raise SeedError(f"{self._source}, {where}: {name} must be a list.")
        return value
