package org.embedllm.question;

/// Which encoder made a vector. Vectors of two encoders are never mixed.
///
/// @param name the user's name for it: `minilm-l6`, a folder, an endpoint's URL and model, a file
/// @param digest SHA-256 (hex) of weights and tokenizer, or of the file or endpoint description
/// @param dimension q, the length of its vectors
/// @param maxTokens longer texts are truncated; 0 where unknown
public record EncoderIdentity(String name, String digest, int dimension, int maxTokens) {}
