"""The local MusicGen engine: text, audio prompt or melody in, sound out.

    prompt ──text──▶ states ┐
    sound ──codec──▶ codes  ├─ engine (a running batch) ─▶ codes ──codec──▶ sound
    melody ─────────────────┘       │
                          decoder · sampling · codebooks

It knows nothing of cues, backends or stores. torch and transformers come with the extra
``musicgen`` and are loaded by the modules, not by this package.
"""
