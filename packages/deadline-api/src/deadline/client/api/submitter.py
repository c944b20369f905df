"""A frame for submitters: what a program that submits its scenes has to say about them, and in which order it is asked.

A submitter derives from :class:`BaseSubmitter` and answers four questions about the scene that is open: its settings, its job
template, the values of the template's parameters, and its files. :meth:`BaseSubmitter.get_submission_context` asks them in
that order and gives everything that a job bundle is made of. No window is needed, so the same submitter serves a script,
a farm of its own, and a dialog.

>>> class SceneSubmitter(BaseSubmitter):
...     def get_settings(self):
...         return BaseSubmitterSettings(job_name="shot 010", frame_list="1-10")
...
...     def get_job_template(self, settings, host_requirements=None):
...         return {"specificationVersion": "jobtemplate-2023-09", "name": settings.job_name, "steps": []}
...
...     def get_parameter_values(self, settings, queue_parameters):
...         return [{"name": "Frames", "value": settings.frame_list}]
...
...     def get_asset_references(self, settings):
...         return AssetReferences(input_filenames={"/shows/shot010.scene"})
>>> context = SceneSubmitter().get_submission_context(queue_parameters=[])
>>> context.job_template["name"], context.parameter_values
('shot 010', [{'name': 'Frames', 'value': '1-10'}])
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.submission import AssetReferences

from .queue_parameters import get_queue_parameter_definitions


@dataclass
class BaseSubmitterSettings:
    """What is common to the settings of all submitters; derive from it for more."""

    job_name: str = ""
    description: str = ""
    frame_list: str = ""
    """Frames as a range expression; empty for the range of the scene."""
    project_path: str = ""
    output_path: str = ""
    priority: int = 50
    """0 to 100."""
    initial_status: str = "READY"
    """``READY`` or ``SUSPENDED``."""
    max_failed_tasks_count: int = 20
    max_retries_per_task: int = 5
    max_worker_count: int = -1
    """-1 is no limit."""
    override_frame_range: bool = False
    input_filenames: List[str] = field(default_factory=list)
    input_directories: List[str] = field(default_factory=list)
    output_directories: List[str] = field(default_factory=list)


@dataclass(frozen=True)
class SubmissionContext:
    """What a submitter says about a scene: all that a job bundle is made of."""

    settings: BaseSubmitterSettings
    job_template: Dict[str, Any]
    parameter_values: List[Dict[str, Any]]
    asset_references: AssetReferences


class BaseSubmitter(ABC):
    """A submitter; derive from it and answer the four questions."""

    @abstractmethod
    def get_settings(self) -> BaseSubmitterSettings:
        """The settings of the scene."""

    @abstractmethod
    def get_job_template(
        self, settings: BaseSubmitterSettings, host_requirements: Optional[Dict[str, Any]] = None
    ) -> Dict[str, Any]:
        """The job template; ``host_requirements`` go to its steps."""

    @abstractmethod
    def get_parameter_values(
        self, settings: BaseSubmitterSettings, queue_parameters: List[Dict[str, Any]]
    ) -> List[Dict[str, Any]]:
        """The values of the job's parameters, as mappings of ``name`` and ``value``; those of the queue included."""

    @abstractmethod
    def get_asset_references(self, settings: BaseSubmitterSettings) -> AssetReferences:
        """The files and folders of the scene."""

    def get_submission_context(
        self,
        settings: Optional[BaseSubmitterSettings] = None,
        *,
        farm_id: Optional[str] = None,
        queue_id: Optional[str] = None,
        initial_values: Optional[Mapping[str, Any]] = None,
        host_requirements: Optional[Dict[str, Any]] = None,
        queue_parameters: Optional[List[Dict[str, Any]]] = None,
    ) -> SubmissionContext:
        """Ask everything that a job bundle is made of.

        Args:
            settings: The settings; those of :meth:`get_settings` where left out.
            farm_id: The farm; the default farm where left out.
            queue_id: The queue; the default queue where left out.
            initial_values: Values by the names of queue parameters, which go before the queue's defaults.
            host_requirements: Requirements for :meth:`get_job_template`.
            queue_parameters: The queue's parameters, where they were asked for already; the farm, the queue and the
                initial values are not looked at then.

        Raises:
            DeadlineOperationError: There is neither a farm or queue among the arguments nor among the settings, or the
                queue's environments are not well formed.
            botocore.exceptions.ClientError: The service refused.
        """
        if settings is None:
            settings = self.get_settings()
        if queue_parameters is None:
            queue_parameters = get_queue_parameters(farm_id, queue_id, initial_values)
        job_template = (
            self.get_job_template(settings)
            if host_requirements is None
            else self.get_job_template(settings, host_requirements)
        )
        return SubmissionContext(
            settings=settings,
            job_template=job_template,
            parameter_values=self.get_parameter_values(settings, queue_parameters),
            asset_references=self.get_asset_references(settings),
        )


def get_queue_parameters(
    farm_id: Optional[str] = None,
    queue_id: Optional[str] = None,
    initial_values: Optional[Mapping[str, Any]] = None,
) -> List[Dict[str, Any]]:
    """The parameters that a queue's environments define, each with a ``value``.

    Args:
        farm_id: The farm; the default farm where left out.
        queue_id: The queue; the default queue where left out.
        initial_values: Values by name. A parameter that is not among them gets its default, or else an empty text.

    Raises:
        DeadlineOperationError: There is neither a farm or queue among the arguments nor among the settings, or the
            queue's environments are not well formed.
        botocore.exceptions.ClientError: The service refused.
    """
    farm_id = farm_id or get_setting("defaults.farm_id")
    queue_id = queue_id or get_setting("defaults.queue_id")
    for kind, identifier in (("farm", farm_id), ("queue", queue_id)):
        if not identifier:
            raise DeadlineOperationError(
                f"There is no {kind} to ask for parameters. Pass {kind}_id, or set a default one with: "
                f"deadline config set defaults.{kind}_id <{kind} id>"
            )
    values = initial_values or {}
    definitions = get_queue_parameter_definitions(farmId=farm_id, queueId=queue_id)
    return [
        {**definition, "value": values.get(definition["name"], definition.get("default", ""))}
        for definition in definitions
    ]
