"""Keeps the lists of farms, queues and storage profiles of the form up to date with what is chosen above them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Tuple

from qtpy.QtCore import QObject

from deadline.client.exceptions import DeadlineOperationError

from ..background import Background
from .form import SettingsForm
from .pending import FARM, PROFILE
from .resources import Listing, list_farms, list_queues, list_storage_profiles

QUEUE = "defaults.queue_id"
STORAGE_PROFILE = "settings.storage_profile_id"

_BELOW: Dict[str, Tuple[str, ...]] = {
    PROFILE: (FARM, QUEUE, STORAGE_PROFILE),
    FARM: (QUEUE, STORAGE_PROFILE),
    QUEUE: (STORAGE_PROFILE,),
}
"""The lists that another choice makes out of date."""


class ResourceLists(QObject):
    """Asks AWS in the background, and shows in the form what it answers."""

    def __init__(self, form: SettingsForm, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._form = form
        self.background = Background(self)
        self._refreshers: Dict[str, Callable[[], None]] = {
            FARM: self.refresh_farms,
            QUEUE: self.refresh_queues,
            STORAGE_PROFILE: self.refresh_storage_profiles,
        }
        for setting, refresh in self._refreshers.items():
            form.resource_editor(setting).refresh_wanted.connect(refresh)
        form.changed.connect(self.after_change_of)

    def refresh_all(self) -> None:
        """Ask for every list."""
        self.after_change_of(PROFILE)

    def after_change_of(self, setting: str) -> None:
        """Empty the lists that depend on a setting and ask for them again."""
        for below in _BELOW.get(setting, ()):
            self._form.resource_editor(below).set_resources(())
            self._refreshers[below]()

    def refresh_farms(self) -> None:
        """Ask for the farms."""
        config = self._form.pending.snapshot()
        self._ask(FARM, lambda: list_farms(config))

    def refresh_queues(self) -> None:
        """Ask for the queues of the farm, where one is chosen."""
        config, farm_id = self._form.pending.snapshot(), self._usable(FARM)
        self._ask(QUEUE, (lambda: list_queues(config, farm_id)) if farm_id else None)

    def refresh_storage_profiles(self) -> None:
        """Ask for the storage profiles of the queue, where one is chosen."""
        config, farm_id, queue_id = self._form.pending.snapshot(), self._usable(FARM), self._usable(QUEUE)
        wanted = bool(farm_id and queue_id)
        self._ask(STORAGE_PROFILE, (lambda: list_storage_profiles(config, farm_id, queue_id)) if wanted else None)

    def stop(self) -> None:
        """Drop what AWS has not answered yet."""
        self.background.cancel_all()

    def _usable(self, setting: str) -> str:
        pending = self._form.pending
        return "" if pending.problem(setting) else pending.value(setting)

    def _ask(self, setting: str, call: Optional[Callable[[], Listing]]) -> None:
        self.background.cancel(setting)
        if call is None:
            self._show(setting)
            return
        self._show(setting, status="Asking AWS…", busy=True)
        self.background.run(
            setting,
            call,
            on_result=lambda listing: self._on_listed(setting, listing),
            on_error=lambda error: self._show(setting, error=_sentence(error), details=str(error.__cause__ or "")),
        )

    def _on_listed(self, setting: str, listing: Any) -> None:
        self._form.resource_editor(setting).set_resources(listing.resources)
        self._show(setting, status=listing.warning)

    def _show(self, setting: str, *, status: str = "", error: str = "", details: str = "", busy: bool = False) -> None:
        row = self._form.rows[setting]
        row.status, row.error = status, error
        row.show(self._form.pending, value=False)
        row.note.setToolTip(details)
        self._form.resource_editor(setting).refresh_button.setEnabled(not busy)


def _sentence(error: Exception) -> str:
    if isinstance(error, DeadlineOperationError):
        return str(error)
    return f"An unexpected error occurred: {type(error).__name__}: {error}"
