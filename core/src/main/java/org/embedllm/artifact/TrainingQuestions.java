package org.embedllm.artifact;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.Sha256;
import org.embedllm.storage.Utf8Text;
import org.embedllm.storage.VerifiedFiles;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.Safetensors;
import tools.jackson.core.JacksonException;

/// The training questions kept beside a model file `MODEL`, in the folder `MODEL.questions`: what
/// the nearest-neighbors baseline, nearest questions and the planning of new answers need.
///
/// Each set of questions has a folder in it, named by the first 16 characters of its digest, so
/// that a model file and its questions change together: questions are written first, the model file
/// is replaced last. (Earlier versions had the two files in `MODEL.questions` itself; these are
/// read.)
///
/// `questions.csv` has the columns `prompt_id,category,prompt` in question order, and
/// `reference,options` (a JSON array) where the right answer to some question is known.
/// `answers.safetensors` has the tensors `vectors` F32 [n, q], `answers.offsets` I32 [n + 1],
/// `answers.models` I32 `[cells]` and `answers.scores` F32 `[cells]` (the answers to question j are
/// those from `offsets[j]` to `offsets[j + 1]`), `answers.repeats` F32 `[cells]` where scores are
/// means of several answers, `answers.variances` F32 `[cells]` where it is known how far these are
/// apart (NaN where not), and the metadata `format_version`, `models`, `encoder`, `texts_digest`
/// (SHA-256 of `questions.csv`) and `checksum`. The model file has the checksum as
/// `questions_digest`, so the questions of another model are never used.
///
/// @param matrix answers to the n training questions, [m, n]
/// @param vectors their vectors, [n, q], in the same order
/// @param references the right answer by a question's id, where it is known
public record TrainingQuestions(
    CorrectnessMatrix matrix, QuestionVectors vectors, Map<String, Reference> references) {
  private static final String FOLDER = ".questions";
  private static final String VERSION = "1";
  private static final String TEXTS = "questions.csv";
  private static final String ANSWERS = "answers.safetensors";
  private static final String REPEATS = "answers.repeats";
  private static final String VARIANCES = "answers.variances";
  private static final List<String> REFERENCE = List.of("reference", "options");

  /// Questions whose right answers are not known.
  public TrainingQuestions(CorrectnessMatrix matrix, QuestionVectors vectors) {
    this(matrix, vectors, Map.of());
  }

  public TrainingQuestions {
    references = Map.copyOf(references);
    List<String> ids = matrix.questions().stream().map(Question::id).toList();
    if (!ids.equals(vectors.ids())) {
      throw new IllegalArgumentException("the vectors are of other questions than the answers");
    }
  }

  /// The same questions with those right answers that are known of them.
  ///
  /// @param known right answers by a question's id, also of other questions
  public TrainingQuestions withReferences(Map<String, Reference> known) {
    Map<String, Reference> own = new HashMap<>();
    for (Question question : matrix.questions()) {
      Reference reference = known.getOrDefault(question.id(), Reference.NONE);
      if (!reference.equals(Reference.NONE)) {
        own.put(question.id(), reference);
      }
    }
    return new TrainingQuestions(matrix, vectors, own);
  }

  /// The folder of a model file's training questions: beside the file itself, whatever symbolic
  /// links name it.
  public static Path folder(Path model) {
    Path beside = model.resolveSibling(model.getFileName() + FOLDER);
    if (!Files.isSymbolicLink(model)) {
      return beside;
    }
    try {
      Path file = AtomicFile.followed(model);
      Path own = file.resolveSibling(file.getFileName() + FOLDER);
      // Earlier versions wrote beside the link.
      return Files.isDirectory(own) || !Files.isDirectory(beside) ? own : beside;
    } catch (IOException e) {
      return beside;
    }
  }

  /// Refuses a model whose questions could not be written beside it.
  static void requirePlace(Path model) {
    Path folder = folder(model);
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw BadInputException.in(
          folder, "is a file; the training questions need a folder of that name: move it away");
    }
    // Any file in it: its folder must be one that can be made or written, with a name not too long.
    AtomicFile.requireName(folder);
    AtomicFile.requirePlace(folder.resolve(TEXTS));
  }

  /// Bytes that questions take beside a model at least: vectors, answers and texts.
  ///
  /// @param dimension q of the vectors
  static long leastBytes(CorrectnessMatrix matrix, int dimension) {
    long bytes =
        (long) matrix.questionCount() * dimension * Float.BYTES
            + (long) matrix.cellCount() * (Integer.BYTES + Float.BYTES);
    for (Question question : matrix.questions()) {
      bytes += question.id().length() + question.text().length();
    }
    return bytes;
  }

  /// Writes the questions beside `model`, in a folder of their own: those that the present model
  /// file names stay as they are. The model file is the pointer, which is replaced last.
  ///
  /// @return the digest to be kept in the model file
  public String write(Path model) throws IOException {
    return write(model, digest -> {});
  }

  /// What is bound to questions by their digest.
  @FunctionalInterface
  interface Bound {
    void write(String digest) throws IOException;
  }

  /// [#write], and then what is bound to the questions; where either fails, new questions are gone
  /// again.
  String write(Path model, Bound bound) throws IOException {
    MessageDigest texts = Sha256.newDigest();
    writeTexts(new DigestOutputStream(OutputStream.nullOutputStream(), texts));
    Checksum.Writer answers = answers(Sha256.hex(texts.digest()));
    String digest = answers.checksum();
    Path folder = generation(model, digest);
    boolean fresh = !Files.exists(folder);
    try {
      Files.createDirectories(folder);
      AtomicFile.writeStream(folder.resolve(TEXTS), this::writeTexts);
      answers.write(folder.resolve(ANSWERS));
      bound.write(digest);
    } catch (IOException | RuntimeException e) {
      if (fresh) {
        discard(folder);
      }
      throw e;
    }
    return digest;
  }

  private static void discard(Path folder) {
    try {
      AtomicDirectory.delete(folder);
      Path all = folder.getParent();
      if (all != null) {
        Files.delete(all); // where it is empty
      }
    } catch (IOException e) {
      // The next command that writes the model removes them.
      return;
    }
  }

  private Checksum.Writer answers(String textsDigest) throws IOException {
    var writer = new Checksum.Writer();
    writer.matrix("vectors", vectors.vectors());
    int cells = matrix.cellCount();
    int[] offsets = new int[matrix.questionCount() + 1];
    int[] models = new int[cells];
    float[] scores = new float[cells];
    for (int j = 0; j < offsets.length; j++) {
      offsets[j] = matrix.firstCell(j);
    }
    for (int c = 0; c < cells; c++) {
      models[c] = matrix.cellModel(c);
      scores[c] = matrix.cellScore(c);
    }
    writer.ints("answers.offsets", offsets, offsets.length);
    writer.ints("answers.models", models, cells);
    writer.floats("answers.scores", scores, cells);
    float[] repeats = new float[cells];
    float[] variances = new float[cells];
    for (int c = 0; c < cells; c++) {
      repeats[c] = matrix.cellRepeats(c);
      variances[c] = matrix.cellVariance(c);
    }
    if (matrix.hasRepeats()) {
      writer.floats(REPEATS, repeats, cells);
    }
    if (matrix.hasVariances()) {
      writer.floats(VARIANCES, variances, cells);
    }
    writer.metadata("format_version", VERSION);
    writer.metadata("models", JsonTrees.write(matrix.models()));
    writer.metadata("encoder", EncoderJson.write(vectors.encoder()));
    writer.metadata("texts_digest", textsDigest);
    return writer;
  }

  private static Path generation(Path model, String digest) {
    return folder(model).resolve(digest.substring(0, Math.min(16, digest.length())));
  }

  /// Removes questions that no model file needs anymore: all but those of the model that is there
  /// now and of the one before, which somebody may have just opened.
  static void prune(Path model, Optional<String> now, Optional<String> before) {
    try {
      removeOthers(model, now, before);
    } catch (IOException e) {
      // The model is written; the next command that writes it removes them.
      return;
    }
  }

  private static void removeOthers(Path model, Optional<String> now, Optional<String> before)
      throws IOException {
    Path folder = folder(model);
    if (now.isEmpty() || !Files.isDirectory(folder)) {
      return;
    }
    Set<Path> kept = new HashSet<>();
    kept.add(generation(model, now.get()));
    before.ifPresent(digest -> kept.add(generation(model, digest)));
    boolean flat = before.isPresent() && !Files.isDirectory(generation(model, before.get()));
    List<Path> entries;
    try (Stream<Path> all = Files.list(folder)) {
      entries = all.toList();
    }
    for (Path entry : entries) {
      String name = String.valueOf(entry.getFileName());
      boolean old = Files.isDirectory(entry) ? name.matches("[0-9a-f]{16}") : isFlat(name) && !flat;
      if (old && !kept.contains(entry)) {
        AtomicDirectory.delete(entry);
      }
    }
  }

  /// Files of earlier versions, which had one set of questions in the folder itself.
  private static boolean isFlat(String name) {
    return name.equals(TEXTS) || name.equals(ANSWERS);
  }

  private void writeTexts(OutputStream out) throws IOException {
    try (CsvWriter csv =
        CsvWriter.builder()
            .build(
                new java.io.FilterOutputStream(out) {
                  @Override
                  public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                  }

                  @Override
                  public void close() throws IOException {
                    // AtomicFile syncs and closes the file itself.
                    out.flush();
                  }
                })) {
      boolean known = !references.isEmpty();
      List<String> columns = List.of("prompt_id", "category", "prompt");
      csv.writeRecord(
          known ? Stream.concat(columns.stream(), REFERENCE.stream()).toList() : columns);
      for (Question question : matrix.questions()) {
        List<String> row =
            new ArrayList<>(List.of(question.id(), question.benchmark(), question.text()));
        if (known) {
          Reference reference = references.getOrDefault(question.id(), Reference.NONE);
          row.add(reference.answer());
          row.add(reference.options().isEmpty() ? "" : JsonTrees.write(reference.options()));
        }
        csv.writeRecord(row);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// The training questions that must be beside a model file.
  ///
  /// @throws BadInputException when there are none, or the folder is damaged or belongs to another
  ///   model
  public static TrainingQuestions requireBeside(Path model, ModelArtifact artifact)
      throws IOException {
    return beside(model, artifact)
        .orElseThrow(() ->
            BadInputException.in(
                model,
                "has no training questions beside it: train it again, without --no-questions"));
  }

  /// The training questions beside a model file.
  ///
  /// @return empty where the model was written without them, or the folder does not exist
  /// @throws BadInputException when the folder is damaged or belongs to another model
  public static Optional<TrainingQuestions> beside(Path model, ModelArtifact artifact)
      throws IOException {
    Optional<Path> place = placeBeside(model, artifact);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    Path folder = place.get();
    Safetensors file = Safetensors.open(folder.resolve(ANSWERS));
    Checksum.verify(file, "train again, or bring the file back");
    if (!artifact.questionsDigest().get().equals(file.metadata().get(Checksum.KEY))) {
      throw BadInputException.in(
          folder, "belongs to another model than " + model + ": train again, or restore its own");
    }
    Path texts = folder.resolve(TEXTS);
    if (!Files.isRegularFile(texts)) {
      throw BadInputException.in(texts, "does not exist");
    }
    if (!Sha256.of(texts).equals(file.metadata().get("texts_digest"))) {
      throw BadInputException.in(texts, "was altered or damaged");
    }
    try {
      Map<String, Reference> references = new HashMap<>();
      return Optional.of(assemble(file, readTexts(texts, references), references));
    } catch (JacksonException | IllegalArgumentException e) {
      throw BadInputException.in(folder, "is no valid set of questions: " + e.getMessage(), e);
    }
  }

  /// Whether training questions are beside a model file, for commands that do not need them.
  ///
  /// @param verified files that need not be read whole to know it
  /// @throws BadInputException when the folder is damaged or belongs to another model
  public static boolean areBeside(Path model, ModelArtifact artifact, VerifiedFiles verified)
      throws IOException {
    Optional<Path> folder = placeBeside(model, artifact);
    if (folder.isEmpty()) {
      return false;
    }
    Optional<String> looks = looks(folder.get(), verified);
    String checksum = artifact.questionsDigest().orElse("");
    if (looks.isPresent() && verified.contains(looks.get(), checksum)) {
      return true;
    }
    boolean beside = beside(model, artifact).isPresent();
    if (beside && looks.isPresent() && looks.equals(looks(folder.get(), verified))) {
      verified.add(looks.get(), checksum);
    }
    return beside;
  }

  private static Optional<String> looks(Path folder, VerifiedFiles verified) {
    return verified
        .look(folder.resolve(ANSWERS))
        .flatMap(
            answers -> verified.look(folder.resolve(TEXTS)).map(texts -> answers + " " + texts));
  }

  /// The folder of the questions beside a model file; empty where it was written without them, or
  /// the folder does not exist.
  private static Optional<Path> placeBeside(Path model, ModelArtifact artifact) {
    if (artifact.questionsDigest().isEmpty() || !Files.isDirectory(folder(model))) {
      return Optional.empty();
    }
    Path own = generation(model, artifact.questionsDigest().get());
    Path folder = Files.isDirectory(own) ? own : folder(model);
    if (!Files.exists(folder.resolve(ANSWERS))) {
      throw BadInputException.in(
          folder, "has no questions of " + model + ": train again, or restore its own");
    }
    return Optional.of(folder);
  }

  private static TrainingQuestions assemble(
      Safetensors file, List<Question> questions, Map<String, Reference> references)
      throws IOException {
    List<String> models = JsonTrees.strings(file.metadata().getOrDefault("models", "[]"));
    EncoderIdentity encoder = EncoderJson.read(file.metadata().getOrDefault("encoder", "{}"));
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofCells(
            models,
            questions,
            file.ints("answers.offsets"),
            file.ints("answers.models"),
            file.floats("answers.scores"));
    if (file.has(VARIANCES)) {
      matrix = matrix.withRepeats(file.floats(REPEATS), file.floats(VARIANCES));
    } else if (file.has(REPEATS)) {
      matrix = matrix.withRepeats(file.floats(REPEATS));
    }
    List<String> ids = questions.stream().map(Question::id).toList();
    return new TrainingQuestions(
        matrix, new QuestionVectors(ids, file.matrix("vectors"), encoder), references);
  }

  private static List<Question> readTexts(Path texts, Map<String, Reference> references)
      throws IOException {
    List<Question> questions = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> csv =
        CsvReader.builder().maxBufferSize(1 << 28).ofNamedCsvRecord(Utf8Text.open(texts))) {
      for (NamedCsvRecord row : csv) {
        questions.add(
            new Question(
                row.getField("prompt_id"), row.getField("prompt"), row.getField("category")));
        String answer = row.findField("reference").orElse("");
        String options = row.findField("options").orElse("");
        if (!answer.isEmpty() || !options.isEmpty()) {
          references.put(
              row.getField("prompt_id"),
              new Reference(answer, options.isEmpty() ? List.of() : JsonTrees.strings(options)));
        }
      }
    } catch (CsvParseException | java.util.NoSuchElementException e) {
      throw BadInputException.notCsv(texts, e);
    }
    return questions;
  }
}
