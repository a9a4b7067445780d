package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.app.experiment.Table1Runs.Outcome;
import org.embedllm.app.experiment.Table1Runs.Task;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;

/// §5.1, Table 1: forecasting accuracy of nearest neighbors, of the paper's factorization, and of
/// the kernel factorization, by number of training questions.
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

  private final ExperimentContext context;
  private final CorrectnessMatrix testAnswers;

  Table1Experiment(ExperimentContext context) {
    this.context = context;
    this.testAnswers = context.answers(context.questions(SplitPart.TEST));
  }

  /// The sizes for a number of training questions: the paper's 1K, 5K, 10K, ... where there are
  /// enough, otherwise round numbers; the last is always all of them.
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

  /// In the kernel factorization only the start of the landmarks is random; trainings on many
  /// questions are costly and differ little.
  private static int kernelSeeds(ExperimentSetup setup, int size) {
    return size <= KERNEL_REPEATED ? setup.seeds() : 1;
  }

  /// The methods that are compared, in the order of their columns.
  enum Method {
    NEIGHBORS("Nearest neighbors", "knn"),
    PAPER("Matrix factorization as in the paper", "paper"),
    KERNEL("Kernel factorization", "kernel");

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

  ExperimentResult run() {
    List<Integer> sizes = sizes(context.questions(SplitPart.TRAIN).length);
    List<Task> tasks = tasks(sizes);
    List<List<Outcome>> outcomes = context.parallel(tasks, new Table1Runs(context)::outcomes);
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
    return new Table1Report(context.setup(), sizes, choices, estimates(choices)).result();
  }

  private List<Method> methods() {
    return context.setup().kernel().isPresent()
        ? List.of(Method.values())
        : List.of(Method.NEIGHBORS, Method.PAPER);
  }

  private List<Task> tasks(List<Integer> sizes) {
    List<Task> tasks = new ArrayList<>();
    for (int size : sizes.reversed()) {
      for (int seed = 0; seed < context.setup().seeds(); seed++) {
        for (Method method : methods().reversed()) {
          if (method == Method.KERNEL && seed >= kernelSeeds(context.setup(), size)) {
            continue;
          }
          if (method == Method.PAPER) {
            for (int d : context.setup().dimensions().reversed()) {
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

  /// Each seed chooses its own d on validation: all count, the most frequent is shown.
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

  /// Estimates by method and size, and the differences of each factorization to the neighbors.
  ///
  /// @param accuracies by method, a list by size
  /// @param gains by method without the neighbors, a list by size
  record Estimates(Map<Method, List<Estimate>> accuracies, Map<Method, List<Estimate>> gains) {}

  private Estimates estimates(Map<Method, List<Choice>> choices) {
    int n = testAnswers.questionCount();
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
        new QuestionBootstrap(n, QuestionBootstrap.RESAMPLES, context.setup().options().seed())
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
}
