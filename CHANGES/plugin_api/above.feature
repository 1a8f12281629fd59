`IDistributionKind.Above<TOther>()` lets distributions of another kind have base paths below those of this one.
