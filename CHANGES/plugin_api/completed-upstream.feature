`ContentAnswer.Upstream.Complete` makes the unit of a file that was pulled through once the file has come, with what the file tells and with further files.
