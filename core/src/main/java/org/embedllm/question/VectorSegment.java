package org.embedllm.question;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;

/// Some vectors in a file, each under the digest of its text or question.
///
/// Tensors: `vectors` float32 [u, q], `text_sha256` uint8 [u, 32], `tokens` int32 `[u]` (tokens
/// before truncation, 0 unknown), and in a data set's main file `question_rows` int32 `[n]`, the
/// row of each question in the data set's order. Metadata: the encoder's identity and the kind of
/// key.
///
/// @param file where it is
/// @param encoder that made the vectors
/// @param key kind of the digests
/// @param keys u digests
/// @param vectors [u, q]
/// @param tokens u token counts
/// @param questionRows row of each question; empty where the file does not have them
record VectorSegment(
    Path file,
    EncoderIdentity encoder,
    RowKey key,
    List<TextDigest> keys,
    FloatMatrix vectors,
    List<Integer> tokens,
    List<Integer> questionRows) {
  private static final String FORMAT = "embedllm-vectors";
  private static final String VERSION = "2";
  private static final String UNCHECKED = "1"; // the version without a checksum
  private static final String REMEDY = "delete it and run embedllm encode again";
  private static final String TEXT_FEATURES = "text_features";

  VectorSegment {
    keys = List.copyOf(keys);
    tokens = List.copyOf(tokens);
    questionRows = List.copyOf(questionRows);
  }

  /// All rows of segments in one, each once, those of `first` in front.
  ///
  /// @param first texts that the segments have
  static VectorSegment merged(
      Path file, EncoderIdentity identity, List<VectorSegment> segments, List<TextDigest> first) {
    record Place(VectorSegment segment, int row) {}
    Map<TextDigest, Optional<Place>> places = new LinkedHashMap<>();
    first.forEach(key -> places.put(key, Optional.empty()));
    for (VectorSegment segment : segments) {
      for (int i = 0; i < segment.keys().size(); i++) {
        Place place = new Place(segment, i);
        places.merge(
            segment.keys().get(i), Optional.of(place), (old, now) -> old.isPresent() ? old : now);
      }
    }
    int q = identity.dimension();
    float[] values = new float[Math.multiplyExact(places.size(), q)];
    List<Integer> tokens = new ArrayList<>();
    for (Optional<Place> found : places.values()) {
      Place place = found.orElseThrow();
      float[] source = place.segment().vectors().sharedArray();
      System.arraycopy(source, place.row() * q, values, tokens.size() * q, q);
      tokens.add(place.segment().tokens().get(place.row()));
    }
    return new VectorSegment(
        file,
        identity,
        RowKey.TEXT,
        List.copyOf(places.keySet()),
        FloatMatrix.wrap(places.size(), q, values),
        tokens,
        List.of());
  }

  /// The same with other rows of questions.
  VectorSegment withRows(List<Integer> rows) {
    return new VectorSegment(file, encoder, key, keys, vectors, tokens, rows);
  }

  /// The encoder of the vectors in a file; reads its header only.
  static EncoderIdentity identity(Path file) throws IOException {
    return identity(Safetensors.open(file));
  }

  private static EncoderIdentity identity(Safetensors tensors) {
    Map<String, String> metadata = tensors.metadata();
    String format = metadata.getOrDefault("format", "");
    String version = metadata.getOrDefault("version", "");
    if (!format.equals(FORMAT)) {
      throw BadInputException.in(
          tensors.file(),
          "is no file of question vectors (format \"%s\"); move it away".formatted(format));
    }
    if (!version.equals(VERSION) && !version.equals(UNCHECKED)) {
      throw BadInputException.in(
          tensors.file(),
          "has vectors of version \"%s\"; this program reads versions %s and %s: use a newer program, or %s"
              .formatted(version, UNCHECKED, VERSION, REMEDY));
    }
    String name = metadata.getOrDefault("encoder", "");
    String digest = metadata.getOrDefault("encoder_digest", "");
    int dimension = number(tensors, "dimension");
    int maxTokens = number(tensors, "max_tokens");
    if (!metadata.containsKey(TEXT_FEATURES)) {
      return DeprecatedNames.identity(name, digest, dimension, maxTokens);
    }
    int textFeatures = number(tensors, TEXT_FEATURES);
    try {
      return EncoderIdentity.ofStored(name, digest, dimension, maxTokens, textFeatures);
    } catch (IllegalArgumentException e) {
      throw BadInputException.in(tensors.file(), "metadata is wrong: " + e.getMessage(), e);
    }
  }

  /// The keys in a file, without its vectors.
  static List<TextDigest> keys(Path file) throws IOException {
    return keys(Safetensors.open(file));
  }

  private static List<TextDigest> keys(Safetensors tensors) throws IOException {
    List<TextDigest> keys = new ArrayList<>();
    ByteBuffer digests = ByteBuffer.wrap(tensors.bytes("text_sha256"));
    while (digests.remaining() >= TextDigest.BYTES) {
      keys.add(TextDigest.read(digests));
    }
    return keys;
  }

  private static int number(Safetensors tensors, String key) {
    String value = tensors.metadata().getOrDefault(key, "");
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw BadInputException.in(
          tensors.file(), "metadata %s must be a number; is \"%s\"".formatted(key, value), e);
    }
  }

  /// Reads a file that the given encoder must have made.
  ///
  /// @throws BadInputException when another encoder made it or its parts do not fit together
  static VectorSegment read(Path file, EncoderIdentity expected) throws IOException {
    Safetensors tensors = Safetensors.open(file);
    EncoderIdentity found = identity(tensors);
    requireSame(file, found, expected);
    Map<String, String> metadata = tensors.metadata();
    if (!UNCHECKED.equals(metadata.get("version")) || metadata.containsKey(Checksum.KEY)) {
      Checksum.verify(tensors, REMEDY);
    }
    FloatMatrix vectors = tensors.matrix("vectors");
    requireFinite(file, vectors);
    List<TextDigest> keys = keys(tensors);
    List<Integer> tokens = boxed(tensors.ints("tokens"));
    List<Integer> rows =
        tensors.has("question_rows") ? boxed(tensors.ints("question_rows")) : List.of();
    if (keys.size() != vectors.rows()
        || tokens.size() != vectors.rows()
        || vectors.columns() != expected.dimension()) {
      throw BadInputException.in(
          file,
          "its tensors do not fit together: vectors [%d, %d], %d digests, %d token counts; delete it"
              .formatted(vectors.rows(), vectors.columns(), keys.size(), tokens.size()));
    }
    RowKey key =
        RowKey.QUESTION.label().equals(tensors.metadata().get("key"))
            ? RowKey.QUESTION
            : RowKey.TEXT;
    return new VectorSegment(file, found, key, keys, vectors, tokens, rows);
  }

  private static void requireFinite(Path file, FloatMatrix vectors) {
    float[] values = vectors.sharedArray();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw BadInputException.in(
            file,
            "was altered or damaged: row %d of vectors holds %s; %s"
                .formatted(i / vectors.columns(), values[i], REMEDY));
      }
    }
  }

  private static void requireSame(Path file, EncoderIdentity found, EncoderIdentity expected) {
    if (!found.digest().equals(expected.digest()) || found.dimension() != expected.dimension()) {
      throw BadInputException.in(
          file,
          ("holds vectors of encoder %s (digest %.12s, dimension %d), not of %s (digest %.12s,"
                  + " dimension %d); vectors of two encoders are never mixed: choose the encoder"
                  + " that made them, or move the file away")
              .formatted(
                  found.name(),
                  found.digest(),
                  found.dimension(),
                  expected.name(),
                  expected.digest(),
                  expected.dimension()));
    }
  }

  private static List<Integer> boxed(int[] values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  /// Writes the file under a temporary name and renames it.
  void write() throws IOException {
    ByteBuffer digests = ByteBuffer.allocate(Math.multiplyExact(keys.size(), TextDigest.BYTES));
    keys.forEach(k -> k.write(digests));
    Checksum.Writer writer = new Checksum.Writer();
    writer.metadata("format", FORMAT);
    writer.metadata("version", VERSION);
    writer.metadata("encoder", encoder.name());
    writer.metadata("encoder_digest", encoder.digest());
    writer.metadata("dimension", Integer.toString(encoder.dimension()));
    writer.metadata("max_tokens", Integer.toString(encoder.maxTokens()));
    writer.metadata(TEXT_FEATURES, Integer.toString(encoder.textFeatures().columns()));
    writer.metadata("key", key.label());
    writer.matrix("vectors", vectors);
    writer.ints("tokens", unboxed(tokens), tokens.size());
    if (!questionRows.isEmpty()) {
      writer.ints("question_rows", unboxed(questionRows), questionRows.size());
    }
    writer.bytes("text_sha256", digests.array(), keys.size(), TextDigest.BYTES);
    writer.write(file);
  }

  private static int[] unboxed(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
