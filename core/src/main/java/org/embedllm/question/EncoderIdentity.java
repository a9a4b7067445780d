package org.embedllm.question;

/// Which encoder made a vector. Vectors of two encoders are never mixed.
///
/// @param name how a user names it: `minilm-l6`, a folder, an endpoint's URL and model, a file
/// @param digest SHA-256 (hex) of weights and tokenizer, or of the file or endpoint description
/// @param dimension q, the length of its vectors
/// @param maxTokens texts longer than this are cut; 0 where that is unknown
public record EncoderIdentity(String name, String digest, int dimension, int maxTokens) {}
