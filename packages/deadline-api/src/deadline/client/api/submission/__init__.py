"""Submitting a job bundle.

======================  ============================================================================
module                  subject
======================  ============================================================================
:mod:`.request`         what the caller asks for, and what comes of it
:mod:`.host`            whom a submission tells, asks, and reports progress to
:mod:`.plan`            everything that is known before anything is uploaded
:mod:`.attachments`     which files travel with the job; hashing and uploading them
:mod:`.known_paths`     which of their folders were expected
:mod:`.confirmation`    the message about them, and who decides
:mod:`.create_job`      CreateJob, and waiting for it
:mod:`.submit`          all of it in order
======================  ============================================================================

>>> from deadline.client.api.submission.request import SubmissionRequest
>>> from deadline.client.api.submission.submit import submit_job_bundle
>>> submit_job_bundle(SubmissionRequest("my-job", priority=80)).job_id  # doctest: +SKIP
'job-0123456789abcdef0123456789abcdef'
"""
