package org.embedllm.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;

/// The whole library in one sitting: answers in, a model file out, and a prompt sent to the
/// cheapest model that will probably get it right.
///
/// Arguments: a table of answers, a model file to write, a CSV of prices, a prompt.
public final class TrainAndRoute {
  private TrainAndRoute() {}

  public static void main(String[] arguments) throws Exception {
    Path table = Path.of(arguments[0]);
    Path file = Path.of(arguments[1]);
    ModelPrices prices = ModelPrices.read(Path.of(arguments[2]));
    String prompt = arguments[3];

    EvaluationData data = DatasetLoader.load(table).data();
    try (QuestionEncoder encoder =
        Encoders.open(Encoders.DEFAULT, EncoderSettings.of(System.getenv()))) {
      train(data, encoder).write(file, true);
      Route route = route(ModelArtifact.open(file), encoder, prices, prompt);
      System.out.println(route.model() + ": " + route.reason());
    }
  }

  private static PoolTrainer.Trained train(EvaluationData data, QuestionEncoder encoder) {
    List<Question> questions = data.matrix().questions();
    QuestionVectors vectors =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            encoder.encode(questions.stream().map(Question::text).toList()),
            encoder.identity());
    return new PoolTrainer(new MatrixFactorizationTrainer(TrainingOptions.PUBLISHED), "example")
        .train(
            new PoolTrainer.Input(
                data.part(SplitPart.TRAIN),
                data.part(SplitPart.VALIDATION),
                vectors,
                data.digest(),
                Map.of(),
                data.callCosts()),
            TrainingListener.NONE);
  }

  private static Route route(
      ModelArtifact pool, QuestionEncoder encoder, ModelPrices prices, String prompt) {
    pool.requireEncoder(encoder.identity());
    float[] vector = encoder.encode(List.of(prompt)).row(0);
    int tokens = encoder.tokenCount(prompt);
    return new Router(new RoutingPolicy.Cheapest(0.8))
        .route(
            pool.forecaster().forecast(vector).models(), model -> prices.cost(model, tokens, 300));
  }
}
