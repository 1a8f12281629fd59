`ISignedLinks` signs links that a distribution's `content_redirect` guard takes.
