"""The picture of one execution: its history and its items in the table as a page."""
