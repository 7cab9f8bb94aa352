"""A message as commands show it: as a line of a list, and as a page with meanings and marks."""
