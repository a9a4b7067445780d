package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FaultyFiles;
import org.embedllm.storage.StoredBytes;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelAdditionTest {
  @TempDir private Path folder;

  @Test
  void place_answersOfAnExistingModel_writesItsTwinBesideIt() throws IOException {
    CorrectnessMatrix matrix = matrix();
    Path file = folder.resolve("pool.safetensors");
    new PoolTrainer(
            new KernelFactorizationTrainer(KernelOptions.DEFAULT.withDimensions(List.of(2))),
            "test")
        .train(
            new PoolTrainer.Input(
                matrix,
                matrix.selectQuestions(new int[0]),
                vectors(matrix),
                "00",
                Map.of(),
                Map.of()),
            report -> {})
        .write(file, true);
    ModelArtifact artifact = ModelArtifact.open(file);
    var addition =
        new ModelAddition(artifact, TrainingQuestions.beside(file, artifact).orElseThrow());
    CorrectnessMatrix twin = matrix.selectModels(new int[] {2});
    ModelAddition.Added added = addition.place(twin, 0, Optional.empty());
    assertThat(added.knownAnswers()).isEqualTo(120);
    assertThatThrownBy(() -> addition.with(List.of(added)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("model-2");
    var renamed = new ModelAddition.Added("twin", 120, 0, added.ability(), added.vector());
    Path extended = folder.resolve("extended.safetensors");
    addition.with(List.of(renamed)).write(extended, true);
    ModelArtifact read = ModelArtifact.open(extended);
    assertThat(read.factorization().models()).endsWith("twin");
    assertThat(read.factorization().modelVectors().row(6))
        .isEqualTo(read.factorization().modelVectors().row(2));
    assertThat(read.forecaster().forecast(new float[] {1, 0, 0}).models()).hasSize(7);
    assertThat(TrainingQuestions.beside(extended, read)).isPresent();
  }

  @Test
  void diskWithoutSpaceForTheModel_isRefusedBeforeTheTraining() throws IOException {
    CorrectnessMatrix matrix = matrix();
    var trainer = new PoolTrainer(new KernelFactorizationTrainer(KernelOptions.DEFAULT), "test");
    var input =
        new PoolTrainer.Input(
            matrix, matrix.selectQuestions(new int[0]), vectors(matrix), "00", Map.of(), Map.of());
    Path file = folder.resolve("pool.safetensors");
    trainer.train(input, report -> {}).write(file, true);
    long written = StoredBytes.of(folder);
    var files = new FaultyFiles(folder, FaultyFiles.Fault.WRITE, Integer.MAX_VALUE);

    files.free(written);
    trainer.requireSpace(files.of(file), input, true);
    files.free(written / 4);
    assertThatThrownBy(() -> trainer.requireSpace(files.of(file), input, true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(file + ": needs about");
  }

  @Test
  void placeAll_anyNumberOfThreads_placesEachModelAsAlone() throws IOException {
    CorrectnessMatrix matrix = matrix();
    PoolTrainer.Trained trained =
        new PoolTrainer(
                new KernelFactorizationTrainer(KernelOptions.DEFAULT.withDimensions(List.of(2))),
                "test")
            .train(
                new PoolTrainer.Input(
                    matrix,
                    matrix.selectQuestions(new int[0]),
                    vectors(matrix),
                    "00",
                    Map.of(),
                    Map.of()),
                report -> {});
    var addition = new ModelAddition(trained.artifact(), trained.questions());
    CorrectnessMatrix newcomers = newcomers(matrix.questions());
    java.util.Set<Integer> heard = java.util.concurrent.ConcurrentHashMap.newKeySet();
    List<ModelAddition.Added> three =
        addition.placeAll(newcomers, Optional.empty(), 3, () -> 0, (i, s) -> heard.add(i));
    assertThat(heard).hasSize(40);
    for (int i = 0; i < 40; i++) {
      ModelAddition.Added alone = addition.place(newcomers, i, Optional.empty());
      assertThat(three.get(i).model()).isEqualTo("new-" + i);
      assertThat(three.get(i).vector().mean()).isEqualTo(alone.vector().mean());
      assertThat(three.get(i).ability().value()).isEqualTo(alone.ability().value());
    }
    assertThat(addition.with(three).artifact().factorization().models()).hasSize(46);
  }

  private static CorrectnessMatrix newcomers(List<Question> questions) {
    var random = new SplittableRandom(8);
    float[][] scores = new float[questions.size()][40];
    List<String> models = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      models.add("new-" + i);
      for (float[] row : scores) {
        row[i] = random.nextDouble() < 0.5 ? Float.NaN : random.nextInt(2);
      }
    }
    return CorrectnessMatrix.ofDense(models, questions, scores);
  }

  private static QuestionVectors vectors(CorrectnessMatrix matrix) {
    var random = new SplittableRandom(4);
    float[] values = new float[matrix.questionCount() * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new QuestionVectors(
        matrix.questions().stream().map(Question::id).toList(),
        FloatMatrix.wrap(matrix.questionCount(), 3, values),
        new EncoderIdentity("simulated", "00", 3, 0));
  }

  private static CorrectnessMatrix matrix() {
    var random = new SplittableRandom(2);
    float[][] scores = new float[120][6];
    List<Question> questions = new ArrayList<>();
    List<String> models = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      models.add("model-" + i);
    }
    for (int j = 0; j < 120; j++) {
      questions.add(new Question("q" + j, "text " + j, "b" + j % 2));
      for (int i = 0; i < 6; i++) {
        scores[j][i] = random.nextDouble() < 0.2 + 0.1 * i ? 1 : 0;
      }
    }
    return CorrectnessMatrix.ofDense(models, questions, scores);
  }
}
