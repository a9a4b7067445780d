package org.embedllm.onnx;

import java.nio.file.Path;
import java.util.List;
import org.embedllm.question.EncoderIdentity;

/// A sentence encoder as files and rules.
///
/// @param identity who it is; its dimension is 0 where only the graph knows it
/// @param weights the ONNX graph
/// @param tokenizer the `tokenizer.json`
/// @param poolings how token vectors become one vector; several are joined; none where the graph
///   gives one vector for a text
/// @param dense layers that the vector passes before it is normalized, in order
/// @param normalized whether the vector is scaled to length 1
/// @param lowerCased whether the text is lower-cased before the tokenizer sees it
/// @param prompt prefix of each text
record SentenceModel(
    EncoderIdentity identity,
    ModelFile weights,
    ModelFile tokenizer,
    List<Pooling> poolings,
    List<DenseLayer> dense,
    boolean normalized,
    boolean lowerCased,
    String prompt) {
  SentenceModel {
    poolings = List.copyOf(poolings);
    dense = List.copyOf(dense);
  }

  /// A file of a model.
  sealed interface ModelFile {
    /// A file on disk.
    record OnDisk(Path path) implements ModelFile {}

    /// A text that was put together from other files.
    record Made(String content) implements ModelFile {}

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
