"""The groups of the settings window: for each field a label, its control, a line of explanation, and a way back.

Labels stand beside the controls, in columns that are equally wide in all groups; where the window is too narrow for
that they stand above the controls, so that nobody has to scroll sideways.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QGridLayout, QGroupBox, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ..appearance import SideText
from ..signals import Signal
from .editors import EDITORS, ChoiceEditor, Editor, SwitchEditor
from .fields import GROUPS, RESOURCES, Field, Group, Kind
from .pending import PROFILE, PendingSettings
from .resource_box import ResourceEditor

_LABELS, _CONTROLS, _UNDO = range(3)
"""The columns."""
_ABOVE, _LINE, _NOTE = range(3)
"""The lines of a field: a label above, the control, the explanation."""
_BETWEEN_GROUPS = 16
_BETWEEN_COLUMNS = 8
_BETWEEN_FIELDS = 8


class Row:
    """What belongs to one field."""

    def __init__(self, field: Field, editor: Editor, grid: QGridLayout, line: int, parent: QWidget) -> None:
        self.field = field
        self.editor = editor
        self._grid = grid
        self._line = line
        self.label = QLabel("" if isinstance(editor, SwitchEditor) else field.label, parent)
        self.label.setBuddy(editor.control())
        self.note = SideText("", parent)
        self.note.setContentsMargins(0, 0, 0, _BETWEEN_FIELDS)
        self.undo_button = QToolButton(parent)
        self.undo_button.setText("Undo")
        self.undo_button.setAutoRaise(True)
        self.undo_button.setAccessibleName(f"Undo the change of {field.label}")
        policy = self.undo_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.undo_button.setSizePolicy(policy)
        grid.addWidget(editor, line + _LINE, _CONTROLS)
        grid.addWidget(self.note, line + _NOTE, _CONTROLS, 1, 2)
        self.error = ""
        """Why AWS gave no list, until it gives one."""
        self.status = ""
        """What is going on, or was odd about the list."""

    def place_label(self, *, beside: bool) -> None:
        """Put the label, and the button that undoes, beside the control or above it."""
        top, left, right = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.removeWidget(self.label)
        self._grid.removeWidget(self.undo_button)
        if beside:
            vertically = top if self.field.kind is Kind.FOLDERS else middle
            self._grid.addWidget(self.label, self._line + _LINE, _LABELS, right | vertically)
            self._grid.addWidget(self.undo_button, self._line + _LINE, _UNDO, left | vertically)
        else:
            line = self._line + (_LINE if isinstance(self.editor, SwitchEditor) else _ABOVE)
            self._grid.addWidget(self.label, line, _CONTROLS, left | middle)
            self._grid.addWidget(self.undo_button, line, _CONTROLS, right | middle)

    def show(self, pending: PendingSettings, *, value: bool = True) -> None:
        """Show what is in ``pending``; without ``value`` leave the control as it is, for somebody types into it."""
        setting = self.field.setting
        if value:
            self.editor.show_value(pending.value(setting))
        changed = pending.is_changed(setting)
        self.undo_button.setVisible(changed)
        for widget in (self.label, self.editor.control() if isinstance(self.editor, SwitchEditor) else self.label):
            font = widget.font()
            font.setBold(changed)
            widget.setFont(font)
        wrong = pending.problem(setting) or self.error or pending.notice(setting) or ""
        usual = self.status or f"{self.editor.summary()} {self.field.help}".strip()
        self.note.say(wrong or usual, error=bool(wrong))


class SettingsForm(QWidget):
    """All groups. It changes ``pending`` as the user edits, and saves nothing."""

    changed = Signal(str)
    """The setting that the user has changed."""

    def __init__(self, pending: PendingSettings, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.pending = pending
        self.rows: Dict[str, Row] = {}
        self._grids: List[QGridLayout] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, _BETWEEN_COLUMNS, 0)
        layout.setSpacing(_BETWEEN_GROUPS)
        for group in GROUPS:
            layout.addWidget(self._make_group(group))
        layout.addStretch(1)
        self._label_width, self._undo_width = self._measure()
        self._arrange(beside=True)
        profile = self.rows[PROFILE].editor
        if isinstance(profile, ChoiceEditor):
            profile.set_choices([(name, name) for name in pending.profiles()])
        self.refresh()

    def refresh(self, *, typing: str = "") -> None:
        """Show the pending settings in every control but that of ``typing``, which somebody types into."""
        for setting, row in self.rows.items():
            row.show(self.pending, value=setting != typing)

    def commit(self) -> None:
        """Take what is typed in any control for its value, also where the keyboard is still there."""
        for row in self.rows.values():
            row.editor.commit()

    def resource_editor(self, setting: str) -> ResourceEditor:
        """The control of a farm, queue or storage profile."""
        editor = self.rows[setting].editor
        if not isinstance(editor, ResourceEditor):
            raise TypeError(f"{setting} is not chosen from a list of AWS.")
        return editor

    def fit(self, width: int) -> None:
        """Arrange labels and controls for a window that has room of this width, in pixels."""
        self._arrange(beside=True)
        if self.minimumSizeHint().width() > width:
            self._arrange(beside=False)

    def _make_group(self, group: Group) -> QGroupBox:
        box = QGroupBox(group.title, self)
        grid = QGridLayout(box)
        grid.setColumnStretch(_CONTROLS, 1)
        grid.setVerticalSpacing(2)
        margins = grid.contentsMargins()
        grid.setContentsMargins(margins.left(), margins.top(), margins.right(), 0)
        self._grids.append(grid)
        for number, field in enumerate(group.fields):
            self._add_row(grid, number, field, box)
        return box

    def _add_row(self, grid: QGridLayout, number: int, field: Field, box: QWidget) -> None:
        make = ResourceEditor if field.kind in RESOURCES else EDITORS[field.kind]
        editor = make(field, box)
        editor.setObjectName(field.setting)
        row = Row(field, editor, grid, 3 * number, box)
        self.rows[field.setting] = row
        setting = field.setting
        editor.edited.connect(lambda value: self._on_edited(setting, value))
        editor.left.connect(self.refresh)
        row.undo_button.clicked.connect(lambda: self._on_undo(setting))

    def _measure(self) -> Tuple[int, int]:
        """The widths of the columns of labels, were they all bold, and of buttons."""
        bold = self.font()
        bold.setBold(True)
        for row in self.rows.values():
            row.label.setFont(bold)
        rows = self.rows.values()
        return max(row.label.sizeHint().width() for row in rows), max(
            row.undo_button.sizeHint().width() for row in rows
        )

    def _arrange(self, *, beside: bool) -> None:
        for grid in self._grids:
            grid.setColumnMinimumWidth(_LABELS, self._label_width if beside else 0)
            grid.setColumnMinimumWidth(_UNDO, self._undo_width if beside else 0)
            grid.setHorizontalSpacing(_BETWEEN_COLUMNS if beside else 0)
        for row in self.rows.values():
            row.place_label(beside=beside)
        for grid in self._grids:
            grid.activate()
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def _on_edited(self, setting: str, value: str) -> None:
        row = self.rows[setting]
        if row.field.kind is Kind.FARM:
            self.pending.choose_farm(value, self.resource_editor(setting).region_of(value))
        else:
            self.pending.set(setting, value)
        self.refresh(typing=setting)
        self.changed.emit(setting)

    def _on_undo(self, setting: str) -> None:
        self.pending.undo(setting)
        self.refresh()
        self.changed.emit(setting)


class FormArea(QScrollArea):
    """Shows a form in as much room as there is, and scrolls through the rest."""

    def __init__(self, form: SettingsForm, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._form = form
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setWidget(form)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._form.fit(self.viewport().width())
        super().resizeEvent(event)
