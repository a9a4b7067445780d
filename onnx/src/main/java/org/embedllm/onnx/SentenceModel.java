package org.embedllm.onnx;

import java.nio.file.Path;
import java.util.List;
import org.embedllm.question.EncoderIdentity;

/// A sentence encoder as files and rules.
///
/// @param identity who it is
/// @param weights the ONNX graph
/// @param tokenizer the `tokenizer.json`
/// @param poolings how token vectors become one vector; several are joined
/// @param normalized whether the vector is scaled to length 1
/// @param lowerCased whether the text is lower-cased before the tokenizer sees it
/// @param prompt prefix of each text
record SentenceModel(
    EncoderIdentity identity,
    ModelFile weights,
    ModelFile tokenizer,
    List<Pooling> poolings,
    boolean normalized,
    boolean lowerCased,
    String prompt) {
  SentenceModel {
    poolings = List.copyOf(poolings);
  }

  /// A file of a model.
  sealed interface ModelFile {
    /// A file on disk.
    record OnDisk(Path path) implements ModelFile {}

    /// A resource of the class path.
    ///
    /// @param resource its path in the jar
    /// @param name the name under which it is kept when unpacked
    /// @param sha256 its digest
    /// @param artifact the Maven artifact it comes in
    record InJar(String resource, String name, String sha256, String artifact)
        implements ModelFile {}
  }
}
