The server speaks https itself: `TLS_CERTIFICATE` and `TLS_KEY`, read anew when they change, with HTTP/2; `TLS_SELF_SIGNED` makes a certificate for trying out.
