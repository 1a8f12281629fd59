`IVersionDraft.ReplacedUnits` tells units that were replaced from those that were removed.
