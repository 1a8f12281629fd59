The published program is compiled ahead: it is ready, and done with its first sync, with a third less CPU.
