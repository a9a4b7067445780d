package org.embedllm.artifact;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// The origin of a model file, so that it can be made again.
///
/// @param programVersion version of the program that wrote it
/// @param dataDigest SHA-256 (hex) of the evaluation data it was fitted on
/// @param options every setting of the training by name
/// @param seed the seed of the training
public record Provenance(
    String programVersion, String dataDigest, Map<String, String> options, long seed) {
  public Provenance {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }
}
