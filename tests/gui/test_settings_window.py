"""The settings window, driven as a user does: by keys, clicks and choices."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest
from qtpy.QtCore import QPoint, QPointF, Qt, QTimer
from qtpy.QtGui import QColor, QPalette, QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QMessageBox, QWidget

from deadline.client import config
from deadline.client.ui.appearance import error_colour, muted_colour
from deadline.client.ui.dialogs import DeadlineConfigDialog
from deadline.client.ui.settings.fields import fields

if TYPE_CHECKING:
    from conftest import Service, WaitUntil

    from local_farm.farm import LocalFarm

OpenWindow = Callable[[], DeadlineConfigDialog]
Button = QDialogButtonBox.StandardButton

FARM, QUEUE, STORAGE_PROFILE = "defaults.farm_id", "defaults.queue_id", "settings.storage_profile_id"
RESOURCES = (FARM, QUEUE, STORAGE_PROFILE)


def editor(window: DeadlineConfigDialog, setting: str) -> Any:
    found = window.findChild(QWidget, setting)
    assert found is not None
    return found


def note(window: DeadlineConfigDialog, setting: str) -> str:
    """What stands under a field."""
    return str(window.config_box.rows[setting].note.text())


def press(window: DeadlineConfigDialog, which: Any) -> None:
    QTest.mouseClick(window.button(which), Qt.MouseButton.LeftButton)


def can_apply(window: DeadlineConfigDialog) -> bool:
    return bool(window.button(Button.Apply).isEnabled())


def messages(window: DeadlineConfigDialog) -> str:
    """All visible text of labels."""
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def type_into(line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)


def leave(line: QLineEdit) -> None:
    """Go on to the next field; keys go to the list of completions where one is open, at least on some systems."""
    QTest.keyClick(QApplication.activePopupWidget() or line, Qt.Key.Key_Tab)


def leave_by_the_line(line: QLineEdit) -> None:
    """Go on to the next field as on systems where a list of completions takes no keys."""
    QTest.keyClick(line, Qt.Key.Key_Tab)


def choose(box: Any, text: str) -> None:
    """Choose an entry of a drop-down list by its keyboard."""
    index = box.findText(text)
    assert index >= 0, [box.itemText(i) for i in range(box.count())]
    box.setFocus()
    for _ in range(box.count()):
        if box.currentIndex() == index:
            return
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < index else Qt.Key.Key_Up)
    assert box.currentIndex() == index


def has_answers(window: DeadlineConfigDialog) -> Callable[[], bool]:
    """Whether AWS has answered, or failed to, for every list."""
    return lambda: all(editor(window, setting).refresh_button.isEnabled() for setting in RESOURCES)


def test_every_field_of_the_table_is_in_the_window_with_its_label_and_explanation(
    window: DeadlineConfigDialog, wait_until: WaitUntil
) -> None:
    wait_until(has_answers(window))
    shown = messages(window)

    for field in fields():
        control = editor(window, field.setting).control()
        assert control.accessibleName() == field.label
        assert field.setting in RESOURCES or field.help in shown


def test_nothing_is_written_before_apply_and_apply_stays_open(
    window: DeadlineConfigDialog, settings_file: Path
) -> None:
    assert not can_apply(window)

    editor(window, "settings.auto_accept").switch.click()
    choose(editor(window, "settings.conflict_resolution").box, "Overwrite the file")
    editor(window, "settings.max_retries_per_task").box.setValue(9)
    assert not settings_file.exists()
    assert can_apply(window)
    press(window, Button.Apply)

    assert config.get_setting("settings.auto_accept") == "true"
    assert config.get_setting("settings.conflict_resolution") == "OVERWRITE"
    assert config.get_setting("settings.max_retries_per_task") == "9"
    assert window.isVisible()
    assert not can_apply(window)
    assert window.changes_were_applied


def test_ok_saves_and_closes(window: DeadlineConfigDialog) -> None:
    type_into(editor(window, "settings.job_history_dir").picker.edit, "/jobs")

    press(window, Button.Ok)

    assert config.get_setting("settings.job_history_dir") == "/jobs"
    assert not window.isVisible()


def test_ok_without_a_change_closes_and_writes_nothing(window: DeadlineConfigDialog, settings_file: Path) -> None:
    press(window, Button.Ok)

    assert not window.isVisible()
    assert not settings_file.exists()
    assert not window.changes_were_applied


@pytest.mark.parametrize("way", ["cancel", "escape", "close"])
def test_every_other_way_out_drops_the_changes(window: DeadlineConfigDialog, settings_file: Path, way: str) -> None:
    editor(window, "telemetry.opt_out").switch.click()

    if way == "cancel":
        press(window, Button.Cancel)
    elif way == "escape":
        QTest.keyClick(window, Qt.Key.Key_Escape)
    else:
        window.close()

    assert not window.isVisible()
    assert not settings_file.exists()
    assert not window.changes_were_applied


def test_what_was_applied_stays_when_the_rest_is_canceled(window: DeadlineConfigDialog) -> None:
    editor(window, "telemetry.opt_out").switch.click()
    press(window, Button.Apply)
    editor(window, "settings.auto_accept").switch.click()
    press(window, Button.Cancel)

    assert config.get_setting("telemetry.opt_out") == "true"
    assert config.get_setting("settings.auto_accept") == "false"
    assert window.changes_were_applied


def test_a_change_is_marked_and_taking_it_back_by_hand_or_by_the_button_unmarks_it(
    window: DeadlineConfigDialog,
) -> None:
    row = window.config_box.rows["settings.log_level"]
    box = editor(window, "settings.log_level").box

    for take_back in (lambda: choose(box, "Warnings"), row.undo_button.click):
        choose(box, "Debugging")
        assert row.undo_button.isVisible()
        assert row.label.font().bold()
        assert can_apply(window)
        take_back()
        assert box.currentText() == "Warnings"
        assert not row.undo_button.isVisible()
        assert not row.label.font().bold()
        assert not can_apply(window)


def test_defaults_are_restored_like_a_change_that_waits_to_be_saved(open_window: OpenWindow) -> None:
    config.set_setting("settings.log_level", "DEBUG")
    config.set_setting("settings.https_proxy", "http://one:80")
    window = open_window()

    press(window, Button.RestoreDefaults)

    assert editor(window, "settings.log_level").box.currentText() == "Warnings"
    assert editor(window, "settings.https_proxy").edit.text() == ""
    assert config.get_setting("settings.log_level") == "DEBUG"
    press(window, Button.Ok)
    assert config.get_setting("settings.log_level") == "WARNING"
    assert config.get_setting("settings.https_proxy") == ""


def test_a_wrong_value_is_explained_beside_its_field_and_keeps_everything_from_being_saved(
    window: DeadlineConfigDialog, settings_file: Path
) -> None:
    editor(window, "settings.auto_accept").switch.click()
    type_into(editor(window, "settings.https_proxy").edit, "proxy:8080")
    QTest.mouseClick(window.button(Button.Ok), Qt.MouseButton.LeftButton)

    assert window.isVisible()
    assert not settings_file.exists()
    assert "http://proxy.example.com:8080" in note(window, "settings.https_proxy")
    assert "Nothing was saved" in messages(window)
    assert editor(window, "settings.https_proxy").edit.hasFocus()
    type_into(editor(window, "settings.https_proxy").edit, "http://proxy:8080")
    assert "Nothing was saved" not in messages(window)
    press(window, Button.Ok)
    assert not window.isVisible()
    assert config.get_setting("settings.https_proxy") == "http://proxy:8080"


def test_a_folder_that_is_emptied_shows_its_default_again(open_window: OpenWindow) -> None:
    config.set_setting("settings.job_history_dir", "/jobs")
    window = open_window()
    edit = editor(window, "settings.job_history_dir").picker.edit

    type_into(edit, "")
    assert edit.text() == ""
    QTest.keyClick(edit, Qt.Key.Key_Tab)

    assert edit.text().replace("\\", "/") == "~/.deadline/job_history/(default)"


def test_known_asset_paths_are_added_edited_and_removed(
    window: DeadlineConfigDialog, wait_until: WaitUntil, tmp_path: Path, application: QApplication
) -> None:
    paths = editor(window, "settings.known_asset_paths")
    assert note(window, "settings.known_asset_paths").startswith("No folders.")
    assert not paths.remove_button.isEnabled()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()

        def accept(folder: Path = tmp_path / name) -> None:
            dialog = application.activeModalWidget()
            assert isinstance(dialog, QFileDialog)
            dialog.findChild(QLineEdit, "fileNameEdit").setText(str(folder))
            dialog.accept()

        QTimer.singleShot(0, accept)
        paths.add_button.click()
    assert note(window, "settings.known_asset_paths").startswith("2 folders.")

    paths.list.setCurrentRow(0)
    paths.edit_button.click()
    inline = paths.list.findChild(QLineEdit)
    type_into(inline, "/assets")
    QTest.keyClick(inline, Qt.Key.Key_Return)
    wait_until(lambda: paths.list.item(0).text() == "/assets")
    press(window, Button.Apply)
    assert config.get_setting("settings.known_asset_paths") == os.pathsep.join(["/assets", str(tmp_path / "two")])

    paths.list.clearSelection()
    paths.list.setCurrentRow(1)
    paths.remove_button.click()
    press(window, Button.Apply)
    assert config.get_setting("settings.known_asset_paths") == "/assets"


def test_the_mouse_wheel_over_a_control_scrolls_the_window_and_changes_nothing(window: DeadlineConfigDialog) -> None:
    for setting in ("settings.log_level", "settings.max_retries_per_task"):
        control = editor(window, setting).control()
        before = editor(window, setting).box.text() if hasattr(control, "value") else control.currentText()
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(control.mapToGlobal(QPoint(5, 5))),
            QPoint(0, 0),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, event)
        assert not event.isAccepted()
        assert (control.text() if hasattr(control, "value") else control.currentText()) == before
    assert not can_apply(window)


def test_the_root_logger_follows_a_saved_level(window: DeadlineConfigDialog) -> None:
    before = logging.getLogger().level
    try:
        choose(editor(window, "settings.log_level").box, "Debugging")
        press(window, Button.Apply)
        assert logging.getLogger().level == logging.DEBUG
    finally:
        logging.getLogger().setLevel(before)


@pytest.mark.usefixtures("aws_profiles")
def test_another_profile_brings_its_settings_into_view(open_window: OpenWindow) -> None:
    config.set_setting("defaults.aws_profile_name", "studio")
    config.set_setting("settings.job_bundle_default_directory", "/studio/bundles")
    config.set_setting("defaults.aws_profile_name", "(default)")
    window = open_window()

    choose(editor(window, "defaults.aws_profile_name").box, "studio")

    assert editor(window, "settings.job_bundle_default_directory").picker.text() == "/studio/bundles"
    assert config.get_setting("defaults.aws_profile_name") == "(default)"
    press(window, Button.Ok)
    assert config.get_setting("defaults.aws_profile_name") == "studio"


@pytest.mark.usefixtures("aws_profiles")
def test_a_stored_profile_that_is_gone_is_marked_and_must_be_replaced(
    open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    config.set_setting("defaults.aws_profile_name", "gone")
    window = open_window()
    wait_until(has_answers(window))
    box = editor(window, "defaults.aws_profile_name").box

    assert box.currentText() == "gone [NOT VALID]"
    assert "Choose another AWS profile" in note(window, FARM)
    editor(window, "settings.auto_accept").switch.click()
    press(window, Button.Apply)
    assert config.get_setting("settings.auto_accept") == "false"
    assert "no AWS profile named 'gone'" in note(window, "defaults.aws_profile_name")
    choose(box, "annex")
    press(window, Button.Apply)
    assert config.get_setting("defaults.aws_profile_name") == "annex"
    assert config.get_setting("settings.auto_accept") == "true"


def test_a_stored_value_that_means_nothing_is_named_and_the_default_shown(
    open_window: OpenWindow, settings_file: Path
) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("[settings]\nlog_level = LOUD\n", encoding="utf-8")

    window = open_window()

    assert editor(window, "settings.log_level").box.currentText() == "Warnings"
    assert "'LOUD'" in note(window, "settings.log_level")


def test_settings_that_cannot_be_saved_are_said_in_the_window(
    window: DeadlineConfigDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(window, "settings.auto_accept").switch.click()
    (tmp_path / "no folder").write_text("", encoding="utf-8")
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(tmp_path / "no folder" / "config"))

    press(window, Button.Ok)

    assert window.isVisible()
    assert "no folder" in messages(window)
    assert can_apply(window)


def test_configure_settings_shows_the_window_and_says_whether_something_was_saved(application: QApplication) -> None:
    focused: list[Any] = []

    def save() -> None:
        window = application.activeModalWidget()
        assert isinstance(window, DeadlineConfigDialog)
        focused.append(window.focusWidget())
        editor(window, "settings.auto_accept").switch.click()
        press(window, Button.Ok)

    def cancel() -> None:
        press(application.activeModalWidget(), Button.Cancel)

    QTimer.singleShot(0, save)
    assert DeadlineConfigDialog.configure_settings(set_profile_focus=True) is True
    assert focused[0].accessibleName() == "AWS profile"
    QTimer.singleShot(0, cancel)
    assert DeadlineConfigDialog.configure_settings(parent=None) is False
    assert config.get_setting("settings.auto_accept") == "true"


def test_a_settings_file_that_cannot_be_understood_is_a_box_and_no_traceback(
    application: QApplication, settings_file: Path
) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("nonsense\n", encoding="utf-8")
    texts: list[str] = []

    def close() -> None:
        box = application.activeModalWidget()
        assert isinstance(box, QMessageBox)
        texts.append(box.text())
        box.accept()

    QTimer.singleShot(0, close)

    assert DeadlineConfigDialog.configure_settings() is False
    assert str(settings_file) in texts[0]


def test_farms_queues_and_storage_profiles_are_offered_by_name(
    farm: LocalFarm, open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    window = open_window()

    wait_until(has_answers(window))

    shown = [editor(window, setting).box.currentText() for setting in RESOURCES]
    assert shown == ["Local farm (us-west-2)", "Local queue", "This machine"]
    assert not can_apply(window)


def test_a_farm_a_queue_and_a_storage_profile_are_chosen_one_after_the_other(
    farm: LocalFarm, open_window: OpenWindow, wait_until: WaitUntil, settings_file: Path
) -> None:
    wanted = {setting: config.get_setting(setting) for setting in (*RESOURCES, "defaults.farm_region")}
    settings_file.unlink()
    window = open_window()
    wait_until(has_answers(window))
    assert [editor(window, setting).box.count() for setting in RESOURCES] == [2, 1, 1]

    for setting, name in zip(RESOURCES, ("Local farm (us-west-2)", "Local queue", "This machine")):
        choose(editor(window, setting).box, name)
        wait_until(has_answers(window))
    assert not settings_file.exists()
    press(window, Button.Ok)

    assert {setting: config.get_setting(setting) for setting in wanted} == wanted


def test_a_farm_is_found_by_any_part_of_its_name(
    farm: LocalFarm, open_window: OpenWindow, wait_until: WaitUntil, settings_file: Path
) -> None:
    farm_id = config.get_setting(FARM)
    settings_file.unlink()
    window = open_window()
    wait_until(has_answers(window))
    box = editor(window, FARM).box

    box.setFocus()
    QTest.keyClicks(box.lineEdit(), "al FA")
    popup = box.completer().popup()
    wait_until(popup.isVisible)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)

    assert box.currentText() == "Local farm (us-west-2)"
    press(window, Button.Ok)
    assert config.get_setting(FARM) == farm_id


def test_an_id_can_be_entered_where_aws_gives_no_list(window: DeadlineConfigDialog, wait_until: WaitUntil) -> None:
    wait_until(has_answers(window))
    assert "AWS was not reached" in note(window, FARM)

    for text, said in (("my farm", "begins with farm-"), ("farm-0123456789abcdef0123456789abcdef", "")):
        type_into(editor(window, FARM).edit, text)
        leave(editor(window, FARM).edit)
        wait_until(has_answers(window))
        assert said in note(window, FARM)
    press(window, Button.Ok)

    assert config.get_setting(FARM) == "farm-0123456789abcdef0123456789abcdef"


def test_an_id_that_is_still_being_typed_is_saved_by_ok(window: DeadlineConfigDialog) -> None:
    type_into(editor(window, QUEUE).edit, "queue-0123456789abcdef0123456789abcdef")

    # As on systems where buttons take no keyboard focus.
    window.button(Button.Ok).click()

    assert not window.isVisible()
    assert config.get_setting(QUEUE) == "queue-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("go_on", [leave, leave_by_the_line])
def test_a_farm_that_is_not_in_the_list_is_shown_by_its_id_and_can_be_unset(
    farm: LocalFarm, open_window: OpenWindow, wait_until: WaitUntil, go_on: Callable[[QLineEdit], None]
) -> None:
    config.set_setting(FARM, "farm-00000000000000000000000000000000")
    window = open_window()
    wait_until(has_answers(window))

    assert editor(window, FARM).box.currentText() == "farm-00000000000000000000000000000000"
    assert "could not be listed" in note(window, QUEUE)
    type_into(editor(window, FARM).edit, "")
    go_on(editor(window, FARM).edit)
    wait_until(has_answers(window))
    assert "could not be listed" not in note(window, QUEUE)
    press(window, Button.Ok)
    assert config.get_setting(FARM) == ""


@pytest.mark.parametrize(
    ("code", "status", "advice"),
    [
        ("AccessDeniedException", 403, "enter an id"),
        ("ExpiredTokenException", 403, "deadline auth login"),
        ("ThrottlingException", 429, "in a moment"),
        ("InternalServerErrorException", 500, "try again"),
    ],
)
def test_a_refusal_of_aws_is_explained_beside_the_field_and_asking_again_helps(
    service: Service, open_window: OpenWindow, wait_until: WaitUntil, code: str, status: int, advice: str
) -> None:
    service.answers_with("farms", {"__type": code, "message": f"{code} it is"}, status=status)
    window = open_window()
    wait_until(has_answers(window))

    assert advice in note(window, FARM)
    assert f"{code} it is" in note(window, FARM)
    service.answers_with("farms", {"farms": [_farm("farm-1", "Studio")]})
    editor(window, FARM).refresh_button.click()
    wait_until(has_answers(window))
    assert editor(window, FARM).box.findText("Studio (us-west-2)") > 0
    assert advice not in note(window, FARM)


def test_a_window_opens_and_closes_at_once_while_aws_keeps_it_waiting(
    service: Service, open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    service.answers_with("farms", {"farms": [_farm("farm-1", "Studio")]})
    service.waits_for = threading.Event()
    window = open_window()
    wait_until(lambda: service.paths)

    assert note(window, FARM) == "Asking AWS…"
    assert not editor(window, FARM).refresh_button.isEnabled()
    press(window, Button.Cancel)

    assert not window.isVisible()
    assert not [timer for timer in window.findChildren(QTimer) if timer.isActive()]
    service.waits_for.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith(("deadline-ui", "list-farms"))])
    assert editor(window, FARM).box.count() == 1


def test_the_answer_for_a_former_farm_does_not_fill_the_list_of_the_new_one(
    service: Service, open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    service.answers_with("farms", {"farms": [_farm("farm-1", "One"), _farm("farm-2", "Two")]})
    first_may_answer = threading.Event()

    def late() -> tuple[int, dict[str, Any]]:
        assert first_may_answer.wait(20)
        return 200, {"queues": [_queue("queue-1", "Queue of one")]}

    service.answers["/2023-10-12/farms/farm-1/queues"] = late
    service.answers_with("farms/farm-2/queues", {"queues": [_queue("queue-2", "Queue of two")]})
    window = open_window()
    wait_until(has_answers(window))

    choose(editor(window, FARM).box, "One (us-west-2)")
    wait_until(lambda: "/2023-10-12/farms/farm-1/queues" in service.paths)
    choose(editor(window, FARM).box, "Two (us-west-2)")
    wait_until(has_answers(window))
    first_may_answer.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith("deadline-ui")])
    # Whatever came before this answer has been dealt with when it is there.
    editor(window, FARM).refresh_button.click()
    wait_until(has_answers(window))

    queues = editor(window, QUEUE).box
    assert [queues.itemText(index) for index in range(1, queues.count())] == ["Queue of two"]


def test_storage_profiles_of_other_operating_systems_are_left_out(
    service: Service, open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    config.set_setting(FARM, "farm-1")
    config.set_setting(QUEUE, "queue-1")
    service.answers_with("farms", {"farms": []})
    service.answers_with("farms/farm-1/queues", {"queues": []})
    service.answers_with(
        "farms/farm-1/queues/queue-1/storage-profiles",
        {
            "storageProfiles": [
                {"storageProfileId": f"sp-{family}", "displayName": family, "osFamily": family}
                for family in ("WINDOWS", "LINUX", "MACOS")
            ]
        },
    )
    window = open_window()
    wait_until(has_answers(window))

    assert editor(window, STORAGE_PROFILE).box.count() == 2


@pytest.mark.parametrize("background", ["#f0f0f0", "#ffffff", "#2b2b2b", "#000000"])
def test_explanations_and_errors_can_be_read_on_light_and_dark(application: QApplication, background: str) -> None:
    palette = QPalette(QColor(background))

    for colour in (muted_colour(palette), error_colour(palette)):
        assert _contrast(colour, palette.color(QPalette.ColorRole.Window)) >= 4.5


def test_text_follows_a_palette_that_turns_dark(
    window: DeadlineConfigDialog, wait_until: WaitUntil, application: QApplication
) -> None:
    before = QPalette(application.palette())
    label = window.config_box.rows["settings.log_level"].note
    try:
        application.setPalette(QPalette(QColor("#2b2b2b")))
        wait_until(lambda: _contrast(label.palette().color(QPalette.ColorRole.WindowText), QColor("#2b2b2b")) >= 4.5)
    finally:
        application.setPalette(before)


@pytest.mark.parametrize(("width", "beside"), [(1200, True), (480, False)])
def test_labels_stand_where_there_is_room_and_nothing_has_to_be_scrolled_sideways(
    window: DeadlineConfigDialog, wait_until: WaitUntil, width: int, beside: bool
) -> None:
    row = window.config_box.rows["settings.https_proxy"]

    window.resize(width, 400)

    if beside:
        wait_until(lambda: row.label.geometry().right() < row.editor.geometry().left())
    else:
        wait_until(lambda: row.label.geometry().bottom() < row.editor.geometry().top())
    area = window.config_box.parentWidget().parentWidget()
    assert area.horizontalScrollBar().maximum() == 0
    assert area.verticalScrollBar().maximum() > 0


def test_labels_and_controls_of_all_groups_stand_in_line(window: DeadlineConfigDialog) -> None:
    lefts = {row.editor.mapTo(window, QPoint(0, 0)).x() for row in window.config_box.rows.values()}

    assert len(lefts) == 1


def _farm(farm_id: str, name: str) -> dict[str, Any]:
    return {"farmId": farm_id, "displayName": name, "createdAt": "2025-07-03T10:49:33Z", "createdBy": "somebody"}


def _queue(queue_id: str, name: str) -> dict[str, Any]:
    return {
        "farmId": "farm-1",
        "queueId": queue_id,
        "displayName": name,
        "status": "IDLE",
        "defaultBudgetAction": "NONE",
        "createdAt": "2025-07-03T10:49:33Z",
        "createdBy": "somebody",
    }


def _contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2."""
    darker, lighter = sorted(
        0.2126 * _linear(colour.redF()) + 0.7152 * _linear(colour.greenF()) + 0.0722 * _linear(colour.blueF())
        for colour in (one, other)
    )
    return (lighter + 0.05) / (darker + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4
