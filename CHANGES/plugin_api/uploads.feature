`FromFile` reads units from uploaded files; `IStagedUploads` takes uploads in pieces. Fields of abstract records between the SDK's and the plugin's are columns of the detail table.
