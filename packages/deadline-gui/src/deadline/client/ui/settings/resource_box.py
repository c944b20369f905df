"""The control in which a farm, a queue or a storage profile is chosen from a list that AWS gave, or entered as an id.

The list can be searched by typing any part of a name. An id can always be entered, for the list may be long in coming
and an AWS profile may be allowed to use a farm without being allowed to list farms.
"""

from __future__ import annotations

from typing import Optional, Sequence

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QApplication, QComboBox, QCompleter, QLineEdit, QStyle, QToolButton, QWidget

from ..appearance import ScrollableComboBox
from ..signals import Signal, block_signals
from .editors import Editor
from .fields import Field
from .resources import Resource

NONE_SELECTED = "<none selected>"
_REFRESH_SIZE = 22


class ResourceEditor(Editor):
    """A drop-down list that can be searched, and a button that asks AWS again."""

    refresh_wanted = Signal()

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self._id = ""
        self._resources: Sequence[Resource] = ()
        self.box = ScrollableComboBox(self)
        self.edit = QLineEdit(self.box)
        self.box.setLineEdit(self.edit)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        completer = QCompleter(self.box.model(), self.box)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.box.setCompleter(completer)
        self.edit.setPlaceholderText(NONE_SELECTED)
        self.edit.setAccessibleName(field.label)
        self.box.activated.connect(self._on_activated)
        self.edit.editingFinished.connect(self.commit)
        # The line does not tell that it has been left while a list of completions is open.
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        self.refresh_button = QToolButton(self)
        self.refresh_button.setIcon(self.style().standardIcon(QStyle.StandardPixmap.SP_BrowserReload))
        self.refresh_button.setIconSize(QSize(_REFRESH_SIZE - 6, _REFRESH_SIZE - 6))
        self.refresh_button.setToolTip(f"Refresh the list: {field.label}")
        self.refresh_button.setAccessibleName(f"Refresh {field.label}")
        self.refresh_button.clicked.connect(self.refresh_wanted)
        self._introduce(self.box)
        self.line.addWidget(self.box, 1)
        self.line.addWidget(self.refresh_button)
        self.set_resources(())

    def show_value(self, value: str) -> None:
        self._id = value
        with block_signals(self.box):
            index = self.box.findData(value)
            self.box.setCurrentIndex(index)
            if not value or index < 0:
                # Nothing is selected: the hint in the empty line says so, and typing begins at once.
                self.box.setEditText(value)
        self.box.setToolTip(value)

    def set_resources(self, resources: Sequence[Resource]) -> None:
        """Offer these; what the user is typing stays."""
        self._resources = resources
        typed = self.edit.text() if self.edit.isModified() and self.edit.hasFocus() else None
        with block_signals(self.box):
            self.box.clear()
            self.box.addItem(NONE_SELECTED, "")
            for resource in resources:
                self.box.addItem(resource.label, resource.id)
                self.box.setItemData(self.box.count() - 1, resource.id, Qt.ItemDataRole.ToolTipRole)
        self.show_value(self._id)
        if typed is not None:
            self.edit.setText(typed)
            self.edit.setModified(True)

    def region_of(self, resource_id: str) -> str:
        """The region of a listed farm, else an empty text."""
        return next((resource.region for resource in self._resources if resource.id == resource_id), "")

    def commit(self) -> None:
        text = self.edit.text().strip()
        shown = next((resource.label for resource in self._resources if resource.id == self._id), self._id)
        if text == shown:
            return
        if text == NONE_SELECTED:
            text = ""
        by_label = [resource.id for resource in self._resources if resource.label.casefold() == text.casefold()]
        self._choose(by_label[0] if by_label else text)

    def _on_activated(self, index: int) -> None:
        self._choose(str(self.box.itemData(index) or ""))

    def _on_focus_changed(self, before: Optional[QWidget], after: Optional[QWidget]) -> None:
        if after is not None and before in (self.box, self.edit) and after not in (self.box, self.edit):
            self.commit()

    def _choose(self, resource_id: str) -> None:
        changed = resource_id != self._id
        self.show_value(resource_id)
        if changed:
            self._tell(resource_id)
