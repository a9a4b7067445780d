package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Vote;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.Trainer;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.forecast.Forecast;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.linalg.Logistic;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.votes.VoteTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainersTest {
  private static final List<Vote> VOTES = List.of(new Vote(0, 0, 1, Vote.Winner.MODEL_A, 1));

  @Test
  void of_options_choosesTheirTrainer() {
    var kernel = Optional.of(KernelOptions.DEFAULT);
    TrainingOptions linear = TrainingOptions.PUBLISHED;
    assertThat(Trainers.of(Optional.empty(), linear, List.of()))
        .isInstanceOf(MatrixFactorizationTrainer.class);
    assertThat(Trainers.of(kernel, linear, List.of()))
        .isInstanceOf(KernelFactorizationTrainer.class);
    assertThat(Trainers.of(kernel, linear, VOTES)).isInstanceOf(VoteTrainer.class);
    assertThatThrownBy(() -> Trainers.of(Optional.empty(), linear, VOTES))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// Forecasts each model's share of right answers, whatever the question.
  private record ShareTrainer() implements Trainer {
    @Override
    public TrainingResult train(TrainingProblem problem, TrainingListener listener) {
      CorrectnessMatrix train = problem.train();
      int m = train.models().size();
      int q = problem.features().columns();
      double[] sums = new double[m];
      int[] counts = new int[m];
      for (int c = 0; c < train.cellCount(); c++) {
        sums[train.cellModel(c)] += train.cellScore(c);
        counts[train.cellModel(c)]++;
      }
      float[] logits = new float[m];
      for (int i = 0; i < m; i++) {
        logits[i] = (float) Logistic.logit((sums[i] + 0.5) / (counts[i] + 1));
      }
      return new TrainingResult(
          new MatrixFactorization(
              train.models(),
              problem.encoder(),
              new FeatureMap.Identity(q),
              FloatMatrix.wrap(m, 1, logits),
              FloatMatrix.wrap(1, q, new float[q]),
              FloatMatrix.wrap(1, 1, new float[] {1}),
              FloatMatrix.wrap(2, 1, new float[] {0, 1}),
              FloatMatrix.wrap(1, 2, new float[2])),
          TrainingHistory.now(List.of(), train.cellCount(), train.questionCount(), 1, 0),
          Map.of(),
          Map.of("own", "note"),
          Map.of());
    }

    @Override
    public Map<String, String> settings(TrainingProblem problem) {
      return Map.of("forecaster", "share");
    }

    @Override
    public long seed() {
      return 3;
    }

    @Override
    public int threads() {
      return 1;
    }
  }

  @Test
  void poolTrainer_withATrainerOfAProgram_writesAModelFileThatForecasts(@TempDir Path folder)
      throws IOException {
    CorrectnessMatrix answers = ArtifactSamples.answers();
    var input =
        new PoolTrainer.Input(
            answers,
            answers.selectQuestions(new int[0]),
            ArtifactSamples.questions().vectors(),
            "00",
            Map.of(),
            Map.of());
    Path file = folder.resolve("own.safetensors");
    new PoolTrainer(new ShareTrainer(), "test")
        .train(input, TrainingListener.NONE)
        .write(file, true);

    ModelArtifact artifact = ModelArtifact.open(file);
    assertThat(artifact.provenance().options()).containsEntry("forecaster", "share");
    assertThat(artifact.provenance().seed()).isEqualTo(3);
    assertThat(artifact.notes()).containsEntry("own", "note");
    Forecast forecast = artifact.forecaster().forecast(new float[] {1, 2, 3});
    for (int i = 0; i < ArtifactSamples.MODELS.size(); i++) {
      double sum = 0.5;
      int count = 1;
      for (int j = 0; j < answers.questionCount(); j++) {
        float score = answers.score(i, j);
        sum += Float.isNaN(score) ? 0 : score;
        count += Float.isNaN(score) ? 0 : 1;
      }
      assertThat(forecast.models().get(i).probability()).isCloseTo(sum / count, within(1e-5));
    }
  }
}
