A stored file that is gone or damaged is fetched again from its remote, checked, put back and served; where no remote has it, the answer is 500 and the log says which file.
