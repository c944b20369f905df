"""The tables in which the local farm keeps its resources.

Every row carries the members of the service's resource as JSON in ``doc`` (names as in the service's API); what is
searched, counted or changed often has a column of its own and is *not* repeated in ``doc``. Times are seconds since
the epoch as REAL. Statuses are the service's words.
"""

from __future__ import annotations

VERSION = 1

TABLES = """
CREATE TABLE resources (             -- few of each: farm, queue, fleet, queueFleetAssociation, storageProfile,
    kind        TEXT NOT NULL,       -- queueEnvironment, worker
    id          TEXT NOT NULL,       -- e.g. farm-<32 hex>; associations: "<queue id>/<fleet id>"
    parent_id   TEXT NOT NULL,       -- the farm; '' for farms; the queue for queue environments; the fleet for workers
    created_at  REAL NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX resources_by_parent ON resources (kind, parent_id);

CREATE TABLE jobs (
    job_id            TEXT PRIMARY KEY,
    farm_id           TEXT NOT NULL,
    queue_id          TEXT NOT NULL,
    name              TEXT NOT NULL,
    priority          INTEGER NOT NULL,
    lifecycle_status  TEXT NOT NULL,     -- CREATE_IN_PROGRESS, CREATE_COMPLETE, CREATE_FAILED, ..., ARCHIVED
    lifecycle_message TEXT NOT NULL,
    target_status     TEXT,              -- targetTaskRunStatus: READY, FAILED, SUCCEEDED, CANCELED, SUSPENDED, PENDING
    created_at        REAL NOT NULL,
    started_at        REAL,
    ended_at          REAL,
    updated_at        REAL,
    doc               TEXT NOT NULL      -- template, templateType, parameters, attachments, storageProfileId, limits, ...
);
CREATE INDEX jobs_by_queue ON jobs (queue_id, created_at);

CREATE TABLE steps (
    step_id           TEXT PRIMARY KEY,
    job_id            TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    position          INTEGER NOT NULL,  -- order in the template
    name              TEXT NOT NULL,
    target_status     TEXT,
    created_at        REAL NOT NULL,
    started_at        REAL,
    ended_at          REAL,
    doc               TEXT NOT NULL      -- description, parameterSpace, requiredCapabilities
);
CREATE INDEX steps_by_job ON steps (job_id, position);

CREATE TABLE step_dependencies (
    step_id     TEXT NOT NULL REFERENCES steps ON DELETE CASCADE,   -- the consumer, which waits
    depends_on  TEXT NOT NULL REFERENCES steps ON DELETE CASCADE,   -- the step it waits for
    PRIMARY KEY (step_id, depends_on)
);

CREATE TABLE tasks (
    task_id                   TEXT PRIMARY KEY,
    job_id                    TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    step_id                   TEXT NOT NULL REFERENCES steps ON DELETE CASCADE,
    position                  INTEGER NOT NULL,  -- order in the step's parameter space
    run_status                TEXT NOT NULL,     -- PENDING, READY, ASSIGNED, STARTING, SCHEDULED, INTERRUPTING, RUNNING,
                                                 -- SUSPENDED, CANCELED, FAILED, SUCCEEDED, NOT_COMPATIBLE
    target_status             TEXT,
    failure_retry_count       INTEGER NOT NULL DEFAULT 0,
    latest_session_action_id  TEXT,
    created_at                REAL NOT NULL,
    started_at                REAL,
    ended_at                  REAL,
    parameters                TEXT NOT NULL      -- {"Frame": {"int": "1"}}, the service's union
);
CREATE INDEX tasks_by_step ON tasks (step_id, position);
CREATE INDEX tasks_to_run ON tasks (run_status);

CREATE TABLE sessions (
    session_id        TEXT PRIMARY KEY,
    farm_id           TEXT NOT NULL,
    queue_id          TEXT NOT NULL,
    job_id            TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    fleet_id          TEXT NOT NULL,
    worker_id         TEXT NOT NULL,
    lifecycle_status  TEXT NOT NULL,     -- STARTED, UPDATE_IN_PROGRESS, UPDATE_SUCCEEDED, UPDATE_FAILED, ENDED
    started_at        REAL NOT NULL,
    ended_at          REAL,
    doc               TEXT NOT NULL      -- log, hostProperties
);
CREATE INDEX sessions_by_job ON sessions (job_id, started_at);

CREATE TABLE session_actions (
    session_action_id TEXT PRIMARY KEY,  -- sessionaction-<hex of the session>-<position>
    session_id        TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    job_id            TEXT NOT NULL,
    position          INTEGER NOT NULL,
    status            TEXT NOT NULL,     -- ASSIGNED, RUNNING, CANCELING, SUCCEEDED, FAILED, INTERRUPTED, CANCELED,
                                         -- NEVER_ATTEMPTED, SCHEDULED, RECLAIMING, RECLAIMED
    task_id           TEXT,
    started_at        REAL,
    ended_at          REAL,
    doc               TEXT NOT NULL      -- definition, processExitCode, progressPercent, progressMessage, manifests
);
CREATE INDEX session_actions_by_session ON session_actions (session_id, position);
"""

INDEXES = (
    # Counting tasks by status, and their retries, reads this index alone.
    "CREATE INDEX IF NOT EXISTS tasks_by_outcome ON tasks (job_id, run_status, failure_retry_count)",
    "CREATE INDEX IF NOT EXISTS tasks_by_outcome_in_step ON tasks (step_id, run_status, failure_retry_count)",
    "CREATE INDEX IF NOT EXISTS jobs_by_token ON jobs (queue_id, json_extract(doc, '$.clientToken'))",
    "CREATE INDEX IF NOT EXISTS step_dependencies_by_producer ON step_dependencies (depends_on)",
    "CREATE INDEX IF NOT EXISTS sessions_by_worker ON sessions (worker_id, started_at)",
    "CREATE INDEX IF NOT EXISTS session_actions_by_task ON session_actions (task_id, started_at)",
)
"""Made at every start: a farm of an earlier version of these tools gets them as well."""
