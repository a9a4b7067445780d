package org.embedllm.app.experiment;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.neighbors.NeighborSearch;
import org.embedllm.neighbors.VoteCount;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.RouterChoices;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;

/// §5.2, Figure 4: how often the routed model is right, beside every baseline; the threshold of
/// §3.2; speed and memory.
final class RoutingExperiment {
  private final ExperimentContext context;
  private final TextSpeed textSpeed;
  private final LongSupplier nanos;

  /// Measures routing from text; empty without an encoder.
  @FunctionalInterface
  interface TextSpeed {
    /// Questions encoded in a second, one after another.
    Optional<Double> perSecond();
  }

  RoutingExperiment(ExperimentContext context, TextSpeed textSpeed, LongSupplier nanos) {
    this.context = context;
    this.textSpeed = textSpeed;
    this.nanos = nanos;
  }

  /// Number of units of work.
  static int units() {
    return 1;
  }

  ExperimentResult run() {
    ExperimentSetup setup = context.setup();
    ExperimentContext.Fitted fitted = context.main();
    CorrectnessMatrix train = context.answers(context.questions(SplitPart.TRAIN));
    QuestionVectors trainSentences = context.sentences(context.questions(SplitPart.TRAIN));
    CorrectnessMatrix validation = context.answers(context.questions(SplitPart.VALIDATION));
    CorrectnessMatrix test = context.answers(context.questions(SplitPart.TEST));
    QuestionVectors validationVectors = context.vectors(context.questions(SplitPart.VALIDATION));
    QuestionVectors testVectors = context.vectors(context.questions(SplitPart.TEST));
    AnswerCounts counts = AnswerCounts.of(train);
    FloatMatrix forecasts = fitted.model().forecast(testVectors.vectors());
    int k =
        validation.cellCount() == 0
            ? NearestNeighborsForecaster.PUBLISHED_K
            : NeighborCountChoice.choose(
                    train,
                    trainSentences,
                    validation,
                    context.sentences(context.questions(SplitPart.VALIDATION)),
                    setup.neighborCounts(),
                    setup.options().threads())
                .k();
    NeighborVotes votes =
        VoteCount.of(
            new NeighborSearch(trainSentences.vectors(), setup.options().threads())
                .nearest(context.sentences(context.questions(SplitPart.TEST)).vectors(), k),
            k,
            train);
    RoutingEvaluation routing =
        RoutingEvaluation.of(test, forecasts, counts, Optional.of(votes), setup.options().seed());
    RoutingEvaluation neighbors =
        RoutingEvaluation.of(
            test,
            RouterChoices.byVotes(test, votes, counts),
            counts,
            Optional.empty(),
            setup.options().seed());
    Optional<ThresholdCurve> threshold =
        ThresholdCurve.of(
            counts,
            setup.prices(),
            new ThresholdCurve.Forecasts(
                validation, fitted.model().forecast(validationVectors.vectors())),
            new ThresholdCurve.Forecasts(test, forecasts),
            setup.options().seed());
    RoutingSpeed speed =
        new RoutingSpeed(
            RoutingSpeed.questionsMeasured(),
            test.modelCount(),
            RoutingSpeed.perSecond(fitted.model(), testVectors.vectors(), nanos),
            textSpeed.perSecond(),
            fitted.seconds(),
            fitted.peakMemoryBytes().isPresent()
                ? Optional.of(fitted.peakMemoryBytes().getAsLong())
                : Optional.empty());
    context.finished("routing");
    return new RoutingReport(
            routing,
            neighbors.perBenchmark(),
            PaperSingleBest.of(test),
            k,
            ReliabilityReport.calibration(test, forecasts, setup.options().seed()),
            threshold,
            speed)
        .result();
  }
}
