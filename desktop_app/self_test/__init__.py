"""`--self-test`: the program proves that it is whole, also frozen and installed, every path walked that loads late."""
