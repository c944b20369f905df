"""Jobs that CreateJob recorded become steps and tasks."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from hypothesis import given, strategies as st
from openjd.model import ParameterValue, ParameterValueType

from local_farm import parameter_unions
from local_farm.expansion import expand_job
from local_farm.state.database import Database

JOB = "job-" + "0" * 32
QUEUE = "queue-" + "1" * 32

RENDER_AND_ASSEMBLE = """
specificationVersion: jobtemplate-2023-09
name: "{{Param.Shot}}"
description: Renders and assembles
parameterDefinitions:
- {name: Shot, type: STRING, default: sh010}
- {name: Frames, type: STRING, default: 1-3}
- {name: Scene, type: PATH, default: scene.blend}
steps:
- name: Render
  description: The frames
  hostRequirements:
    attributes: [{name: attr.worker.os.family, anyOf: [linux]}]
    amounts: [{name: amount.worker.vcpu, min: 2}]
  parameterSpace:
    combination: Camera * Frame
    taskParameterDefinitions:
    - {name: Frame, type: INT, range: "{{Param.Frames}}"}
    - {name: Camera, type: STRING, range: [left, right]}
  script: {actions: {onRun: {command: echo, args: ["{{Task.Param.Frame}}"]}}}
- name: Assemble
  dependencies: [{dependsOn: Render}]
  script: {actions: {onRun: {command: echo}}}
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "farm.db")
    yield database
    database.close()


def insert_job(database: Database, template: str, *, target_status: str | None = None, **doc: Any) -> None:
    doc = {"template": template, "templateType": "YAML", "parameters": {}, **doc}
    with database.transaction() as db:
        db.execute(
            "INSERT INTO jobs (job_id, farm_id, queue_id, name, priority, lifecycle_status, lifecycle_message,"
            " target_status, created_at, doc) VALUES (?, 'farm', ?, 'unnamed', 50, 'CREATE_IN_PROGRESS', '', ?, ?, ?)",
            (JOB, QUEUE, target_status, time.time(), json.dumps(doc)),
        )


def insert_queue_environment(database: Database, id_: str, priority: int, template: str) -> None:
    doc = {"template": template, "templateType": "YAML", "priority": priority}
    with database.transaction() as db:
        db.execute(
            "INSERT INTO resources (kind, id, parent_id, created_at, doc) VALUES ('queueEnvironment', ?, ?, 0, ?)",
            (id_, QUEUE, json.dumps(doc)),
        )


def rows(database: Database, query: str) -> list[sqlite3.Row]:
    with database.transaction() as db:
        return list(db.execute(query))


def job_row(database: Database) -> sqlite3.Row:
    return rows(database, "SELECT * FROM jobs")[0]


def task_parameters(database: Database) -> list[dict[str, Any]]:
    return [json.loads(row["parameters"]) for row in rows(database, "SELECT parameters FROM tasks ORDER BY rowid")]


def test_a_template_becomes_steps_and_tasks_in_its_order(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE, parameters={"Frames": {"string": "7-8"}})

    expand_job(database, JOB)

    job = job_row(database)
    assert (job["lifecycle_status"], job["name"]) == ("CREATE_COMPLETE", "sh010")
    assert job["lifecycle_message"] == "Job creation completed successfully"
    assert [row["name"] for row in rows(database, "SELECT name FROM steps ORDER BY position")] == ["Render", "Assemble"]
    assert task_parameters(database) == [
        {"Camera": {"string": "left"}, "Frame": {"int": "7"}},
        {"Camera": {"string": "left"}, "Frame": {"int": "8"}},
        {"Camera": {"string": "right"}, "Frame": {"int": "7"}},
        {"Camera": {"string": "right"}, "Frame": {"int": "8"}},
        {},
    ]


def test_tasks_wait_for_the_steps_that_they_depend_on(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE)

    expand_job(database, JOB)

    statuses = rows(database, "SELECT DISTINCT name, run_status FROM tasks JOIN steps USING (step_id)")
    assert {row["name"]: row["run_status"] for row in statuses} == {"Render": "READY", "Assemble": "PENDING"}
    (dependency,) = rows(
        database,
        "SELECT consumer.name, producer.name FROM step_dependencies AS d"
        " JOIN steps AS consumer ON consumer.step_id = d.step_id"
        " JOIN steps AS producer ON producer.step_id = d.depends_on",
    )
    assert tuple(dependency) == ("Assemble", "Render")


def test_a_job_that_is_submitted_suspended_has_suspended_tasks(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE, target_status="SUSPENDED")

    expand_job(database, JOB)

    assert {row["run_status"] for row in rows(database, "SELECT run_status FROM tasks")} == {"SUSPENDED"}


def test_what_the_template_says_of_a_step_is_kept_in_the_words_of_the_service(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE)

    expand_job(database, JOB)

    render, assemble = (json.loads(row["doc"]) for row in rows(database, "SELECT doc FROM steps ORDER BY position"))
    assert render == {
        "description": "The frames",
        "parameterSpace": {
            "combination": "Camera * Frame",
            "parameters": [{"name": "Frame", "type": "INT"}, {"name": "Camera", "type": "STRING"}],
        },
        "requiredCapabilities": {
            "attributes": [{"name": "attr.worker.os.family", "anyOf": ["linux"]}],
            "amounts": [{"name": "amount.worker.vcpu", "min": 2.0}],
        },
    }
    assert assemble == {}


def test_a_job_shows_its_description_and_the_defaults_of_its_parameters(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE, parameters={"Scene": {"path": "/shots/sh020/scene.blend"}})

    expand_job(database, JOB)

    doc = json.loads(job_row(database)["doc"])
    assert doc["description"] == "Renders and assembles"
    assert doc["parameters"] == {
        "Shot": {"string": "sh010"},
        "Frames": {"string": "1-3"},
        "Scene": {"path": "/shots/sh020/scene.blend"},
    }


def test_an_override_wins_over_the_name_of_the_template(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE, nameOverride="Mine", descriptionOverride="Also mine")

    expand_job(database, JOB)

    assert job_row(database)["name"] == "Mine"
    assert json.loads(job_row(database)["doc"])["description"] == "Also mine"


def test_frames_come_in_chunks_where_the_template_asks_for_them(database: Database) -> None:
    insert_job(
        database,
        """
        specificationVersion: jobtemplate-2023-09
        extensions: [TASK_CHUNKING]
        name: Chunks
        steps:
        - name: Render
          parameterSpace:
            taskParameterDefinitions:
            - name: Frame
              type: CHUNK[INT]
              range: 1-7
              chunks: {defaultTaskCount: 4, targetRuntimeSeconds: 60, rangeConstraint: CONTIGUOUS}
          script: {actions: {onRun: {command: echo, args: ["{{Task.Param.Frame}}"]}}}
        """,
    )

    expand_job(database, JOB)

    assert task_parameters(database) == [{"Frame": {"chunkInt": "1-4"}}, {"Frame": {"chunkInt": "5-7"}}]
    (step,) = rows(database, "SELECT doc FROM steps")
    assert json.loads(step["doc"])["parameterSpace"]["parameters"] == [
        {
            "name": "Frame",
            "type": "CHUNK_INT",
            "chunks": {"defaultTaskCount": 4, "targetRuntimeSeconds": 60, "rangeConstraint": "CONTIGUOUS"},
        }
    ]


def test_expressions_are_evaluated_where_the_template_asks_for_them(database: Database) -> None:
    insert_job(
        database,
        """
        specificationVersion: jobtemplate-2023-09
        extensions: [EXPR]
        name: "{{Param.First + 1}}"
        parameterDefinitions:
        - {name: First, type: INT}
        - {name: Layers, type: "LIST[INT]", default: [1]}
        steps:
        - name: Render
          script: {actions: {onRun: {command: echo}}}
        """,
        parameters={"First": {"int": "41"}, "Layers": {"intList": ["4", "5"]}},
    )

    expand_job(database, JOB)

    assert job_row(database)["name"] == "42"
    assert json.loads(job_row(database)["doc"])["parameters"]["Layers"] == {"intList": ["4", "5"]}


def test_environments_of_the_queue_define_parameters_of_the_job(database: Database) -> None:
    insert_queue_environment(
        database,
        "queueenv-1",
        2,
        """
        specificationVersion: environment-2023-09
        parameterDefinitions: [{name: Packages, type: STRING, default: blender}]
        environment: {name: Conda, variables: {PACKAGES: "{{Param.Packages}}"}}
        """,
    )
    insert_job(database, RENDER_AND_ASSEMBLE, parameters={"Packages": {"string": "maya"}})

    expand_job(database, JOB)

    assert job_row(database)["lifecycle_status"] == "CREATE_COMPLETE"
    assert json.loads(job_row(database)["doc"])["parameters"]["Packages"] == {"string": "maya"}


@pytest.mark.parametrize(
    ("template", "parameters", "reason"),
    [
        ("specificationVersion: jobtemplate-2023-09\nname: No steps\n", {}, "steps"),
        ("specificationVersion: jobtemplate-1999-01\n", {}, "jobtemplate-1999-01"),
        ("name: [unclosed", {}, "not a valid YAML document"),
        (RENDER_AND_ASSEMBLE, {"Unknown": {"string": "x"}}, "Unknown"),
        (RENDER_AND_ASSEMBLE, {"Frames": {"string": "not a range"}}, "Unexpected 'not'"),
    ],
)
def test_a_job_whose_template_or_parameters_are_wrong_fails_with_the_reason(
    database: Database, template: str, parameters: dict[str, Any], reason: str
) -> None:
    insert_job(database, template, parameters=parameters)

    expand_job(database, JOB)

    assert job_row(database)["lifecycle_status"] == "CREATE_FAILED"
    assert reason in job_row(database)["lifecycle_message"]
    assert rows(database, "SELECT * FROM steps") == rows(database, "SELECT * FROM tasks") == []


def test_a_job_is_expanded_once(database: Database) -> None:
    insert_job(database, RENDER_AND_ASSEMBLE)

    expand_job(database, JOB)
    expand_job(database, JOB)

    assert len(rows(database, "SELECT * FROM tasks")) == 2 * 3 + 1


SCALARS = st.sampled_from(
    [
        ParameterValueType.INT,
        ParameterValueType.FLOAT,
        ParameterValueType.STRING,
        ParameterValueType.PATH,
        ParameterValueType.CHUNK_INT,
        ParameterValueType.RANGE_EXPR,
    ]
)
VALUES = st.one_of(
    st.builds(ParameterValue, type=SCALARS, value=st.text()),
    st.builds(ParameterValue, type=st.just(ParameterValueType.LIST_STRING), value=st.lists(st.text())),
    st.builds(ParameterValue, type=st.just(ParameterValueType.LIST_PATH), value=st.lists(st.text())),
    st.builds(ParameterValue, type=st.just(ParameterValueType.LIST_INT), value=st.lists(st.integers())),
    st.builds(ParameterValue, type=st.just(ParameterValueType.LIST_FLOAT), value=st.lists(st.floats(allow_nan=False))),
    st.builds(ParameterValue, type=st.just(ParameterValueType.LIST_LIST_INT), value=st.lists(st.lists(st.integers()))),
)


@given(st.dictionaries(st.text(min_size=1), VALUES))
def test_parameters_survive_the_way_into_the_form_of_the_service_and_back(values: dict[str, ParameterValue]) -> None:
    unions = json.loads(json.dumps(parameter_unions.to_unions(values)))

    assert parameter_unions.from_unions(unions) == values
