"""A small synthetic telephone network: parties, the habits of their devices, and their messages.

Modules, lowest first: `dice` (draws), `vendors` (how a device writes), `bodies`, `parties` (who
there is), `exchange` (one dialogue seen at one place), `scenarios` (calls, registrations and so
on, merged by time), `packets` (frames), `capture` (the network as a capture file).
"""
