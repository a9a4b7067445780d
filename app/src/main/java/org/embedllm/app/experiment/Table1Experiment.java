package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.Neighborhoods;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tower.KernelOptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// §5.1, Table 1: forecasting accuracy of nearest neighbours, of the paper's factorization, and of
/// the one with a kernel tower, by number of training questions.
///
/// For each size and seed a sample of the training questions is drawn (nested in size); k and d are
/// chosen by validation accuracy, averaged over the seeds; test accuracy is the mean over the seeds
/// with an interval over resampled questions.
final class Table1Experiment {
  private static final int PAPER_FROM = 15_000;
  private static final int PAPER_STEP = 5_000;
  private static final int MOST_SMALLER = 4;
  private static final int KERNEL_REPEATED = 2_500; // questions
  private static final List<Integer> LADDER =
      List.of(50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000);

  private final Bench bench;
  private final int[] train;
  private final int[] validation;
  private final int[] test;
  private final CorrectnessMatrix validationAnswers;
  private final CorrectnessMatrix testAnswers;

  Table1Experiment(Bench bench) {
    this.bench = bench;
    this.train = bench.questions(SplitPart.TRAIN);
    this.validation = bench.questions(SplitPart.VALIDATION);
    this.test = bench.questions(SplitPart.TEST);
    this.validationAnswers = bench.answers(validation);
    this.testAnswers = bench.answers(test);
  }

  /// The sizes for a number of training questions: the paper's 1K, 5K, 10K, ... where there are
  /// enough, otherwise a ladder of round numbers; always all of them last.
  static List<Integer> sizes(int questions) {
    List<Integer> sizes = new ArrayList<>();
    if (questions >= PAPER_FROM) {
      sizes.add(1_000);
      for (int size = PAPER_STEP; size < 0.95 * questions; size += PAPER_STEP) {
        sizes.add(size);
      }
    } else {
      List<Integer> below = LADDER.stream().filter(size -> size < 0.8 * questions).toList();
      sizes.addAll(below.subList(Math.max(0, below.size() - MOST_SMALLER), below.size()));
    }
    sizes.add(questions);
    return List.copyOf(sizes);
  }

  /// Number of units of work.
  static int units(ExperimentSetup setup) {
    int units = 0;
    for (int size : sizes(setup.data().split().questions(SplitPart.TRAIN).length)) {
      units += setup.seeds() * (setup.dimensions().size() + 1);
      units += setup.kernel().isPresent() ? kernelSeeds(setup, size) : 0;
    }
    return units;
  }

  /// The kernel tower draws its landmarks at random and nothing else; trainings on many questions
  /// are costly and differ little.
  private static int kernelSeeds(ExperimentSetup setup, int size) {
    return size <= KERNEL_REPEATED ? setup.seeds() : 1;
  }

  /// The methods that are compared, in the order of their columns.
  enum Method {
    NEIGHBORS("Nearest neighbours", "knn"),
    PAPER("Matrix factorization as in the paper", "paper"),
    KERNEL("Matrix factorization with a kernel tower", "kernel");

    private final String title;
    private final String key;

    Method(String title, String key) {
      this.title = title;
      this.key = key;
    }

    String title() {
      return title;
    }

    String key() {
      return key;
    }
  }

  /// One run: a method at a size with a seed and, for the paper's factorization, a dimension.
  private record Task(Method method, int size, int seed, int dimension) {}

  /// What a run said.
  ///
  /// @param size number of training questions
  /// @param setting k or d
  /// @param validation accuracy
  /// @param right [n test], right forecasts on each question
  record Outcome(int size, int setting, double validation, List<Integer> right) {}

  ExperimentResult run() {
    List<Integer> sizes = sizes(train.length);
    List<Task> tasks = tasks(sizes);
    List<List<Outcome>> outcomes = bench.parallel(tasks, this::outcomes);
    Map<Method, List<Choice>> choices = new EnumMap<>(Method.class);
    for (Method method : methods()) {
      List<Outcome> own = new ArrayList<>();
      for (int k = 0; k < tasks.size(); k++) {
        if (tasks.get(k).method() == method) {
          own.addAll(outcomes.get(k));
        }
      }
      choices.put(method, sizes.stream().map(size -> choose(method, own, size)).toList());
    }
    return new Table1Report(bench.setup(), sizes, choices, estimates(choices)).result();
  }

  private List<Method> methods() {
    return bench.setup().kernel().isPresent()
        ? List.of(Method.values())
        : List.of(Method.NEIGHBORS, Method.PAPER);
  }

  private List<Task> tasks(List<Integer> sizes) {
    List<Task> tasks = new ArrayList<>();
    for (int size : sizes.reversed()) {
      for (int seed = 0; seed < bench.setup().seeds(); seed++) {
        for (Method method : methods().reversed()) {
          if (method == Method.KERNEL && seed >= kernelSeeds(bench.setup(), size)) {
            continue;
          }
          if (method == Method.PAPER) {
            for (int d : bench.setup().dimensions().reversed()) {
              tasks.add(new Task(method, size, seed, d));
            }
          } else {
            tasks.add(new Task(method, size, seed, 0));
          }
        }
      }
    }
    return tasks;
  }

  /// The setting with the highest validation accuracy at a size.
  ///
  /// @param setting k or d
  /// @param validation mean validation accuracy by setting
  /// @param runs its runs, one for each seed
  record Choice(int size, int setting, Map<Integer, Double> validation, List<Outcome> runs) {}

  private static Choice choose(Method method, List<Outcome> outcomes, int size) {
    if (method == Method.KERNEL) {
      return ownChoices(outcomes, size);
    }
    Map<Integer, List<Outcome>> bySetting = new TreeMap<>();
    outcomes.stream()
        .filter(outcome -> outcome.size() == size)
        .forEach(o -> bySetting.computeIfAbsent(o.setting(), s -> new ArrayList<>()).add(o));
    Map<Integer, Double> validation = new TreeMap<>();
    bySetting.forEach((setting, runs) ->
        validation.put(
            setting, runs.stream().mapToDouble(Outcome::validation).average().orElse(0)));
    int best =
        validation.entrySet().stream()
            .max(
                Map.Entry.<Integer, Double>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
            .orElseThrow()
            .getKey();
    return new Choice(size, best, validation, bySetting.getOrDefault(best, List.of()));
  }

  /// Each seed has chosen its own d on validation: all of them count, the most frequent is shown.
  private static Choice ownChoices(List<Outcome> outcomes, int size) {
    List<Outcome> runs = outcomes.stream().filter(outcome -> outcome.size() == size).toList();
    Map<Integer, Long> counts = new TreeMap<>();
    Map<Integer, Double> validation = new TreeMap<>();
    for (Outcome run : runs) {
      counts.merge(run.setting(), 1L, Long::sum);
      validation.merge(run.setting(), run.validation(), Math::max);
    }
    int usual =
        counts.entrySet().stream()
            .max(
                Map.Entry.<Integer, Long>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
            .orElseThrow()
            .getKey();
    return new Choice(size, usual, validation, runs);
  }

  /// Estimates by method and size, and the differences of each factorization to the neighbours.
  ///
  /// @param accuracies by method, a list by size
  /// @param gains by method but the neighbours, a list by size
  record Estimates(Map<Method, List<Estimate>> accuracies, Map<Method, List<Estimate>> gains) {}

  private Estimates estimates(Map<Method, List<Choice>> choices) {
    int n = test.length;
    List<Method> methods = List.copyOf(choices.keySet());
    int sizes = choices.values().iterator().next().size();
    int columns = methods.size() * sizes;
    double[][] right = new double[columns][n];
    for (int k = 0; k < columns; k++) {
      average(
          choices.getOrDefault(methods.get(Math.floorDiv(k, sizes)), List.of()).get(k % sizes),
          right[k]);
    }
    List<Estimate> flat =
        new QuestionBootstrap(n, QuestionBootstrap.RESAMPLES, bench.setup().options().seed())
            .estimates(
                2 * columns,
                (counts, into) -> {
                  double cells = 0;
                  double[] sums = new double[columns];
                  for (int j = 0; j < n; j++) {
                    if (counts[j] > 0) {
                      cells += (double) counts[j] * testAnswers.cellCount(j);
                      for (int k = 0; k < columns; k++) {
                        sums[k] += counts[j] * right[k][j];
                      }
                    }
                  }
                  for (int k = 0; k < columns; k++) {
                    into[k] = sums[k] / cells;
                    into[columns + k] = (sums[k] - sums[k % sizes]) / cells;
                  }
                });
    Map<Method, List<Estimate>> accuracies = new EnumMap<>(Method.class);
    Map<Method, List<Estimate>> gains = new EnumMap<>(Method.class);
    for (int k = 0; k < methods.size(); k++) {
      accuracies.put(methods.get(k), flat.subList(k * sizes, (k + 1) * sizes));
      gains.put(methods.get(k), flat.subList(columns + k * sizes, columns + (k + 1) * sizes));
    }
    return new Estimates(accuracies, gains);
  }

  private static void average(Choice choice, double[] into) {
    for (Outcome run : choice.runs()) {
      for (int j = 0; j < into.length; j++) {
        into[j] += (double) run.right().get(j) / choice.runs().size();
      }
    }
  }

  private List<Outcome> outcomes(Task task) {
    String key =
        switch (task.method()) {
          case NEIGHBORS -> "knn %s".formatted(bench.setup().neighborCounts());
          case PAPER -> "d %d".formatted(task.dimension());
          case KERNEL -> "kernel";
        };
    key = "table1 size %d seed %d %s".formatted(task.size(), task.seed(), key);
    Optional<JsonNode> kept = bench.journal().json(key);
    List<Outcome> outcomes;
    if (kept.isPresent()) {
      outcomes = read(kept.get());
    } else {
      outcomes =
          switch (task.method()) {
            case NEIGHBORS -> neighbors(task);
            case PAPER -> List.of(paper(task));
            case KERNEL -> List.of(kernel(task));
          };
      bench.journal().put(key, written(outcomes));
    }
    bench.finished("table 1, %,d questions".formatted(task.size()));
    return outcomes;
  }

  private Outcome kernel(Task task) {
    KernelOptions options = bench.setup().kernel().orElseThrow();
    options = options.withSeed(options.seed() + task.seed()).withThreads(1);
    return outcome(task, bench.trainKernel(sample(task), options).model(), bench::vectors);
  }

  private int[] sample(Task task) {
    return Bench.sample(train, task.size(), bench.setup().options().seed() + task.seed());
  }

  private Outcome paper(Task task) {
    TrainingOptions options = bench.setup().options();
    options =
        options
            .withDimension(task.dimension())
            .withSeed(options.seed() + task.seed())
            .withThreads(1);
    return outcome(task, bench.train(sample(task), options).model(), bench::sentences);
  }

  private Outcome outcome(
      Task task, MatrixFactorization model, Function<int[], QuestionVectors> vectors) {
    FloatMatrix onValidation = model.forecast(vectors.apply(validation).vectors());
    FloatMatrix onTest = model.forecast(vectors.apply(test).vectors());
    return new Outcome(
        task.size(),
        model.dimension(),
        accuracy(validationAnswers, onValidation),
        right(testAnswers, onTest));
  }

  private List<Outcome> neighbors(Task task) {
    int[] questions = sample(task);
    CorrectnessMatrix answers = bench.answers(questions);
    List<Integer> counts =
        bench.setup().neighborCounts().stream().filter(k -> k <= questions.length).toList();
    List<Integer> tried = counts.isEmpty() ? List.of(questions.length) : counts;
    int largest = tried.stream().mapToInt(Integer::intValue).max().orElseThrow();
    var knn = new NearestNeighborsForecaster(answers, bench.sentences(questions), largest, 1);
    Neighborhoods nearValidation = knn.nearest(bench.sentences(validation).vectors(), largest);
    Neighborhoods nearTest = knn.nearest(bench.sentences(test).vectors(), largest);
    List<Outcome> outcomes = new ArrayList<>();
    for (int k : tried) {
      var voters = knn.withK(k);
      outcomes.add(
          new Outcome(
              task.size(),
              k,
              accuracy(validationAnswers, voters.forecast(nearValidation)),
              right(testAnswers, voters.forecast(nearTest))));
    }
    return outcomes;
  }

  private static double accuracy(CorrectnessMatrix answers, FloatMatrix forecasts) {
    long right = right(answers, forecasts).stream().mapToLong(Integer::longValue).sum();
    return answers.cellCount() == 0 ? Double.NaN : (double) right / answers.cellCount();
  }

  /// Right forecasts on each question.
  private static List<Integer> right(CorrectnessMatrix answers, FloatMatrix forecasts) {
    List<Integer> right = new ArrayList<>(answers.questionCount());
    for (int j = 0; j < answers.questionCount(); j++) {
      int count = 0;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        boolean forecast = CorrectnessMatrix.isCorrect(forecasts.get(j, answers.cellModel(c)));
        count += forecast == CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? 1 : 0;
      }
      right.add(count);
    }
    return right;
  }

  private static ArrayNode written(List<Outcome> outcomes) {
    ArrayNode array = Numbers.array();
    for (Outcome outcome : outcomes) {
      ObjectNode node = array.addObject().put("size", outcome.size());
      node.put("setting", outcome.setting()).put("validation", outcome.validation());
      ArrayNode right = node.putArray("right");
      outcome.right().forEach(right::add);
    }
    return array;
  }

  private static List<Outcome> read(JsonNode array) {
    List<Outcome> outcomes = new ArrayList<>();
    for (JsonNode node : array) {
      List<Integer> right = new ArrayList<>();
      node.path("right").forEach(value -> right.add(value.asInt(0)));
      outcomes.add(
          new Outcome(
              node.path("size").asInt(0),
              node.path("setting").asInt(0),
              node.path("validation").asDouble(0),
              right));
    }
    return outcomes;
  }
}
