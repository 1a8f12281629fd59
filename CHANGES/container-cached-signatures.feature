A cache gives the simple signatures of its upstream, and keeps them.
