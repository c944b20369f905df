"""Job bundles: folders with a job template, parameter values and the paths that a job refers to.

===========================  ==========================================================================
module                       subject
===========================  ==========================================================================
:mod:`.loader`               reading a bundle's files
:mod:`.saver`                writing them
:mod:`.history`              the folders in which submitted bundles are kept
:mod:`.template_check`       whether the template is valid
:mod:`.parameters`           job parameters (a door to the modules ``parameter_*``, ``bundle_parameters``
                             and ``user_interface``)
:mod:`.parameter_arguments`  values of job parameters as a command line gives them
:mod:`.job_template`         the controls of submission windows
:mod:`.adaptors`             what adaptors of rendering programs take from this library
:mod:`.submission`           asset references, and parameters as CreateJob takes them
:mod:`.hooks`                programs that run around a submission
:mod:`.paths`                paths taken as text
:mod:`.repository`           shared bundles: archives in a queue's S3 bucket, and in folders
===========================  ==========================================================================
"""

from __future__ import annotations

from deadline.client import config

from ._yaml import deadline_yaml_dump
from .history import create_job_history_bundle_dir
from .parameters import apply_job_parameters, read_job_bundle_parameters

__all__ = [
    "apply_job_parameters",
    "create_job_history_bundle_dir",
    "deadline_yaml_dump",
    "read_job_bundle_parameters",
]
