"""JSON of any logger, many lines at a time: how lines of one outline become documents is worked out once.

An outline is the names of a line and the types of its values. The ordinary way makes a document of a probe, a line of
that outline with marks for values; where the marks come out is where the values of every such line go (`compile.py`).
That holds where the ordinary way would decide alike for each: what a value can decide is found by `roles.py`, and
checked for each line by `cells.py`. A line that differs takes the ordinary way, whose documents these equal byte for
byte.
"""
