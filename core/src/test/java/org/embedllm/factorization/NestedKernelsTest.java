package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.AttributeTable;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.SimulatedTasks;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.PromptVariant;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class NestedKernelsTest {
  private static final int TRAIN = 600;
  private static final int VALIDATION = 150;
  private static final KernelOptions SMALL =
      KernelOptions.DEFAULT.withLandmarks(120).withDimensions(List.of(3, 8)).withThreads(2);

  private final SimulatedTasks tasks = new SimulatedTasks(16, 1_000, 3);
  private final MatrixFactorization model = train(SMALL);
  private final CorrectnessMatrix test = tasks.questions(TRAIN + VALIDATION, 1_000);
  private final FloatMatrix vectors = tasks.vectors.of(test.questions()).vectors();

  private MatrixFactorization train(KernelOptions options) {
    return new KernelFactorizationTrainer(options).fit(tasks.problem(TRAIN, VALIDATION)).model();
  }

  private ForecastEvaluation measured(FloatMatrix forecasts) {
    return ForecastEvaluation.of(
        test, forecasts, AnswerCounts.of(tasks.questions(0, TRAIN)), Optional.empty(), 0);
  }

  @Test
  void forecast_knownTask_beatsTextAndReachesTheTable() {
    double known =
        measured(model.forecast(model.attributes().beside(vectors, test.questions())))
            .logLoss()
            .value();
    double withheld = measured(model.forecast(vectors)).logLoss().value();
    CorrectnessMatrix train = tasks.questions(0, TRAIN);
    AttributeTable table =
        AttributeTable.fit(train, AttributeEncoding.fit(train.questions())).orElseThrow();
    double byTable = measured(table.forecast(test.questions())).logLoss().value();
    assertThat(model.attributes().names()).containsExactly("task");
    assertThat(known).isLessThan(withheld - 0.02).isLessThan(byTable);
  }

  @Test
  void forecast_withheldTask_isAsGoodAsWithoutAttributes() {
    MatrixFactorization without = train(SMALL.withAttributesKnown(0));
    assertThat(without.attributes().names()).isEmpty();
    double withheld = measured(model.forecast(vectors)).accuracy().value();
    double never = measured(without.forecast(vectors)).accuracy().value();
    assertThat(withheld).isGreaterThan(never - 0.01);
  }

  @Test
  void forecast_taskNeverSeen_isThatOfAnUnknownTask() {
    float[] vector = vectors.row(0);
    Attributes unseen = Attributes.of(Map.of("task", new AttributeValue.Text("another")));
    assertThat(model.forecast(vector, unseen).models())
        .isEqualTo(model.forecast(vector, Attributes.NONE).models())
        .isEqualTo(model.forecast(vector).models());
  }

  @Test
  void forecast_novelForm_dependsOnMeaningAndContentAlone() {
    NestedKernels nested = (NestedKernels) model.features();
    List<Question> asked =
        test.questions().stream()
            .map(q ->
                new Question(
                    q.id(),
                    PromptVariant.WITHOUT_OPTIONS.of(q.text()),
                    q.benchmark(),
                    q.attributes()))
            .toList();
    QuestionVectors novel = TextFeatureVectors.append(tasks.sentences.of(asked), asked);
    float[] vector = novel.vectors().row(0);
    assertThat(nested.sources(vectors.row(0)).unfamiliarity()).isLessThan(1);
    assertThat(nested.sources(vector).unfamiliarity()).isEqualTo(1);
    float[] otherSurface = vector.clone();
    for (int x = 0; x < nested.columns().surface(); x += 2) {
      otherSurface[nested.columns().sentence() + x] = 0;
    }
    assertThat(model.forecast(otherSurface).models()).isEqualTo(model.forecast(vector).models());
    double exam = measured(model.forecast(vectors)).accuracy().value();
    double asAsked = measured(model.forecast(novel.vectors())).accuracy().value();
    assertThat(asAsked).isCloseTo(exam, within(0.03));
  }
}
