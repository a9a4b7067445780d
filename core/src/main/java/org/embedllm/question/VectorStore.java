package org.embedllm.question;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// A folder that keeps question vectors, so that no text is encoded twice.
///
/// `ENCODER.safetensors` holds the vectors of one encoder; during the work, finished portions are
/// in `ENCODER.parts/`, from where an interrupted run continues. Every file names its encoder, and
/// every vector has the SHA-256 of its text. So a data set that is imported again with the same
/// texts needs no encoder, even if ids and order changed.
public final class VectorStore {
  private static final int GROUP = 64; // texts an encoder gets at once
  private static final int PART = 512; // texts in a file of parts, at most
  private static final Duration PART_TIME = Duration.ofSeconds(5); // lost at most when killed
  private static final int CACHE_PARTS = 64;
  private static final String SUFFIX = ".safetensors";

  private final Path folder;
  private final boolean belongsToDataset;
  private final InstantSource clock;

  private VectorStore(Path folder, boolean belongsToDataset, InstantSource clock) {
    this.folder = folder;
    this.belongsToDataset = belongsToDataset;
    this.clock = clock;
  }

  /// The store of a data set directory, `DATASET/vectors`.
  public static VectorStore ofDataset(Path dataset) {
    return new VectorStore(dataset.resolve("vectors"), true, InstantSource.system());
  }

  /// A store that many data sets share, for those that have no folder of their own.
  public static VectorStore ofCache(Path cache) {
    return new VectorStore(cache.resolve("vectors"), false, InstantSource.system());
  }

  /// Where the vectors are kept.
  public Path folder() {
    return folder;
  }

  /// The encoders whose vectors are here, by file name.
  public List<EncoderIdentity> encoders() throws IOException {
    List<EncoderIdentity> found = new ArrayList<>();
    for (Path file : files(folder)) {
      found.add(VectorSegment.identity(file));
    }
    return found;
  }

  /// Vectors of all the questions, if all are stored.
  public Optional<QuestionVectors> find(List<Question> questions, EncoderIdentity encoder)
      throws IOException {
    List<VectorSegment> segments = segments(encoder);
    RowKey key = segments.isEmpty() ? RowKey.TEXT : segments.getFirst().key();
    WantedVectors wanted = new WantedVectors(questions, key, encoder.dimension());
    segments.forEach(wanted::fillFrom);
    return wanted.missing().isEmpty()
        ? Optional.of(wanted.questionVectors(questions, encoder))
        : Optional.empty();
  }

  /// Vectors of all the questions; missing ones are encoded and kept.
  ///
  /// @throws BadInputException when the vectors kept under the encoder's name are another encoder's
  /// @throws IOException when the folder cannot be read or written
  public EncodedQuestions encode(
      List<Question> questions, QuestionEncoder encoder, EncodingListener listener)
      throws IOException {
    EncoderIdentity identity = encoder.identity();
    WantedVectors wanted = new WantedVectors(questions, RowKey.TEXT, identity.dimension());
    List<VectorSegment> segments = segments(identity);
    segments.forEach(wanted::fillFrom);
    List<Integer> missing = wanted.missing();
    Duration elapsed = encodeMissing(wanted, missing, encoder, listener);
    settle(wanted, identity, segments);
    EncodingSummary summary =
        new EncodingSummary(
            questions.size(),
            wanted.size(),
            missing.size(),
            wanted.size() - missing.size(),
            wanted.cut(identity.maxTokens()),
            elapsed);
    return new EncodedQuestions(wanted.questionVectors(questions, identity), summary);
  }

  /// Keeps vectors that were made elsewhere.
  ///
  /// @param vectors [n, q], in the order of the questions
  public QuestionVectors attach(
      List<Question> questions, FloatMatrix vectors, EncoderIdentity identity) throws IOException {
    WantedVectors wanted = new WantedVectors(questions, RowKey.QUESTION, identity.dimension());
    List<Integer> rows = wanted.questionRows();
    wanted.fill(rows, new EncodedTexts(vectors, java.util.Collections.nCopies(vectors.rows(), 0)));
    VectorSegment all =
        wanted.segment(mainFile(identity), identity, RowKey.QUESTION, range(0, wanted.size()));
    withRows(all, rows).write();
    return wanted.questionVectors(questions, identity);
  }

  private Duration encodeMissing(
      WantedVectors wanted,
      List<Integer> missing,
      QuestionEncoder encoder,
      EncodingListener listener)
      throws IOException {
    if (missing.isEmpty()) {
      return Duration.ZERO;
    }
    Instant start = clock.instant();
    int reused = wanted.size() - missing.size();
    listener.progress(new EncodingProgress(0, missing.size(), reused, Duration.ZERO));
    Instant kept = start;
    int firstUnkept = 0;
    for (int begin = 0; begin < missing.size(); begin += GROUP) {
      int end = Math.min(begin + GROUP, missing.size());
      List<Integer> group = missing.subList(begin, end);
      wanted.fill(group, encoder.encodeAndCount(group.stream().map(wanted::text).toList()));
      Instant now = clock.instant();
      listener.progress(
          new EncodingProgress(end, missing.size(), reused, Duration.between(start, now)));
      boolean due = Duration.between(kept, now).compareTo(PART_TIME) > 0;
      if (due || end - firstUnkept >= PART || end == missing.size()) {
        writePart(wanted, missing.subList(firstUnkept, end), encoder.identity());
        firstUnkept = end;
        kept = now;
      }
    }
    return Duration.between(start, clock.instant());
  }

  /// A part is named by its first text and its length: two concurrent runs do not harm each other.
  private void writePart(WantedVectors wanted, List<Integer> rows, EncoderIdentity identity)
      throws IOException {
    String name = wanted.keys().get(rows.getFirst()).hex().substring(0, 16) + "-" + rows.size();
    wanted
        .segment(partsFolder(identity).resolve(name + SUFFIX), identity, RowKey.TEXT, rows)
        .write();
  }

  /// Merges the parts into the main file where necessary.
  private void settle(WantedVectors wanted, EncoderIdentity identity, List<VectorSegment> before)
      throws IOException {
    List<Path> parts = files(partsFolder(identity));
    boolean due =
        belongsToDataset ? !parts.isEmpty() : parts.size() > CACHE_PARTS && fits(identity);
    List<Integer> rows = belongsToDataset ? wanted.questionRows() : List.of();
    if (!due && (!belongsToDataset || rows.equals(mainQuestionRows(identity, before)))) {
      return;
    }
    List<TextDigest> first = belongsToDataset ? wanted.keys() : List.of();
    List<VectorSegment> all = new ArrayList<>();
    all.add(wanted.segment(mainFile(identity), identity, RowKey.TEXT, range(0, wanted.size())));
    all.addAll(segments(identity));
    withRows(merged(all, first, identity), rows).write();
    for (Path part : parts) {
      Files.deleteIfExists(part);
    }
    if (Files.isDirectory(partsFolder(identity)) && files(partsFolder(identity)).isEmpty()) {
      Files.deleteIfExists(partsFolder(identity));
    }
  }

  /// Whether all rows of all files fit one matrix.
  private boolean fits(EncoderIdentity identity) throws IOException {
    long bytes = 0;
    for (VectorSegment segment : segments(identity)) {
      bytes += (long) segment.keys().size() * identity.dimension() * Float.BYTES;
    }
    return bytes < Integer.MAX_VALUE;
  }

  private List<Integer> mainQuestionRows(EncoderIdentity identity, List<VectorSegment> segments) {
    return segments.stream()
        .filter(segment -> segment.file().equals(mainFile(identity)))
        .findFirst()
        .map(VectorSegment::questionRows)
        .orElse(List.of());
  }

  /// All rows of the segments, each once, those of `first` in front.
  private VectorSegment merged(
      List<VectorSegment> segments, List<TextDigest> first, EncoderIdentity identity) {
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
        mainFile(identity),
        identity,
        RowKey.TEXT,
        List.copyOf(places.keySet()),
        FloatMatrix.wrap(places.size(), q, values),
        tokens,
        List.of());
  }

  private static VectorSegment withRows(VectorSegment segment, List<Integer> rows) {
    return new VectorSegment(
        segment.file(),
        segment.encoder(),
        segment.key(),
        segment.keys(),
        segment.vectors(),
        segment.tokens(),
        rows);
  }

  private List<VectorSegment> segments(EncoderIdentity identity) throws IOException {
    List<Path> paths = new ArrayList<>();
    if (Files.exists(mainFile(identity))) {
      paths.add(mainFile(identity));
    }
    paths.addAll(files(partsFolder(identity)));
    List<VectorSegment> segments = new ArrayList<>();
    for (Path path : paths) {
      segments.add(VectorSegment.read(path, identity));
    }
    return segments;
  }

  private Path mainFile(EncoderIdentity identity) {
    return folder.resolve(fileName(identity) + SUFFIX);
  }

  private Path partsFolder(EncoderIdentity identity) {
    return folder.resolve(fileName(identity) + ".parts");
  }

  /// A plain name as it is; of a path or an address the last element, made unique by the digest.
  private static String fileName(EncoderIdentity identity) {
    String name = identity.name();
    if (name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,60}")) {
      return name;
    }
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String plain = last.replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^[.-]+", "");
    String digest = identity.digest();
    return (plain.length() > 60 ? plain.substring(0, 60) : plain)
        + "-"
        + digest.substring(0, Math.min(8, digest.length()));
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "[!.]*" + SUFFIX)) {
      stream.forEach(found::add);
    }
    found.sort(Path::compareTo);
    return found;
  }

  private static List<Integer> range(int from, int to) {
    return java.util.stream.IntStream.range(from, to).boxed().toList();
  }
}
