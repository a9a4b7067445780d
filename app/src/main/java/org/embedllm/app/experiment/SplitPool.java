package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.Trainers;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.CostCurve;
import org.embedllm.routing.ForecastedQuestions;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.PricedForecasts;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageModel;
import org.embedllm.usage.UsageTrainer;

/// A pool on one split of the questions: questions with forecasts that did not see their answers,
/// for choosing, and the test questions.
///
/// @param evidence validation questions, and training questions where the pool forecasts these
///   without their answers
/// @param test the test questions
/// @param costs of calls
record SplitPool(List<ForecastedQuestions> evidence, ForecastedQuestions test, CallCosts costs) {
  static final double USUAL_TOKENS = 300; // of an answer, where nothing forecasts it

  SplitPool {
    evidence = List.copyOf(evidence);
  }

  /// Trains on the training questions of a split.
  ///
  /// @param kernel options of the kernel factorization; empty for the paper's factorization
  static SplitPool train(
      ExperimentSetup setup, QuestionSplit split, Optional<KernelOptions> kernel) {
    CorrectnessMatrix train = answers(setup, split, SplitPart.TRAIN);
    CorrectnessMatrix validation = answers(setup, split, SplitPart.VALIDATION);
    PoolTrainer trainer = new PoolTrainer(Trainers.of(kernel, setup.options(), List.of()), "");
    ModelArtifact artifact =
        trainer
            .train(
                new PoolTrainer.Input(
                    train,
                    validation,
                    setup.vectors(),
                    setup.data().digest(),
                    Map.of(),
                    setup.data().callCosts()),
                TrainingListener.NONE)
            .artifact();
    Optional<UsageModel> usage =
        new UsageTrainer(setup.options().seed(), setup.options().threads())
            .fit(
                train.models(),
                observed(setup, split, SplitPart.TRAIN),
                observed(setup, split, SplitPart.VALIDATION));
    return of(setup, split, usage.map(artifact::withUsage).orElse(artifact));
  }

  /// A pool that is there already.
  ///
  /// @param artifact trained on the training questions of the split, its models those of the data
  static SplitPool of(ExperimentSetup setup, QuestionSplit split, ModelArtifact artifact) {
    List<ForecastedQuestions> evidence = new ArrayList<>();
    if (answers(setup, split, SplitPart.VALIDATION).cellCount() > 0) {
      evidence.add(
          forecasted(
              setup,
              split,
              SplitPart.VALIDATION,
              forecasts(setup, split, SplitPart.VALIDATION, artifact)));
    }
    artifact
        .crossFittedForecasts()
        .filter(f -> f.rows() == split.questions(SplitPart.TRAIN).length)
        .ifPresent(f -> evidence.add(forecasted(setup, split, SplitPart.TRAIN, f)));
    return new SplitPool(
        evidence,
        forecasted(setup, split, SplitPart.TEST, forecasts(setup, split, SplitPart.TEST, artifact)),
        setup.prices().equals(ModelPrices.ofCalls(setup.data().callCosts()))
            ? CallCosts.ofLogs(setup.data().callCosts(), artifact.usage())
            : CallCosts.ofPrices(setup.prices(), artifact.usage(), USUAL_TOKENS));
  }

  /// The curve of quality against cost.
  CostCurve curve(long seed) {
    List<PricedForecasts> parts = evidence.stream().map(part -> part.priced(costs)).toList();
    return CostCurve.of(parts, test.priced(costs), seed);
  }

  private static FloatMatrix forecasts(
      ExperimentSetup setup, QuestionSplit split, SplitPart part, ModelArtifact artifact) {
    int[] questions = split.questions(part);
    CorrectnessForecaster forecaster = artifact.forecaster();
    return forecaster.forecast(
        forecaster
            .attributes()
            .beside(
                setup.vectors().select(questions).vectors(),
                setup.data().matrix().selectQuestions(questions).questions()));
  }

  private static ForecastedQuestions forecasted(
      ExperimentSetup setup, QuestionSplit split, SplitPart part, FloatMatrix forecasts) {
    int[] questions = split.questions(part);
    return new ForecastedQuestions(
        answers(setup, split, part),
        forecasts,
        Optional.empty(),
        Optional.empty(),
        setup.vectors().select(questions).vectors(),
        setup.data().usage().selectQuestions(questions),
        AnswerCounts.of(answers(setup, split, SplitPart.TRAIN)));
  }

  private static CorrectnessMatrix answers(
      ExperimentSetup setup, QuestionSplit split, SplitPart part) {
    return setup.data().matrix().selectQuestions(split.questions(part));
  }

  private static UsageTrainer.Observed observed(
      ExperimentSetup setup, QuestionSplit split, SplitPart part) {
    int[] questions = split.questions(part);
    return new UsageTrainer.Observed(
        setup.data().usage().selectQuestions(questions),
        setup.vectors().select(questions).vectors());
  }
}
