A browser at `/` finds a small page that says what runs here and where to go; it and the API document share one look, light and dark.
