"""Random files, cut at random places: the parts together must have the rows of the whole, each once."""
