"""`make docs`."""

from pages import write

write()
