"""Labels that exist already, from a file that somebody uploaded with the images."""
