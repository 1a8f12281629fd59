Lists of what somebody sees ask with the page itself whether the remembered number still is right: a round trip less for each.
