"""Papers made from what the program does: page, PDF and file come from the same registries.

Activities (`activities.py`) say what is done and why; kinds of data come from the field registry,
periods from the deletion rules, recipients from the capabilities. `manage.py papers --write`
renews the files under docs/datenschutz; a test fails while they differ.
"""
