"""Submitting a job bundle.

======================  ============================================================================
module                  subject
======================  ============================================================================
:mod:`.request`         what the caller asks for, and what comes of it
:mod:`.host`            whom a submission tells, asks, and reports progress to
:mod:`.plan`            everything that is known before anything is uploaded; the bundle may be an archive
                        (:mod:`.bundle_folder`)
:mod:`.job_properties`  the job's priority and limits: who of caller, hooks, bundle and settings counts
:mod:`.hooks`           programs that run before and after, if the user wants them; what they mean to
                        the plan is in :mod:`.planned_hooks`
:mod:`.description`     a plan as plain values, for dry runs and assistants
:mod:`.preflight`       what of it cannot work, found out before anything is uploaded: the files
                        (:mod:`.input_files`, :mod:`.exclusions`, :mod:`.file_findings`) and the
                        service's limits (:mod:`.request_limits`), told as :mod:`.findings`
:mod:`.known_paths`     which of the files' folders were expected
:mod:`.attachments`     hashing and uploading the files, or copying them into a snapshot
:mod:`.confirmation`    the message about them, and who decides
:mod:`.create_job`      CreateJob, and waiting for it
:mod:`.debug_snapshot`  a submission as files, with scripts that send it (:mod:`.scripts`), in a folder or
                        an archive (:mod:`.snapshot_archive`)
:mod:`.history`         a copy of what was submitted
:mod:`.submit`          all of it in order
:mod:`.asynchronous`    the same for programs with an event loop
:mod:`.canceling`       ending a submission from outside
:mod:`.telemetry`       the events of a submission
======================  ============================================================================

>>> from deadline.client.api.submission.request import SubmissionRequest
>>> from deadline.client.api.submission.submit import submit_job_bundle
>>> submit_job_bundle(SubmissionRequest("my-job", priority=80)).job_id  # doctest: +SKIP
'job-0123456789abcdef0123456789abcdef'
"""
