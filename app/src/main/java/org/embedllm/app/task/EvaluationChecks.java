package org.embedllm.app.task;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.GroupCalibration;
import org.embedllm.forecast.RepeatErrors;
import org.embedllm.forecast.ScoreCeiling;
import org.embedllm.itemresponse.LabelSuspects;
import org.embedllm.routing.RouterChoices;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/// What limits the numbers of an evaluation: answers that change from one time to the next,
/// benchmarks that training had no question of, and labels that look wrong.
///
/// @param ceiling the best scores any forecaster could reach; empty without repeated answers
/// @param again how well one more answer to a training question is forecast; empty where it is not
///   known how far answers are apart
/// @param newBenchmarks calibration on new benchmarks; empty with fewer than two of them
/// @param labels what suspect labels change
public record EvaluationChecks(
    Optional<ScoreCeiling> ceiling,
    Optional<RepeatErrors> again,
    Optional<GroupCalibration> newBenchmarks,
    Labels labels) {
  /// Bound on the share of wrong entries among the suspect labels.
  public static final double FALSE_DISCOVERY_RATE = 0.05;

  /// What suspect labels change.
  ///
  /// @param listed suspect questions in the whole data set
  /// @param questions how many of them were evaluated
  /// @param without the numbers without these; empty where there are none, or nothing else
  public record Labels(int listed, int questions, Optional<Without> without) {}

  /// Accuracies without suspect labels.
  ///
  /// @param accuracy of the forecasts
  /// @param logLoss of the forecasts
  /// @param router of the routed model
  /// @param singleBest of the single best model
  public record Without(
      Estimate accuracy, Estimate logLoss, Estimate router, Estimate singleBest) {}

  /// @param data everything that is known of the data set
  /// @param questions the training questions kept beside the artifact
  /// @param asked what was evaluated
  public static EvaluationChecks of(
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      EvaluationData data,
      PoolEvaluation.Asked asked) {
    CorrectnessMatrix answers = asked.answers();
    FloatMatrix probabilities = artifact.forecaster().forecast(asked.vectors().vectors());
    Set<String> trained = new HashSet<>(artifact.training().benchmarks());
    trained.add(Question.NO_BENCHMARK);
    return new EvaluationChecks(
        ScoreCeiling.of(answers, probabilities, answers::cellRepeats),
        RepeatedAnswersCheck.of(artifact, questions, asked.seed()),
        GroupCalibration.of(answers, probabilities, trained, asked.seed()),
        labels(artifact, data.matrix(), asked, probabilities));
  }

  private static Labels labels(
      ModelArtifact artifact,
      CorrectnessMatrix all,
      PoolEvaluation.Asked asked,
      FloatMatrix probabilities) {
    CorrectnessMatrix answers = asked.answers();
    LabelSuspects suspects = LabelSuspects.of(all, FALSE_DISCOVERY_RATE);
    Set<String> ids =
        suspects.suspects().stream()
            .map(suspect -> all.questions().get(suspect.question()).id())
            .collect(Collectors.toSet());
    int[] kept =
        IntStream.range(0, answers.questionCount())
            .filter(j -> !ids.contains(answers.questions().get(j).id()))
            .toArray();
    int evaluated = answers.questionCount() - kept.length;
    return new Labels(
        suspects.suspects().size(),
        evaluated,
        evaluated == 0 || kept.length == 0
            ? Optional.empty()
            : Optional.of(without(artifact, asked, probabilities, kept)));
  }

  private static Without without(
      ModelArtifact artifact, PoolEvaluation.Asked asked, FloatMatrix probabilities, int[] kept) {
    CorrectnessMatrix rest = asked.answers().selectQuestions(kept);
    FloatMatrix forecasts = probabilities.selectRows(kept);
    ForecastEvaluation forecast =
        ForecastEvaluation.of(rest, forecasts, artifact.training(), Optional.empty(), asked.seed());
    RoutingEvaluation routing =
        RoutingEvaluation.of(
            rest,
            RouterChoices.best(rest, forecasts, artifact.training()),
            artifact.training(),
            Optional.empty(),
            asked.seed());
    return new Without(
        forecast.accuracy(), forecast.logLoss(), routing.router(), routing.singleBest());
  }

  /// The checks as members of the JSON of `evaluate --json`.
  public Map<String, @Nullable Object> members() {
    Json labeled =
        new Json()
            .put("suspects", labels.listed())
            .put("evaluatedSuspects", labels.questions())
            .put("falseDiscoveryRate", FALSE_DISCOVERY_RATE)
            .put("without", labels.without().map(EvaluationChecks::json).orElse(null));
    Json members = new Json().put("labels", labeled);
    members.put("ceiling", ceiling.map(EvaluationChecks::json).orElse(null));
    if (ceiling.isEmpty()) {
      members.put("ceilingReason", "no model answered a question more than once");
    }
    members.put("oneMoreAnswer", again.map(RepeatedAnswersCheck::json).orElse(null));
    if (again.isEmpty()) {
      members.put("oneMoreAnswerReason", RepeatedAnswersCheck.NONE);
    }
    members.put("newBenchmarks", newBenchmarks.map(EvaluationChecks::json).orElse(null));
    if (newBenchmarks.isEmpty()) {
      members.put("newBenchmarksReason", "fewer than two benchmarks are new to the model");
    }
    return members.document();
  }

  private static Json json(Without without) {
    return new Json()
        .put("accuracy", without.accuracy())
        .put("logLoss", without.logLoss())
        .put("router", without.router())
        .put("singleBest", without.singleBest());
  }

  private static Json json(ScoreCeiling ceiling) {
    return new Json()
        .put("cells", ceiling.cells())
        .put("answers", ceiling.answers())
        .put("accuracy", bound(ceiling.accuracy()))
        .put("brier", bound(ceiling.brier()))
        .put("logLoss", bound(ceiling.logLoss()));
  }

  private static Json bound(ScoreCeiling.Bound bound) {
    return new Json().put("best", bound.best()).put("reached", bound.reached());
  }

  private static Json json(GroupCalibration calibration) {
    return new Json()
        .put("benchmarks", calibration.groups())
        .put("cells", calibration.cells())
        .put("calibrationError", calibration.error())
        .put("calibrationErrorIfPerfect", calibration.errorIfPerfect());
  }

  /// Prints the checks that have something to say.
  public void print(Console console) {
    ceiling.ifPresent(c -> {
      console.line("");
      console.line(
          "Ceiling: %d answers were given more than once. On these no forecaster is right more often than %s; this one is on %s.",
          c.cells(),
          TextTable.percent(c.accuracy().best()),
          TextTable.percent(c.accuracy().reached()));
    });
    again.ifPresent(errors -> RepeatedAnswersCheck.print(errors, console));
    newBenchmarks.ifPresent(g -> {
      console.line("");
      console.line(
          "New benchmarks: calibration error %s on %d; chance gives a perfect forecaster %s.",
          TextTable.number(g.error(), 3), g.groups(), TextTable.number(g.errorIfPerfect(), 3));
    });
    if (labels.listed() > 0) {
      console.line("");
      console.line(
          "Labels: %d questions look wrongly keyed, %d of them evaluated here (inspect --suspects lists them).",
          labels.listed(), labels.questions());
      labels
          .without()
          .ifPresent(w ->
              console.line(
                  "Without them: accuracy %s, log loss %s, router %s, single best %s.",
                  TextTable.percent(w.accuracy().value()),
                  TextTable.number(w.logLoss().value(), 3),
                  TextTable.percent(w.router().value()),
                  TextTable.percent(w.singleBest().value())));
    }
  }
}
