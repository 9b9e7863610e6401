"""How each operator passes the labels of its inputs on to its outputs; the table of all of them is `rules.table`."""
