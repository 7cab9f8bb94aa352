"""The grammar of header fields as data, and a judge of what is said about values.

`sip.abnf` and `extensions.abnf` have the rules of the RFCs; `narrowed.abnf` what prose leaves of
them; `tolerated.abnf` what is passed over on purpose. `PYTHONPATH=tests:. python -m grammar` draws
values, and texts that one edit has taken out of the grammar, and prints what is said wrongly.
"""
