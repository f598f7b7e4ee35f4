"""One execution started, watched and reported."""
