package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;

/// From a table of answers to a model file.
///
/// The table is a CSV with the columns `model_name,prompt,label` (and, if you like, `category` and
/// `prompt_id`). Run it with `--add-modules jdk.incubator.vector`: without, training takes several
/// times longer and gives the same file.
public final class TrainRouter {
  private TrainRouter() {}

  /// @param arguments the CSV and the model file to write
  public static void main(String[] arguments) throws IOException {
    train(Path.of(arguments[0]), Path.of(arguments[1]), TrainingOptions.DEFAULT);
  }

  static void train(Path csv, Path modelFile, TrainingOptions options) throws IOException {
    // Who answered what correctly, and a split by question: 80 % train, 10 % validation, 10 % test.
    Dataset dataset = DatasetLoader.load(csv);
    CorrectnessMatrix train = dataset.data().part(SplitPart.TRAIN);
    CorrectnessMatrix validation = dataset.data().part(SplitPart.VALIDATION);

    // A vector for every question that training may see.
    List<Question> questions = new ArrayList<>(train.questions());
    questions.addAll(validation.questions());
    QuestionVectors vectors;
    try (QuestionEncoder encoder =
        Encoders.open(Encoders.DEFAULT, EncoderSettings.of(System.getenv()))) {
      vectors =
          new QuestionVectors(
              questions.stream().map(Question::id).toList(),
              encoder.encode(questions.stream().map(Question::text).toList()),
              encoder.identity());
    }

    // A vector for every model, written with all that `Route` and the command line want to know.
    new PoolTrainer(new MatrixFactorizationTrainer(options), "my program 1.0")
        .train(
            new PoolTrainer.Input(
                train, validation, vectors, dataset.data().digest(), Map.of(), Map.of()),
            epoch -> {})
        .write(modelFile, true);
  }
}
