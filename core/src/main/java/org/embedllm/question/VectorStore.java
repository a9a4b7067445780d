package org.embedllm.question;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.Question;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.BoundedFolder;
import org.embedllm.storage.SingleWriter;
import org.embedllm.tensor.FloatMatrix;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder that keeps question vectors, so that no text is encoded twice.
///
/// `ENCODER.safetensors` holds the vectors of one encoder; during the work, finished portions are
/// in `ENCODER.parts/`, from where an interrupted run continues. Every file names its encoder, and
/// every vector has the SHA-256 of its text. So a data set that is imported again with the same
/// texts needs no encoder, even if ids and order changed.
public final class VectorStore {
  private static final int FIRST_GROUP = 4; // texts an encoder gets at once, at the start
  private static final int GROUP = 64; // and later, where that takes no longer than GROUP_TIME
  private static final Duration GROUP_TIME = Duration.ofSeconds(1);
  private static final int PART = 512; // texts in a file of parts, at most
  private static final Duration PART_TIME = Duration.ofSeconds(5); // lost at most when killed
  private static final int CACHE_PARTS = 64;
  private static final long CACHE_BYTES = 512L << 20; // of a cache, all encoders together
  private static final String SUFFIX = ".safetensors";

  private static final Logger LOG = LoggerFactory.getLogger(VectorStore.class);

  private final Path folder;
  private final boolean belongsToDataset;
  private final Optional<VectorStore> cache;
  private final InstantSource clock;
  private final long bound; // bytes of a cache

  private VectorStore(
      Path folder, boolean belongsToDataset, Optional<VectorStore> cache, long bound) {
    this.folder = folder;
    this.belongsToDataset = belongsToDataset;
    this.cache = cache;
    this.clock = InstantSource.system();
    this.bound = bound;
  }

  /// The store of a data set directory, `DATASET/vectors`.
  public static VectorStore ofDataset(Path dataset) {
    return ofDataset(dataset, Optional.empty());
  }

  /// The store of a data set directory that also looks for texts in a cache of all data sets, and
  /// puts there what it encodes.
  ///
  /// @param cache the user's cache folder; none where nothing may be kept
  public static VectorStore ofDataset(Path dataset, Optional<Path> cache) {
    return new VectorStore(
        dataset.resolve("vectors"), true, cache.map(VectorStore::ofCache), Long.MAX_VALUE);
  }

  /// A store that many data sets share. It is bounded: what was not used for longest goes first.
  public static VectorStore ofCache(Path cache) {
    return ofCache(cache, CACHE_BYTES);
  }

  static VectorStore ofCache(Path cache, long bound) {
    return new VectorStore(cache.resolve("vectors"), false, Optional.empty(), bound);
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
  /// @throws BadInputException when the vectors kept under the encoder's name are another
  ///   encoder's, or another process is replacing the data set, which would lose them
  /// @throws IOException when the folder cannot be read or written
  public EncodedQuestions encode(
      List<Question> questions, QuestionEncoder encoder, EncodingProgress.Listener listener)
      throws IOException {
    if (!belongsToDataset) {
      return encodeHere(questions, encoder, listener);
    }
    SingleWriter writer = SingleWriter.adding(dataset());
    try {
      return encodeHere(questions, encoder, listener);
    } finally {
      writer.close();
    }
  }

  private Path dataset() {
    return requireNonNull(folder.getParent());
  }

  private EncodedQuestions encodeHere(
      List<Question> questions, QuestionEncoder encoder, EncodingProgress.Listener listener)
      throws IOException {
    EncoderIdentity identity = encoder.identity();
    WantedVectors wanted = new WantedVectors(questions, RowKey.TEXT, identity.dimension());
    List<VectorSegment> segments = segments(identity);
    segments.forEach(wanted::fillFrom);
    boolean lacking = !wanted.missing().isEmpty();
    if (lacking) {
      cache.ifPresent(shared -> shared.lend(wanted, identity));
    }
    List<Integer> missing = wanted.missing();
    if (belongsToDataset && !missing.isEmpty()) {
      // Parts, and the file that they are merged into.
      AtomicFile.requirePlace(mainFile(identity));
      long bytes = (long) wanted.size() * identity.dimension() * Float.BYTES;
      AtomicFile.requireSpace(mainFile(identity), 2 * bytes);
    }
    Duration elapsed = encodeMissing(wanted, missing, encoder, listener);
    settle(wanted, identity, segments, lacking);
    if (!missing.isEmpty()) {
      cache.ifPresent(shared -> shared.take(wanted, identity));
    }
    if (!belongsToDataset) {
      BoundedFolder.keep(folder, bound);
    }
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
  /// @throws BadInputException when another process is replacing the data set
  public QuestionVectors attach(
      List<Question> questions, FloatMatrix vectors, EncoderIdentity identity) throws IOException {
    WantedVectors wanted = new WantedVectors(questions, RowKey.QUESTION, identity.dimension());
    List<Integer> rows = wanted.questionRows();
    wanted.fill(rows, new EncodedTexts(vectors, java.util.Collections.nCopies(vectors.rows(), 0)));
    VectorSegment all =
        wanted.segment(mainFile(identity), identity, RowKey.QUESTION, range(0, wanted.size()));
    SingleWriter writer = SingleWriter.adding(dataset());
    try {
      all.withRows(rows).write();
    } finally {
      writer.close();
    }
    return wanted.questionVectors(questions, identity);
  }

  private Duration encodeMissing(
      WantedVectors wanted,
      List<Integer> missing,
      QuestionEncoder encoder,
      EncodingProgress.Listener listener)
      throws IOException {
    if (missing.isEmpty()) {
      return Duration.ZERO;
    }
    encoder.announce(missing.stream().map(wanted::text).toList());
    Instant start = clock.instant();
    int reused = wanted.size() - missing.size();
    listener.progress(new EncodingProgress(0, missing.size(), reused, Duration.ZERO));
    Instant kept = start;
    int firstUnkept = 0;
    int size = FIRST_GROUP;
    Instant begun = start;
    for (int begin = 0, end; begin < missing.size(); begin = end) {
      end = Math.min(begin + size, missing.size());
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
      boolean quick = Duration.between(begun, now).multipliedBy(2).compareTo(GROUP_TIME) <= 0;
      size = quick ? Math.min(GROUP, 2 * size) : size;
      begun = now;
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

  /// Fills in what this cache has. Its troubles are nobody's: a file that cannot be used is
  /// deleted.
  private void lend(WantedVectors wanted, EncoderIdentity identity) {
    for (Path file : cached(identity)) {
      try {
        wanted.fillFrom(VectorSegment.read(file, identity));
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
      } catch (BadInputException e) {
        LOG.debug("a file of the cache is deleted", e);
        BoundedFolder.delete(file);
      } catch (IOException e) {
        LOG.debug("a file of the cache cannot be read", e);
      }
    }
  }

  /// Keeps what this cache does not have.
  private void take(WantedVectors wanted, EncoderIdentity identity) {
    Set<TextDigest> known = new HashSet<>();
    try {
      for (Path file : cached(identity)) {
        known.addAll(VectorSegment.keys(file));
      }
      List<TextDigest> keys = wanted.keys();
      List<Integer> rows =
          range(0, keys.size()).stream().filter(row -> !known.contains(keys.get(row))).toList();
      if (!rows.isEmpty()) {
        writePart(wanted, rows, identity);
      }
      BoundedFolder.keep(folder, bound);
    } catch (IOException | BadInputException e) {
      LOG.debug("vectors were not kept in the cache", e);
    }
  }

  private List<Path> cached(EncoderIdentity identity) {
    List<Path> found = new ArrayList<>();
    try {
      if (Files.exists(mainFile(identity))) {
        found.add(mainFile(identity));
      }
      found.addAll(files(partsFolder(identity)));
    } catch (IOException | BadInputException e) {
      LOG.debug("the cache cannot be read", e);
    }
    return found;
  }

  /// Merges the parts into the main file where necessary.
  private void settle(
      WantedVectors wanted, EncoderIdentity identity, List<VectorSegment> before, boolean more)
      throws IOException {
    List<Path> parts = files(partsFolder(identity));
    boolean due =
        belongsToDataset ? more || !parts.isEmpty() : parts.size() > CACHE_PARTS && fits(identity);
    List<Integer> rows = belongsToDataset ? wanted.questionRows() : List.of();
    if (!due && (!belongsToDataset || rows.equals(mainQuestionRows(identity, before)))) {
      return;
    }
    List<TextDigest> first = belongsToDataset ? wanted.keys() : List.of();
    List<VectorSegment> all = new ArrayList<>();
    all.add(wanted.segment(mainFile(identity), identity, RowKey.TEXT, range(0, wanted.size())));
    all.addAll(segments(identity));
    VectorSegment.merged(mainFile(identity), identity, all, first).withRows(rows).write();
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

  private List<Integer> mainQuestionRows(EncoderIdentity identity, List<VectorSegment> segments)
      throws IOException {
    Path main = mainFile(identity);
    return segments.stream()
        .filter(segment -> segment.file().equals(main))
        .findFirst()
        .map(VectorSegment::questionRows)
        .orElse(List.of());
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

  /// The file that an encoder's vectors are in, whatever its folder is named by now; where there is
  /// none, the one for them.
  private Path mainFile(EncoderIdentity identity) throws IOException {
    Path usual = folder.resolve(fileName(identity) + SUFFIX);
    if (!Files.exists(usual)) {
      for (Path file : files(folder)) {
        if (VectorSegment.identity(file).digest().equals(identity.digest())) {
          return file;
        }
      }
    }
    return usual;
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
