package org.embedllm.app.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.embedllm.app.cli.Suggestion;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.SplitPart;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The questions of a training: from the command line, or again from the provenance of a model
/// file.
public final class TrainingSelection {
  private static final String EXCLUDED = "exclude-benchmark";
  private static final String DRAWN = "train-questions";
  private static final String ARRAY = "[";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Option(
      names = "--train-questions",
      paramLabel = "N",
      description = "Train on this number of training questions, drawn by the seed.")
  private @Nullable Integer trainQuestions;

  @Option(
      names = "--exclude-benchmark",
      paramLabel = "NAME",
      description = "Train without the questions of a benchmark; may be repeated.")
  private List<String> excluded = new ArrayList<>();

  /// @param train answers to the training questions
  /// @param validation answers to the validation questions
  /// @param provenance settings of the selection, by name
  public record Chosen(
      CorrectnessMatrix train, CorrectnessMatrix validation, Map<String, String> provenance) {}

  /// Never looks at a test question.
  public Chosen choose(EvaluationData data, long seed) {
    CorrectnessMatrix train = data.part(SplitPart.TRAIN);
    for (String name : excluded) {
      if (!train.benchmarks().contains(name)) {
        throw BadInputException.of(
            "--exclude-benchmark: there is no benchmark \"%s\" among the training questions%s"
                .formatted(name, Suggestion.didYouMean(name, train.benchmarks())));
      }
    }
    Map<String, String> provenance = new TreeMap<>();
    CorrectnessMatrix kept = without(train, excluded);
    if (!excluded.isEmpty()) {
      provenance.put(EXCLUDED, written(excluded));
    }
    Integer wanted = trainQuestions;
    if (wanted != null) {
      if (wanted < 1 || wanted > kept.questionCount()) {
        throw BadInputException.of(
            "--train-questions must be between 1 and the %d training questions; got %d"
                .formatted(kept.questionCount(), wanted));
      }
      provenance.put(DRAWN, Integer.toString(wanted));
      kept = kept.selectQuestions(sample(kept.questionCount(), wanted, seed));
    }
    if (kept.cellCount() == 0) {
      throw BadInputException.of(
          data.votes().isEmpty()
              ? "there is no answer to any training question to learn from"
              : "there are votes alone, and this takes scores: right or wrong, or grades");
    }
    return new Chosen(kept, without(data.part(SplitPart.VALIDATION), excluded), provenance);
  }

  /// The training questions of a model, selected again.
  ///
  /// @param provenance options of that training; its seed
  public static CorrectnessMatrix again(
      EvaluationData data, Map<String, String> provenance, long seed) {
    CorrectnessMatrix train =
        without(data.part(SplitPart.TRAIN), read(provenance.getOrDefault(EXCLUDED, "")));
    String drawn = provenance.getOrDefault(DRAWN, "");
    return drawn.isEmpty()
        ? train
        : train.selectQuestions(sample(train.questionCount(), Integer.parseInt(drawn), seed));
  }

  /// Names as text: with commas between them, as all versions read it; as a JSON array where that
  /// would be read as other names.
  private static String written(List<String> names) {
    boolean plain = names.stream().noneMatch(name -> name.contains(",") || name.startsWith(ARRAY));
    return plain ? String.join(",", names) : JSON.writeValueAsString(names);
  }

  private static List<String> read(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    if (text.startsWith(ARRAY)) {
      try {
        return List.of(JSON.readValue(text, String[].class));
      } catch (JacksonException e) {
        // An older version wrote the name of a benchmark that begins so.
      }
    }
    return List.of(text.split(","));
  }

  private static CorrectnessMatrix without(CorrectnessMatrix matrix, List<String> benchmarks) {
    if (benchmarks.isEmpty()) {
      return matrix;
    }
    int[] kept = new int[matrix.questionCount()];
    int count = 0;
    for (int j = 0; j < kept.length; j++) {
      if (!benchmarks.contains(matrix.questions().get(j).benchmark())) {
        kept[count++] = j;
      }
    }
    return matrix.selectQuestions(Arrays.copyOf(kept, count));
  }

  /// `count` of the numbers below `n`, ascending, drawn without replacement.
  private static int[] sample(int n, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] drawn = new int[count];
    int taken = 0;
    for (int j = 0; j < n; j++) {
      if (random.nextInt(n - j) < count - taken) {
        drawn[taken++] = j;
      }
    }
    return drawn;
  }
}
