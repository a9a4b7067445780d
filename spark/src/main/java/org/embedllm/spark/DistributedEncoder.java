package org.embedllm.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// An encoder whose texts are encoded by all processes of a cluster: a slice of the announced texts
/// when the first of the slice is asked for. For one thread.
final class DistributedEncoder implements QuestionEncoder {
  private static final int SLICE = 16_384; // texts encoded in one job
  private static final int BATCH = 64; // texts encoded in one call

  private final JavaSparkContext context;
  private final Broadcast<SharedEncoder> shared;
  private final QuestionEncoder local;
  private final int partitions;
  private final Map<String, Integer> places = new HashMap<>(); // in `texts`
  private final Map<String, Encoded> ready = new HashMap<>();
  private List<String> texts = List.of();

  /// @param name of the encoder, known to all processes
  DistributedEncoder(JavaSparkContext context, String name, int partitions) {
    this.context = context;
    this.shared = context.broadcast(new SharedEncoder(name));
    this.local = Encoders.open(name, EncoderSettings.of(System.getenv()).withThreads(1));
    this.partitions = partitions;
  }

  @Override
  public void announce(List<String> wanted) {
    texts = List.copyOf(wanted);
    places.clear();
    for (int at = 0; at < texts.size(); at++) {
      places.putIfAbsent(texts.get(at), at);
    }
  }

  @Override
  public EncoderIdentity identity() {
    return local.identity();
  }

  @Override
  public FloatMatrix encode(List<String> wanted) {
    return encodeAndCount(wanted).vectors();
  }

  @Override
  public int tokenCount(String text) {
    return local.tokenCount(text);
  }

  @Override
  public EncodedTexts encodeAndCount(List<String> wanted) {
    int q = identity().dimension();
    float[] vectors = new float[wanted.size() * q];
    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      Encoded one = ready.get(wanted.get(i));
      if (one == null) {
        fetch(wanted.get(i));
        one = ready.get(wanted.get(i));
      }
      if (one == null) {
        throw new IllegalArgumentException("a text was not announced: " + wanted.get(i));
      }
      System.arraycopy(one.vector, 0, vectors, i * q, q);
      counts.add(one.tokens);
    }
    return new EncodedTexts(FloatMatrix.wrap(wanted.size(), q, vectors), counts);
  }

  /// Encodes a text and those after it. Texts of one length share a task, so padding is short.
  private void fetch(String first) {
    int from = places.getOrDefault(first, texts.size());
    List<String> slice =
        texts.subList(from, Math.min(texts.size(), from + SLICE)).stream()
            .distinct()
            .sorted(Comparator.comparingInt(String::length))
            .toList();
    context.setJobDescription("EmbedLLM: encode texts");
    ready.clear();
    for (Encoded one :
        context
            .parallelize(slice, Math.clamp(slice.size() / BATCH, 1, partitions))
            .mapPartitions(new EncodeTexts(shared))
            .collect()) {
      ready.put(one.text, one);
    }
  }

  @Override
  public void close() {
    local.close();
  }

  /// A text's vector.
  private static final class Encoded implements Serializable {
    private static final long serialVersionUID = 1;

    private final String text;
    private final float[] vector;
    private final int tokens;

    Encoded(String text, float[] vector, int tokens) {
      this.text = text;
      this.vector = vector;
      this.tokens = tokens;
    }
  }

  /// The encoder of a process, opened when its first task needs it.
  private static final class SharedEncoder implements Serializable {
    private static final long serialVersionUID = 1;

    private final String name;
    private transient @Nullable QuestionEncoder opened;

    SharedEncoder(String name) {
      this.name = name;
    }

    synchronized QuestionEncoder open() {
      QuestionEncoder encoder = opened;
      if (encoder == null) {
        encoder = Encoders.open(name, EncoderSettings.of(System.getenv()).withThreads(1));
        opened = encoder;
      }
      return encoder;
    }
  }

  private record EncodeTexts(Broadcast<SharedEncoder> shared)
      implements FlatMapFunction<Iterator<String>, Encoded> {
    @Override
    public Iterator<Encoded> call(Iterator<String> texts) {
      QuestionEncoder encoder = shared.value().open();
      List<Encoded> result = new ArrayList<>();
      while (texts.hasNext()) {
        List<String> batch = new ArrayList<>();
        while (texts.hasNext() && batch.size() < BATCH) {
          batch.add(texts.next());
        }
        EncodedTexts encoded = encoder.encodeAndCount(batch);
        IntStream.range(0, batch.size())
            .forEach(i ->
                result.add(
                    new Encoded(
                        batch.get(i), encoded.vectors().row(i), encoded.tokenCounts().get(i))));
      }
      return result.iterator();
    }
  }
}
