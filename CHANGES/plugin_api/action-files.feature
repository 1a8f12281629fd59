A text field of an action's body may come as a file of a form: `[Field(..., IsFile = true)]`.
