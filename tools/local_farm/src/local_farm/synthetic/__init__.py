"""Jobs that nobody has run, by the thousand, for benchmarks and for faces that are to be seen with much in them.

>>> job_ids = add_jobs(farm, SyntheticJobs(jobs=2000, tasks_per_step=4, with_outputs=True))  # doctest: +SKIP

They look as if they had been run: with steps, tasks, sessions and session actions, and times in the past; with outputs also
with manifests and files in S3. They go straight into the farm's database.
"""

from local_farm.synthetic.shape import SyntheticJobs
from local_farm.synthetic.writing import add_jobs

__all__ = ["SyntheticJobs", "add_jobs"]
