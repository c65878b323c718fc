"""Operation groups about the server itself, which is one party's site; servers from 1.7 on."""
