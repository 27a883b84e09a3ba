"""Files of the catalogue as changes, in whatever form and under whatever names. Imports events alone."""
