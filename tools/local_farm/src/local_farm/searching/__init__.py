"""Searches: filter and sort expressions of the service, translated into one query of SQLite.

``fields`` says what can be searched, ``filters`` and ``sorting`` translate, ``values`` compares what SQL cannot, and
``search`` runs the query. Only the rows of the page that is asked for are described.
"""
