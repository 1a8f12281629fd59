`RefersTo` and `CreateReferenceTable`: units that refer to units keep them from clean-up and bring them along into versions. `DeclaredContent.References` and `AlsoSave` store such rows with the unit.
