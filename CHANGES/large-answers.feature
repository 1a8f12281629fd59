Listings and other large answers from memory are sent without being copied first.
