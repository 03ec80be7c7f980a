"""One loss, one file: every module here defines an ``ENTRY``, and the catalogue finds it."""
