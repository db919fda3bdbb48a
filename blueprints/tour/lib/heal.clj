; Nothing runs this: the tour only names it.
