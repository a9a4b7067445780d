package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.Neighborhoods;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// §5.1, Table 1: forecasting accuracy of nearest neighbours and of the factorization by number of
/// training questions.
///
/// For each size and seed a sample of the training questions is drawn (nested in size); k and d are
/// chosen by validation accuracy, averaged over the seeds; test accuracy is the mean over the seeds
/// with an interval over resampled questions.
final class Table1Experiment {
  private static final int PAPER_FROM = 15_000;
  private static final int PAPER_STEP = 5_000;
  private static final int MOST_SMALLER = 4;
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
    int sizes = sizes(setup.data().split().questions(SplitPart.TRAIN).length).size();
    return sizes * setup.seeds() * (setup.dimensions().size() + 1);
  }

  /// One run: a method at a size with a seed and a setting.
  private record Task(int size, int seed, int dimension) {
    boolean neighbors() {
      return dimension == 0;
    }
  }

  /// What a run said.
  ///
  /// @param size number of training questions
  /// @param setting k or d
  /// @param validation accuracy
  /// @param right [n test], right forecasts on each question
  record Outcome(int size, int setting, double validation, List<Integer> right) {}

  ExperimentResult run() {
    ExperimentSetup setup = bench.setup();
    List<Integer> sizes = sizes(train.length);
    List<Task> tasks = new ArrayList<>();
    for (int size : sizes.reversed()) {
      for (int seed = 0; seed < setup.seeds(); seed++) {
        tasks.add(new Task(size, seed, 0));
        for (int d : setup.dimensions().reversed()) {
          tasks.add(new Task(size, seed, d));
        }
      }
    }
    List<List<Outcome>> outcomes = bench.parallel(tasks, this::outcomes);
    List<Outcome> neighbors = new ArrayList<>();
    List<Outcome> factorization = new ArrayList<>();
    for (int k = 0; k < tasks.size(); k++) {
      (tasks.get(k).neighbors() ? neighbors : factorization).addAll(outcomes.get(k));
    }
    List<Choice> knn = sizes.stream().map(size -> choose(neighbors, size)).toList();
    List<Choice> mf = sizes.stream().map(size -> choose(factorization, size)).toList();
    return new Table1Report(setup, sizes, knn, mf, estimates(sizes.size(), knn, mf)).result();
  }

  /// The setting with the highest validation accuracy at a size.
  ///
  /// @param setting k or d
  /// @param validation mean validation accuracy by setting
  /// @param runs its runs, one for each seed
  record Choice(int size, int setting, Map<Integer, Double> validation, List<Outcome> runs) {}

  private static Choice choose(List<Outcome> outcomes, int size) {
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

  /// By size: neighbours, factorization, factorization − neighbours.
  private List<List<Estimate>> estimates(int sizes, List<Choice> knn, List<Choice> mf) {
    int n = test.length;
    double[][] right = new double[2 * sizes][n];
    for (int s = 0; s < sizes; s++) {
      average(knn.get(s), right[2 * s]);
      average(mf.get(s), right[2 * s + 1]);
    }
    List<Estimate> flat =
        new QuestionBootstrap(n, QuestionBootstrap.RESAMPLES, bench.setup().options().seed())
            .estimates(
                3 * sizes,
                (counts, into) -> {
                  double cells = 0;
                  double[] sums = new double[2 * sizes];
                  for (int j = 0; j < n; j++) {
                    if (counts[j] > 0) {
                      cells += (double) counts[j] * testAnswers.cellCount(j);
                      for (int k = 0; k < sums.length; k++) {
                        sums[k] += counts[j] * right[k][j];
                      }
                    }
                  }
                  for (int s = 0; s < sizes; s++) {
                    into[3 * s] = sums[2 * s] / cells;
                    into[3 * s + 1] = sums[2 * s + 1] / cells;
                    into[3 * s + 2] = into[3 * s + 1] - into[3 * s];
                  }
                });
    return IntStream.range(0, sizes).mapToObj(s -> flat.subList(3 * s, 3 * s + 3)).toList();
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
        "table1 size %d seed %d %s %s"
            .formatted(
                task.size(),
                task.seed(),
                task.neighbors() ? "knn" : "d " + task.dimension(),
                task.neighbors() ? bench.setup().neighborCounts() : "");
    List<Outcome> outcomes =
        bench
            .journal()
            .json(key)
            .map(Table1Experiment::read)
            .orElseGet(() -> {
              List<Outcome> fresh =
                  task.neighbors() ? neighbors(task) : List.of(factorization(task));
              bench.journal().put(key, written(fresh));
              return fresh;
            });
    bench.finished("table 1, %,d questions".formatted(task.size()));
    return outcomes;
  }

  private int[] sample(Task task) {
    return Bench.sample(train, task.size(), bench.setup().options().seed() + task.seed());
  }

  private Outcome factorization(Task task) {
    TrainingOptions options = bench.setup().options();
    options =
        options
            .withDimension(task.dimension())
            .withSeed(options.seed() + task.seed())
            .withThreads(1);
    var model = bench.train(sample(task), options).model();
    FloatMatrix onValidation = model.forecast(bench.vectors(validation).vectors());
    FloatMatrix onTest = model.forecast(bench.vectors(test).vectors());
    return new Outcome(
        task.size(),
        task.dimension(),
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
    var knn = new NearestNeighborsForecaster(answers, bench.vectors(questions), largest, 1);
    Neighborhoods nearValidation = knn.nearest(bench.vectors(validation).vectors(), largest);
    Neighborhoods nearTest = knn.nearest(bench.vectors(test).vectors(), largest);
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

  /// Accuracy of each model's training majority on the test questions.
  static double majority(CorrectnessMatrix train, CorrectnessMatrix test) {
    AnswerCounts counts = AnswerCounts.of(train);
    int right = 0;
    for (int c = 0; c < test.cellCount(); c++) {
      boolean correct = CorrectnessMatrix.isCorrect(test.cellScore(c));
      right += counts.majority(test.cellModel(c)) == correct ? 1 : 0;
    }
    return (double) right / test.cellCount();
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
