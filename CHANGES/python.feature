The python plugin: versions and specifiers by PEP 440, names, file names and core metadata up to 2.4, read from wheels, sdists, eggs and installers with limits whatever a file says of itself.
