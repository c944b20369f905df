"""How the transfer engine works, without knowing what it transfers: cancelling, events, progress, stages, budgets."""
