"""Job and environment templates, decoded by Open Job Description's own library.

:func:`decode_job` turns what CreateJob received, with the environments of the queue, into a :class:`DecodedJob`: the
job with its parameters filled in, as expansion stores it and as sessions run it. Every extension that the installed
library knows is allowed.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

from openjd.model import (
    DocumentType,
    EnvironmentTemplate,
    Job,
    JobParameterValues,
    JobTemplate,
    RevisionExtensions,
    Step,
    create_job,
    create_job_with_symbol_tables,
    decode_environment_template,
    decode_job_template,
    document_string_to_object,
    preprocess_job_parameters,
)
from openjd.model.v2023_09 import ExtensionName

from local_farm import parameter_unions

SUPPORTED_EXTENSIONS = tuple(extension.value for extension in ExtensionName)


class TemplateError(Exception):
    """A template, or the parameter values given for it, is not valid. The message says why, a reason a line."""


@dataclasses.dataclass(frozen=True)
class DecodedJob:
    """A job as its template and parameters describe it."""

    job: Job
    parameters: JobParameterValues
    """A value for every parameter of the job and of the queue's environments, defaults included."""
    queue_environments: tuple[EnvironmentTemplate, ...]
    """The outermost first."""
    extensions: RevisionExtensions
    symbol_tables: Mapping[str, Any]
    """Serialized symbols of each step, by its name; only for templates with the ``EXPR`` extension."""

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.job.steps if step.name == name)


def decode_job(
    *,
    template: str,
    template_type: str,
    parameters: Mapping[str, parameter_unions.Union],
    queue_environments: Iterable[tuple[str, str]] = (),
) -> DecodedJob:
    """Decode a job template and apply its parameters.

    Arguments:
        template: The text of the job template.
        template_type: ``JSON`` or ``YAML``.
        parameters: Values by name, in the service's union form.
        queue_environments: Text and type of each environment template of the queue, the outermost first.

    Raises:
        TemplateError: A template or a value is not valid.
    """
    try:
        environments = tuple(
            decode_environment_template(template=_to_object(text, type_), supported_extensions=SUPPORTED_EXTENSIONS)
            for text, type_ in queue_environments
        )
        job_template = decode_job_template(
            template=_to_object(template, template_type), supported_extensions=SUPPORTED_EXTENSIONS
        )
        values = preprocess_job_parameters(
            job_template=job_template,
            job_parameter_values={
                name: value.value for name, value in parameter_unions.from_unions(parameters).items()
            },
            # Paths were made absolute by whoever submitted, on a host that need not be this one.
            job_template_dir=Path(),
            current_working_dir=Path(),
            allow_job_template_dir_walk_up=True,
            environment_templates=list(environments),
        )
        job, symbol_tables = _instantiate(job_template, values, environments)
    except (ValueError, NotImplementedError) as error:
        raise TemplateError(str(error)) from error
    return DecodedJob(
        job=job,
        parameters=values,
        queue_environments=environments,
        extensions=_extensions([job_template, *environments]),
        symbol_tables=symbol_tables,
    )


def _to_object(text: str, template_type: str) -> dict[str, Any]:
    return document_string_to_object(document=text, document_type=DocumentType(template_type))


def _instantiate(
    template: JobTemplate, values: JobParameterValues, environments: Sequence[EnvironmentTemplate]
) -> tuple[Job, Mapping[str, Any]]:
    if ExtensionName.EXPR in (template.extensions or ()):
        created = create_job_with_symbol_tables(
            job_template=template, job_parameter_values=values, environment_templates=list(environments)
        )
        return created.job, created.step_symbol_tables
    job = create_job(job_template=template, job_parameter_values=values, environment_templates=list(environments))
    return job, {}


def _extensions(templates: Sequence[JobTemplate | EnvironmentTemplate]) -> RevisionExtensions:
    used = {str(ExtensionName(name).value) for template in templates for name in template.extensions or ()}
    return RevisionExtensions(spec_rev=templates[0].revision, supported_extensions=sorted(used))
