`JsonShape.Object`: a field that holds a JSON object, which forms may send as text.
