"""The benchmark suite of the transfer engine.

A *row* (:mod:`.rows`) is one piece of work, such as uploading 10,000 small files. It yields *cases*: the work in one state
of the caches and over one transport, with its *contestants* and its *targets* (:mod:`.model`, :mod:`.targets`). The
contestants of a case run in turn, round after round (:mod:`.rounds`), each run a process of its own that the operating
system keeps the accounts of (:mod:`.measure`). :mod:`.report` prints what came out.
"""
