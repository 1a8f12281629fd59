`IContents.TellChangedAsync` has pages that were made of units' columns made anew after a plugin corrected them. A kind that has a field `sha256` of its own shows that.
