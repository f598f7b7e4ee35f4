"""One execution: started over the API, watched, verified and reported."""
