package org.embedllm.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// The graph of a bundled encoder in a bare ONNX Runtime session with one thread: what encoding
/// costs at least. Safe for use by several threads.
public final class BareEncoder implements AutoCloseable {
  private static final Map<String, String> RESOURCES =
      Map.of(
          "minilm-l6", "all-minilm-l6-v2.onnx",
          "minilm-l6-q", "all-minilm-l6-v2-q.onnx");

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  private BareEncoder(byte[] graph) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      this.session = environment.createSession(graph, options);
    }
  }

  /// @param name of the encoder; what follows a `+` in it is left out
  /// @return empty where the graph of that encoder is not known here
  public static Optional<BareEncoder> named(String name) throws IOException, OrtException {
    String resource = RESOURCES.get(name.replaceFirst("\\+.*", ""));
    if (resource == null) {
      return Optional.empty();
    }
    try (InputStream in = BareEncoder.class.getResourceAsStream("/" + resource)) {
      if (in == null) {
        throw new IOException(resource + " is not on the class path");
      }
      return Optional.of(new BareEncoder(in.readAllBytes()));
    }
  }

  /// Runs the graph on a text of some tokens; nothing is done with the result.
  public void run(int tokens) throws OrtException {
    long[] ids = new long[tokens];
    Arrays.setAll(ids, p -> 2000 + 17L * p);
    long[] ones = new long[tokens];
    Arrays.fill(ones, 1);
    long[] shape = {1, tokens};
    try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
        OnnxTensor mask = OnnxTensor.createTensor(environment, LongBuffer.wrap(ones), shape);
        OnnxTensor types =
            OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[tokens]), shape);
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", idTensor, "attention_mask", mask, "token_type_ids", types))) {
      if (result.size() == 0) {
        throw new IllegalStateException("the graph gave nothing");
      }
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
