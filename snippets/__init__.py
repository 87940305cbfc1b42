"""The code the handbook shows: one concept a module, its tests beside it."""
