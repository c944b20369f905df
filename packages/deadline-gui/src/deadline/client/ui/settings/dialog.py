"""The settings window.

>>> DeadlineConfigDialog.configure_settings(parent=window)  # doctest: +SKIP
True

OK and Apply save, Cancel, Escape and closing drop the changes; until then the settings file stays as it is. Restore Defaults
is a change like any other: it can be undone, and is saved by OK and Apply.
"""

from __future__ import annotations

import logging
from typing import Optional

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deadline.client.config import get_setting
from deadline.client.config.config_file import get_config_file_path
from deadline.client.exceptions import DeadlineOperationError

from ..appearance import SideText
from ..messages import gui_error_handler
from .form import FormArea, SettingsForm
from .listing import ResourceLists
from .pending import PROFILE, PendingSettings

TITLE = "AWS Deadline Cloud settings"
_WIDTH = 740
_HEIGHT = 910
_SHARE_OF_SCREEN = 0.9
_SMALLEST = (360, 280)
_LOG_LEVEL = "settings.log_level"
_NETWORK = ("settings.https_proxy", "settings.ca_bundle")


class DeadlineConfigDialog(QDialog):
    """A window with the settings of this workstation.

    Raises :class:`~deadline.client.exceptions.DeadlineOperationError` when the settings file cannot be understood.
    """

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.changes_were_applied = False
        """Whether settings have been saved."""
        self._pending = PendingSettings()
        self.config_box = SettingsForm(self._pending, self)
        self._lists = ResourceLists(self.config_box, self)
        self._message = SideText("", self)
        self.button_box = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.Apply
            | QDialogButtonBox.StandardButton.RestoreDefaults,
            self,
        )
        self.button_box.clicked.connect(self._on_clicked)
        self._lay_out()
        self.config_box.changed.connect(self._on_changed)
        self._on_changed()
        self._lists.refresh_all()

    @staticmethod
    def configure_settings(parent: Optional[QWidget] = None, set_profile_focus: bool = False) -> bool:
        """Show the window until the user closes it.

        Args:
            parent: The window over which it appears.
            set_profile_focus: Begin at the choice of the AWS profile.

        Returns:
            Whether settings were saved.
        """
        applied = False
        with gui_error_handler(TITLE, parent):
            dialog = DeadlineConfigDialog(parent)
            try:
                if set_profile_focus:
                    dialog.config_box.rows[PROFILE].editor.setFocus()
                dialog.exec_()
                applied = dialog.changes_were_applied
            finally:
                dialog.deleteLater()
        return applied

    def apply(self) -> bool:
        """Save the changes; where that fails, show why and go to the field in question.

        Returns:
            Whether nothing is left to save.
        """
        self.config_box.commit()
        self.config_box.refresh()
        problems = self._pending.problems()
        if problems:
            self._say("Nothing was saved: a setting needs your attention.", wrong=True)
            row = self.config_box.rows.get(problems[0])
            if row is not None:
                self._area.ensureWidgetVisible(row.note)
                self._area.ensureWidgetVisible(row.editor)
                row.editor.setFocus()
            return False
        try:
            saved = self._pending.save()
        except DeadlineOperationError as error:
            self._say(str(error), wrong=True)
            return False
        if saved:
            self.changes_were_applied = True
            self._take_effect(saved)
            self._say("Saved.")
        self.config_box.refresh()
        self._show_what_is_possible()
        return True

    def done(self, result: int) -> None:
        """Close the window, with whatever is going on in the background."""
        self._lists.stop()
        super().done(result)

    def button(self, which: QDialogButtonBox.StandardButton) -> QPushButton:
        """One of the buttons."""
        return self.button_box.button(which)

    def _lay_out(self) -> None:
        self._area = FormArea(self.config_box, self)
        place = SideText(f"Settings file: {get_config_file_path()}", self)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.addWidget(self._area, 1)
        layout.addWidget(place)
        layout.addWidget(self._message)
        layout.addWidget(self.button_box)
        self.setMinimumSize(*_SMALLEST)
        screen = QApplication.primaryScreen().availableGeometry()
        self.resize(
            min(_WIDTH, int(screen.width() * _SHARE_OF_SCREEN)), min(_HEIGHT, int(screen.height() * _SHARE_OF_SCREEN))
        )

    def _on_clicked(self, button: QAbstractButton) -> None:
        which = self.button_box.standardButton(button)
        if which == QDialogButtonBox.StandardButton.Ok:
            if self.apply():
                self.accept()
        elif which == QDialogButtonBox.StandardButton.Apply:
            self.apply()
        elif which == QDialogButtonBox.StandardButton.RestoreDefaults:
            self._pending.restore_defaults()
            self.config_box.refresh()
            self._on_changed()
        else:
            self.reject()

    def _on_changed(self, _setting: str = "") -> None:
        self._say("")
        self._show_what_is_possible()

    def _show_what_is_possible(self) -> None:
        self.button(QDialogButtonBox.StandardButton.Apply).setEnabled(bool(self._pending.changes()))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self._message.say(text, error=wrong)
        self._message.setVisible(bool(text))

    def _take_effect(self, saved: list[str]) -> None:
        """Let this process, which may be a host that runs on, follow what was saved."""
        if _LOG_LEVEL in saved:
            logging.getLogger().setLevel(get_setting(_LOG_LEVEL))
        if any(setting in saved for setting in _NETWORK):
            from deadline.client.auth.session import invalidate_boto3_session_cache

            # Sessions keep the proxy and the certificates with which they were made.
            invalidate_boto3_session_cache()
