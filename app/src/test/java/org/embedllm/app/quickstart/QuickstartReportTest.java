package org.embedllm.app.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.app.web.Browser;
import org.embedllm.app.web.BrowserTab;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("training")
class QuickstartReportTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static JsonNode json(String text) {
    return JSON.readTree(text.replace('\'', '"'));
  }

  private static ModelArtifact artifact() {
    List<String> models = List.of("sim-oak-4b", "sim-oak-70b", "sim-pine-2b");
    SplittableRandom random = new SplittableRandom(1);
    int n = 20;
    int q = 4;
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[n][models.size()];
    float[] vectors = new float[n * q];
    for (int j = 0; j < n; j++) {
      questions.add(new Question("q" + j, "text " + j, "logic"));
      for (int i = 0; i < models.size(); i++) {
        scores[j][i] = random.nextInt(2);
      }
      for (int k = 0; k < q; k++) {
        vectors[j * q + k] = (float) random.nextGaussian();
      }
    }
    CorrectnessMatrix train = CorrectnessMatrix.ofDense(models, questions, scores);
    QuestionVectors encoded =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            FloatMatrix.wrap(n, q, vectors),
            new EncoderIdentity("toy", "0".repeat(64), q, 0));
    return new PoolTrainer(
            new MatrixFactorizationTrainer(TrainingOptions.DEFAULT.withDimension(3).withEpochs(2)),
            "test")
        .train(
            new PoolTrainer.Input(
                train,
                train.selectQuestions(new int[0]),
                encoded,
                "0".repeat(64),
                Map.of(),
                Map.of()),
            _ -> {})
        .artifact();
  }

  private static String page() {
    JsonNode evaluation =
        json(
            """
            {'questions': 40, 'cells': 120,
             'recommendation': {'use': 'router', 'text': 'Routing beats <always> calling one.'},
             'forecast': {'accuracy': 0.7, 'accuracyInterval': [0.65, 0.75], 'calibrationError': 0.02,
               'baselines': {'majorityPerModel': 0.6, 'majorityPerModelAndBenchmark': 0.65, 'knn': null},
               'reliability': [{'cells': 60, 'meanProbability': 0.3, 'meanScore': 0.25},
                               {'cells': 60, 'meanProbability': 0.8, 'meanScore': 0.85}]},
             'routing': {'router': 0.8, 'routerInterval': [0.7, 0.9], 'knn': null,
               'singleBest': {'model': 'sim-oak-70b', 'accuracy': 0.7}, 'weightedRandom': 0.6,
               'random': 0.5, 'oracle': 0.97,
               'perBenchmark': {'logic': {'router': 0.8, 'singleBest': 0.7, 'oracle': 0.97}}}}
            """);
    JsonNode route =
        json(
            """
            {'prompt': 'Is 1 < 2?', 'route': 'sim-oak-70b', 'reason': 'highest probability.',
             'ranking': [{'model': 'sim-oak-70b', 'probability': 0.9, 'low': 0.8, 'high': 0.95, 'cost': 0.002},
                         {'model': 'sim-pine-2b', 'probability': 0.4, 'low': 0.4, 'high': 0.4, 'cost': null}]}
            """);
    return QuickstartReport.of(
            new Quickstart.Findings(
                new SampleFiles(40, 3, 120), Path.of("m"), artifact(), evaluation, List.of(route)))
        .html();
  }

  @Test
  void page_needsNoNetwork_andSaysThatItIsSimulated() {
    String page = page();
    assertThat(page).contains("simulated").contains("Nothing here was measured on a real model");
    assertThat(page.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http:", "https:");
  }

  @Test
  @Tag("browser")
  void page_inABrowser_isAccessible(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("report.html"), page());
    try (BrowserTab visit = Browser.open().visit(file.toUri()).to("")) {
      visit.see("svg");
      visit.assertAccessible();
      visit.page().setViewportSize(390, 844);
      visit.assertAccessible();
    }
  }

  @Test
  void page_showsWhatTheCommandsFound() {
    assertThat(page())
        .contains("Routing beats &lt;always&gt; calling one.")
        .contains("always sim-oak-70b")
        .contains("gains 10.0 points")
        .contains("Is 1 &lt; 2?")
        .contains("80.0 % to 95.0 %")
        .contains("oak-4b");
  }

  @Test
  void baselineThatIsNotKnown_isLeftOut() {
    assertThat(page()).doesNotContain("nearest neighbors");
  }
}
