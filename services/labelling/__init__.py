"""Has people draw boxes round the documents."""
