package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.embedllm.app.experiment.Table1Experiment.Method;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.Neighborhoods;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The single runs behind Table 1: each trains one method on one sample of the training questions
/// and measures it on validation and test. The result of a run is kept in the result cache.
final class Table1Runs {
  private final ExperimentContext context;
  private final int[] train;
  private final int[] validation;
  private final int[] test;
  private final CorrectnessMatrix validationAnswers;
  private final CorrectnessMatrix testAnswers;

  Table1Runs(ExperimentContext context) {
    this.context = context;
    this.train = context.questions(SplitPart.TRAIN);
    this.validation = context.questions(SplitPart.VALIDATION);
    this.test = context.questions(SplitPart.TEST);
    this.validationAnswers = context.answers(validation);
    this.testAnswers = context.answers(test);
  }

  /// One run: a method at a size with a seed and, for the paper's factorization, a dimension.
  record Task(Method method, int size, int seed, int dimension) {}

  /// What a run said.
  ///
  /// @param size number of training questions
  /// @param setting k or d
  /// @param validation accuracy
  /// @param right [n test], right forecasts on each question
  record Outcome(int size, int setting, double validation, List<Integer> right) {}

  List<Outcome> outcomes(Task task) {
    String key =
        switch (task.method()) {
          case NEIGHBORS -> "knn %s".formatted(context.setup().neighborCounts());
          case PAPER -> "d %d".formatted(task.dimension());
          case KERNEL -> "kernel";
        };
    key = "table1 size %d seed %d %s".formatted(task.size(), task.seed(), key);
    Optional<JsonNode> kept = context.cache().json(key);
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
      context.cache().put(key, written(outcomes));
    }
    context.finished("table 1, %,d questions".formatted(task.size()));
    return outcomes;
  }

  private Outcome kernel(Task task) {
    KernelOptions options = context.setup().kernel().orElseThrow();
    options = options.withSeed(options.seed() + task.seed()).withThreads(1);
    return outcome(task, context.trainKernel(sample(task), options).model(), context::vectors);
  }

  private int[] sample(Task task) {
    return ExperimentContext.sample(
        train, task.size(), context.setup().options().seed() + task.seed());
  }

  private Outcome paper(Task task) {
    TrainingOptions options = context.setup().options();
    options =
        options
            .withDimension(task.dimension())
            .withSeed(options.seed() + task.seed())
            .withThreads(1);
    return outcome(task, context.train(sample(task), options).model(), context::sentences);
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
    CorrectnessMatrix answers = context.answers(questions);
    List<Integer> counts =
        context.setup().neighborCounts().stream().filter(k -> k <= questions.length).toList();
    List<Integer> tried = counts.isEmpty() ? List.of(questions.length) : counts;
    int largest = tried.stream().mapToInt(Integer::intValue).max().orElseThrow();
    var knn = new NearestNeighborsForecaster(answers, context.sentences(questions), largest, 1);
    Neighborhoods nearValidation = knn.nearest(context.sentences(validation).vectors(), largest);
    Neighborhoods nearTest = knn.nearest(context.sentences(test).vectors(), largest);
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
