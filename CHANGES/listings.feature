Listings of content show the whole path, readable sizes, and no way up from the root; a distribution without anything to serve is 404.
