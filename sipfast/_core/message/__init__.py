from sipfast._interpreted import add_source

add_source(__name__, __path__)
