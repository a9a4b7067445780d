package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.question.TextFeatureSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Files that version 0.1.0 wrote from a part of the simulated sample: a data set, a model of the
/// kernel factorization, a linear one, and what `evaluate` said of them.
@Tag("training")
class OldFilesTest {
  private static final Path FILES = Path.of("src/test/resources/version-0.1.0");
  private static final String PROMPT = "Sort these numbers: 4 2 9";

  @TempDir private static Path folder;

  @BeforeAll
  static void copy() throws IOException {
    try (Stream<Path> files = Files.walk(FILES)) {
      for (Path file : files.toList()) {
        Path target = folder.resolve(FILES.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  @Test
  void model_ofVersion010_hasItsEncodersPresentName() throws IOException {
    ModelArtifact artifact = ModelArtifact.open(folder.resolve("kernel.safetensors"));
    assertThat(artifact.encoder().sentenceEncoder()).isEqualTo("minilm-l6");
    assertThat(artifact.encoder().textFeatures()).isEqualTo(TextFeatureSet.SURFACE);
    assertThat(artifact.encoder().name()).isEqualTo("minilm-l6+text-features");
    assertThat(CommandRun.of("inspect", folder.resolve("kernel.safetensors")).out())
        .contains("minilm-l6+text-features");
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "linear"})
  void evaluation_ofVersion010_isMeasuredAlike(String name) throws IOException {
    JsonNode then =
        new JsonMapper().readTree(Files.readString(folder.resolve(name + ".evaluate.json")));
    JsonNode now =
        CommandRun.of(
                "evaluate", folder.resolve(name + ".safetensors"), folder.resolve("data"), "--json")
            .json();
    for (String value :
        List.of(
            "/questions",
            "/cells",
            "/forecast/accuracy",
            "/forecast/logLoss",
            "/forecast/brier",
            "/forecast/auc",
            "/forecast/baselines/majorityPerModel",
            "/routing/router",
            "/routing/singleBest/accuracy",
            "/routing/oracle")) {
      assertThat(now.at(value)).as(value).isEqualTo(then.at(value));
      assertThat(now.at(value).isMissingNode()).as(value).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "linear"})
  void commands_onAModelOfVersion010_work(String name) throws IOException {
    Path model = folder.resolve(name + ".safetensors");
    assertThat(CommandRun.of("models", model, "--json").json().size()).isEqualTo(5);
    JsonNode route = CommandRun.of("route", model, PROMPT, "--json").json();
    assertThat(route.path("ranking").size()).isEqualTo(5);
    assertThat(CommandRun.of("similar", model, "sim-birch-3b", "--json").json().path("neighbors"))
        .hasSize(4);
  }

  @Test
  void newModel_joinsAModelFileOfVersion010() throws IOException {
    Path model = folder.resolve("kernel.safetensors");
    JsonNode plan = CommandRun.of("plan", model, "--budget", 3, "--json").json();
    assertThat(plan.path("questions")).hasSize(3);
    Path with = folder.resolve("with.safetensors");
    CommandRun added =
        CommandRun.of("add", model, folder.resolve("new.csv"), "--to", with, "--json");
    assertThat(added.json().at("/added/0/model").asString()).isEqualTo("sim-oak-4b");
    assertThat(ModelArtifact.open(with).factorization().models()).hasSize(6);
  }

  @Test
  void dataset_ofVersion010_trainsAModel() {
    CommandRun trained =
        CommandRun.of(
            "train", folder.resolve("data"), "--to", folder.resolve("again.safetensors"), "--json");
    assertThat(trained.json().path("cells").asInt()).isPositive();
  }

  @Test
  void train_oldNameOfNoTextFeatures_trainsWithoutThemAndWarns() throws IOException {
    Path model = folder.resolve("old-option.safetensors");
    CommandRun run = CommandRun.of("train", folder.resolve("data"), "--to", model, "--no-form");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("--no-form is deprecated; use --no-text-features");
    assertThat(ModelArtifact.open(model).encoder().textFeatures()).isEqualTo(TextFeatureSet.NONE);
  }

  @Test
  void experiment_oldNameOfNewModels_warnsAndIsReadAsTheNewOne() {
    Path report = folder.resolve("report");
    CommandRun run =
        CommandRun.of(
            "experiment", "newmodels", folder.resolve("data"), "--to", report, "--newcomers", "x");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("--newcomers is deprecated; use --new-models")
        .contains("--new-models must be a number from 1, or all; got x");
  }
}
