"""The CrossGuard pack: what every stack is checked for before anything is deployed."""
