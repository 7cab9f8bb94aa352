import sys

from sipfast._interpreted import add_source

if sys.platform != "linux":  # there, `datagrams` has no compiled form
    add_source(__name__, __path__)
