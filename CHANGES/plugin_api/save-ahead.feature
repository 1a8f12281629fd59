`IContents.SaveAheadAsync` stores units ahead of the version that is made of them, and leaves waiting for the disk to that.
