"""A door: logging in and out."""

from __future__ import annotations

from deadline.client.auth.login import LoginCanceled, UnsupportedProfileTypeForLoginLogout, login, logout

__all__ = ["LoginCanceled", "UnsupportedProfileTypeForLoginLogout", "login", "logout"]
