package org.embedllm.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.embedllm.storage.BadInputException;

/// An ONNX graph that reads the tokens of one text and gives a vector for each token, or one vector
/// for the text. Safe for use by several threads.
///
/// One text at a time and one thread inside: on a CPU a batch is slower than its texts one after
/// the other, and a vector then depends on its own text only.
final class TokenGraph implements AutoCloseable {
  /// The output in which optimum exports the vector of a text.
  private static final String SENTENCE = "sentence_embedding";

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Map<String, OnnxJavaType> inputs;
  private final String output;
  private final boolean pooled;

  /// The output of the graph for a text.
  static final class Hidden {
    private final float[] values; // [length, width]
    private final int length; // tokens, 1 where the graph has pooled them itself
    private final int width; // of a vector

    private Hidden(float[] values, int length, int width) {
      this.values = values;
      this.length = length;
      this.width = width;
    }

    /// [length, width], not a copy.
    float[] values() {
      return values;
    }

    int length() {
      return length;
    }

    int width() {
      return width;
    }
  }

  private TokenGraph(
      OrtEnvironment environment,
      OrtSession session,
      Map<String, OnnxJavaType> inputs,
      String output,
      boolean pooled) {
    this.environment = environment;
    this.session = session;
    this.inputs = Map.copyOf(inputs);
    this.output = output;
    this.pooled = pooled;
  }

  /// How a session of a text encoder is set up.
  static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    // The optimizations above this level depend on the processor, and none of them helps with text.
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    // Lengths vary: a memory pattern would be planned for each of them and hardly used again.
    options.setMemoryPatternOptimization(false);
    return options;
  }

  /// @param name how messages call the graph
  /// @param pools whether the graph itself must make one vector of a text
  /// @throws BadInputException when the graph wants inputs that a text encoder does not have, or
  ///   gives no vectors of the kind that is needed
  static TokenGraph of(OrtEnvironment environment, OrtSession session, String name, boolean pools)
      throws OrtException {
    Map<String, OnnxJavaType> inputs = new HashMap<>();
    for (var input : session.getInputInfo().entrySet()) {
      if (!List.of("input_ids", "attention_mask", "token_type_ids", "position_ids")
              .contains(input.getKey())
          || !(input.getValue().getInfo() instanceof TensorInfo info)
          || (info.type != OnnxJavaType.INT64 && info.type != OnnxJavaType.INT32)) {
        throw BadInputException.of(
            ("%s needs the input %s; a sentence encoder's graph has input_ids, attention_mask,"
                    + " token_type_ids and position_ids of type int64 or int32 only")
                .formatted(name, input.getValue()));
      }
      inputs.put(input.getKey(), info.type);
    }
    if (!inputs.containsKey("input_ids")) {
      throw BadInputException.of(
          "%s has no input input_ids; it has %s".formatted(name, session.getInputNames()));
    }
    if (pools) {
      if (session.getOutputNames().contains(SENTENCE)) {
        return new TokenGraph(environment, session, inputs, SENTENCE, true);
      }
      throw BadInputException.of(
          "%s has no output %s (it has %s): say how the vectors of tokens become one with --pooling mean or --pooling cls"
              .formatted(name, SENTENCE, session.getOutputNames()));
    }
    for (boolean pooled : new boolean[] {false, true}) {
      for (NodeInfo node : session.getOutputInfo().values()) {
        if (node.getInfo() instanceof TensorInfo info
            && info.getShape().length == (pooled ? 2 : 3)
            && (info.type == OnnxJavaType.FLOAT || info.type == OnnxJavaType.FLOAT16)) {
          return new TokenGraph(environment, session, inputs, node.getName(), pooled);
        }
      }
    }
    throw BadInputException.of(
        "%s gives no vectors of tokens [batch, length, q]; its outputs are %s"
            .formatted(name, session.getOutputInfo().values()));
  }

  /// Whether the graph itself makes one vector of a text.
  boolean pooled() {
    return pooled;
  }

  /// Runs the graph on one text.
  Hidden run(Tokens tokens) throws OrtException {
    int length = tokens.length();
    long[] ids = tokens.ids();
    Map<String, OnnxTensor> feed = new HashMap<>();
    try {
      for (var input : inputs.entrySet()) {
        IntToLongFunction value =
            switch (input.getKey()) {
              case "input_ids" -> p -> ids[p];
              case "attention_mask" -> p -> 1L;
              case "position_ids" -> p -> p;
              default -> p -> 0L;
            };
        feed.put(input.getKey(), tensor(input.getValue(), length, value));
      }
      try (OrtSession.Result result = session.run(feed, java.util.Set.of(output))) {
        return hidden(result.get(0), length);
      }
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private Hidden hidden(OnnxValue value, int length) {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new IllegalStateException("output " + output + " is no tensor");
    }
    long[] shape = tensor.getInfo().getShape();
    int width = Math.toIntExact(shape[shape.length - 1]);
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = buffer.hasArray() ? buffer.array() : new float[buffer.remaining()];
    if (!buffer.hasArray()) {
      buffer.get(values);
    }
    return new Hidden(values, pooled ? 1 : length, width);
  }

  private OnnxTensor tensor(OnnxJavaType type, int length, IntToLongFunction value)
      throws OrtException {
    long[] shape = {1, length};
    if (type == OnnxJavaType.INT32) {
      IntBuffer buffer = IntBuffer.allocate(length);
      for (int p = 0; p < length; p++) {
        buffer.put(p, (int) value.applyAsLong(p));
      }
      return OnnxTensor.createTensor(environment, buffer, shape);
    }
    LongBuffer buffer = LongBuffer.allocate(length);
    for (int p = 0; p < length; p++) {
      buffer.put(p, value.applyAsLong(p));
    }
    return OnnxTensor.createTensor(environment, buffer, shape);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the session of a sentence encoder did not close", e);
    }
  }
}
