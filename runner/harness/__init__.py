"""Harnesses: the programs that think. One file for each kind of program, all behind the same port."""
