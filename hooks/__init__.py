"""How the site is assembled: content model, macros, Markdown extension, checks."""
