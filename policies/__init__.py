"""The CrossGuard pack: what must hold of every stack, asked before anything is deployed."""
