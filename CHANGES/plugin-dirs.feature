`PLUGIN_DIR` is a list of directories, in addition to the bundled plugins.
