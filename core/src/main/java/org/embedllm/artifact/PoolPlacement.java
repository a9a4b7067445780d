package org.embedllm.artifact;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.embedllm.correctness.Question;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.tensor.Checksum;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import tools.jackson.core.JacksonException;

/// The part of a pool that places new models: ids and parameters of its questions, and the prior.
/// It has no text, vector or answer, so it is a tenth of the model file with its questions, and a
/// cluster can send it to every process. Immutable.
///
/// The file is a safetensors file with the tensors of the model file that have the same names, and
/// the metadata `placement_version`, `ids`, `question_benchmarks` (one for each question),
/// `dispersion_between`, `dispersion_within` and `checksum`; `right_from` where the pool was
/// trained on labels ([RightFrom]).
public final class PoolPlacement {
  private static final String VERSION = "1";
  private static final List<String> TENSORS =
      List.of(
          KernelTraining.PRIOR,
          KernelTraining.INPUTS,
          KernelTraining.KNOWN,
          KernelTraining.ABILITY);
  private static final double[] NONE = new double[0];

  private final SortedMap<String, FloatMatrix> tensors;
  private final List<Question> questions; // without texts
  private final ModelVectorProblem problem;
  private final OptionalDouble rightFrom;
  private final Map<String, Integer> rows; // by id

  private PoolPlacement(
      Map<String, FloatMatrix> tensors,
      List<Question> questions,
      ModelVectorProblem problem,
      OptionalDouble rightFrom) {
    this.rightFrom = rightFrom;
    this.tensors = new TreeMap<>(tensors);
    this.questions = questions;
    this.problem = problem;
    this.rows = HashMap.newHashMap(questions.size());
    for (int j = 0; j < questions.size(); j++) {
      rows.put(questions.get(j).id(), j);
    }
  }

  /// The part of a model file.
  ///
  /// @param questions the training questions kept beside the file
  /// @throws BadInputException when the artifact lacks what adding a model needs
  public static PoolPlacement of(ModelArtifact artifact, TrainingQuestions questions) {
    ModelVectorProblem problem = new ModelAddition(artifact, questions).problem();
    Map<String, FloatMatrix> tensors = new HashMap<>(artifact.tensors());
    tensors.keySet().retainAll(TENSORS);
    List<Question> ids =
        questions.matrix().questions().stream()
            .map(question -> new Question(question.id(), "", question.benchmark()))
            .toList();
    return new PoolPlacement(tensors, ids, problem, RightFrom.of(artifact));
  }

  /// Reads a file that [#write] wrote.
  ///
  /// @throws BadInputException when it is no such file, or was altered
  public static PoolPlacement open(Path file) throws IOException {
    Safetensors read = Safetensors.open(file);
    String version = read.metadata().getOrDefault("placement_version", "");
    if (!version.equals(VERSION)) {
      throw BadInputException.in(
          file,
          "is no placement file of version %s: its placement_version is \"%s\""
              .formatted(VERSION, version));
    }
    Checksum.verify(read, "write it again from its model file");
    Map<String, FloatMatrix> tensors = new HashMap<>();
    for (String name : TENSORS) {
      tensors.put(name, read.matrix(name));
    }
    String rightFrom = read.metadata().get(RightFrom.NOTE);
    try {
      List<String> ids = JsonTrees.strings(ArtifactFormat.required(read, "ids"));
      List<String> benchmarks =
          JsonTrees.strings(ArtifactFormat.required(read, "question_benchmarks"));
      if (ids.size() != benchmarks.size()) {
        throw BadInputException.in(
            file, "has %d ids and %d benchmarks".formatted(ids.size(), benchmarks.size()));
      }
      List<Question> questions = new ArrayList<>();
      for (int j = 0; j < ids.size(); j++) {
        questions.add(new Question(ids.get(j), "", benchmarks.get(j)));
      }
      return new PoolPlacement(
          tensors,
          List.copyOf(questions),
          ModelPlacement.of(
                  tensors,
                  questions,
                  new ScoreDispersion(
                      Double.parseDouble(ArtifactFormat.required(read, "dispersion_between")),
                      Double.parseDouble(ArtifactFormat.required(read, "dispersion_within"))))
              .orElseThrow(),
          rightFrom == null
              ? OptionalDouble.empty()
              : OptionalDouble.of(Double.parseDouble(rightFrom)));
    } catch (JacksonException | IllegalArgumentException e) {
      throw BadInputException.in(file, "is no valid placement file: " + e.getMessage(), e);
    }
  }

  /// Reads what [#toBytes] gave.
  ///
  /// @throws BadInputException when it is something else, or was altered
  public static PoolPlacement ofBytes(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("embedllm-placement", ".safetensors");
    try {
      Files.write(file, bytes);
      return open(file);
    } finally {
      Files.delete(file);
    }
  }

  /// The bytes of the file that [#write] writes.
  public byte[] toBytes() throws IOException {
    Path folder = Files.createTempDirectory("embedllm-placement");
    Path file = folder.resolve("placement.safetensors");
    try {
      write(file);
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /// Writes the file atomically. The same pool gives the same bytes.
  public void write(Path file) throws IOException {
    var writer = new Checksum.Writer();
    tensors.forEach(writer::matrix);
    writer.metadata("placement_version", VERSION);
    writer.metadata("ids", JsonTrees.write(questions.stream().map(Question::id).toList()));
    writer.metadata(
        "question_benchmarks",
        JsonTrees.write(questions.stream().map(Question::benchmark).toList()));
    ScoreDispersion dispersion = problem.known().dispersion();
    writer.metadata("dispersion_between", Double.toString(dispersion.between()));
    writer.metadata("dispersion_within", Double.toString(dispersion.within()));
    rightFrom.ifPresent(from -> writer.metadata(RightFrom.NOTE, Double.toString(from)));
    writer.write(file);
  }

  /// k, the length of a model's vector.
  public int dimension() {
    return problem.dimension();
  }

  /// Number of known questions.
  public int questionCount() {
    return questions.size();
  }

  /// Row of a known question.
  public OptionalInt row(String id) {
    Integer row = rows.get(id);
    return row == null ? OptionalInt.empty() : OptionalInt.of(row);
  }

  /// Places a model by its answers to known questions, with the bits that [ModelAddition] gives.
  ///
  /// @param model its name
  /// @param given its scores, or labels of the pool's threshold
  public ModelAddition.Added place(String model, ItemResponses given) {
    ItemResponses answers = RightFrom.labeled(given, rightFrom);
    Ability ability = problem.known().ability(answers);
    LaplacePosterior vector =
        problem.solve(
            answers, ability, FloatMatrix.wrap(0, problem.dimension(), new float[0]), NONE);
    return new ModelAddition.Added(model, answers.count(), 0, ability, vector);
  }
}
