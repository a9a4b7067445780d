package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.EvaluationChecks;
import org.embedllm.app.task.ModelInput;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.LabelSuspects;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.Safetensors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `embedllm inspect MODEL`: what a model file holds and what it was made from; `inspect DATASET
/// --suspects`: questions that look wrongly keyed.
@Command(
    name = "inspect",
    description =
        "Shows what a model file holds and where it came from; with --suspects, which questions of a"
            + " data set look wrongly keyed.",
    footer = {
      "",
      "A question is suspect where weak models are right and strong ones are not (one-sided",
      "Mann-Whitney test, Benjamini-Hochberg bound).",
      "",
      "Example: embedllm inspect pool.safetensors",
      "Example: embedllm inspect data --suspects",
    })
public final class InspectCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Mixin private Console console;

  @Parameters(
      paramLabel = "MODEL",
      description = "Model file that train wrote; with --suspects, a data set or a table.")
  private Path model = Path.of("");

  @Option(
      names = "--suspects",
      description = "List the questions of a data set that look wrongly keyed.")
  private boolean suspects;

  @Option(
      names = "--false-discovery-rate",
      paramLabel = "RATE",
      description =
          "With --suspects: bound on the expected share of wrong entries in the list. Default: 0.05.")
  private double falseDiscoveryRate = EvaluationChecks.FALSE_DISCOVERY_RATE;

  @Override
  public Integer call() throws IOException {
    if (suspects) {
      return listSuspects();
    }
    if (DatasetDirectory.isDataset(model)) {
      throw BadInputException.in(
          model, "is a data set, no model file: add --suspects to look for wrong labels");
    }
    ModelInput input = ModelInput.open(model);
    Safetensors file = Safetensors.open(model);
    Json metadata = new Json();
    new TreeMap<>(file.metadata()).forEach((key, value) -> metadata.put(key, parsed(value)));
    Map<String, Object> shapes = new LinkedHashMap<>();
    file.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    boolean questions = input.questions().isPresent();
    console.json(
        new Json()
            .put("file", model.toString())
            .put("metadata", metadata)
            .put("tensors", shapes)
            .put("questions", questions ? TrainingQuestions.folder(model).toString() : null)
            .document());
    print(input, file, questions);
    return ExitStatus.DONE;
  }

  private int listSuspects() {
    if (!(falseDiscoveryRate > 0 && falseDiscoveryRate < 1)) {
      throw BadInputException.of(
          "--false-discovery-rate must be above 0 and below 1; got " + falseDiscoveryRate);
    }
    CorrectnessMatrix matrix = DatasetLoader.load(model).data().matrix();
    LabelSuspects found = LabelSuspects.of(matrix, falseDiscoveryRate);
    TextTable table =
        new TextTable("question", "benchmark", "right", "answers", "AUC", "adjusted p");
    List<Json> rows = new ArrayList<>();
    for (LabelSuspects.Suspect suspect : found.suspects()) {
      Question question = matrix.questions().get(suspect.question());
      rows.add(
          new Json()
              .put("id", question.id())
              .put("benchmark", question.benchmark())
              .put("text", question.text())
              .put("right", suspect.right())
              .put("answers", suspect.answers())
              .put("auc", suspect.auc())
              .put("adjustedPValue", suspect.adjustedPValue()));
      table.row(
          question.id(),
          question.benchmark(),
          Integer.toString(suspect.right()),
          Integer.toString(suspect.answers()),
          TextTable.number(suspect.auc(), 3),
          TextTable.number(suspect.adjustedPValue(), 4));
    }
    console.json(
        new Json()
            .put("dataset", model.toString())
            .put("questions", matrix.questionCount())
            .put("tested", found.tested())
            .put("falseDiscoveryRate", falseDiscoveryRate)
            .put("suspects", rows)
            .document());
    console.line(
        "%d of %d questions look wrongly keyed; %d had enough answers to test.",
        rows.size(), matrix.questionCount(), found.tested());
    if (!rows.isEmpty()) {
      console.line("Weak models get them right and strong ones do not. Look at their keys.");
      console.line("");
      table.print(console);
    }
    return ExitStatus.DONE;
  }

  /// Lists and objects as such; everything else as it stands.
  private static @Nullable Object parsed(String value) {
    if (!value.startsWith("[") && !value.startsWith("{")) {
      return value;
    }
    try {
      JsonNode node = JSON.readTree(value);
      return node;
    } catch (JacksonException e) {
      return value;
    }
  }

  private void print(ModelInput input, Safetensors file, boolean questions) {
    ModelArtifact artifact = input.artifact();
    TextTable facts = new TextTable(model.toString(), "");
    facts.row("models", Integer.toString(input.models().size()));
    facts.row("benchmarks", Integer.toString(artifact.training().benchmarks().size()));
    facts.row("training questions", Integer.toString(artifact.training().questions()));
    facts.row("dimension d", Integer.toString(artifact.factorization().dimension()));
    facts.row("features", file.metadata().getOrDefault("features", ""));
    facts.row("encoder", artifact.encoder().name());
    facts.row("data digest", shortened(artifact.provenance().dataDigest()));
    facts.row("program version", artifact.provenance().programVersion());
    facts.row("seed", Long.toString(artifact.provenance().seed()));
    artifact.provenance().options().forEach((name, value) -> facts.row("option " + name, value));
    artifact.notes().forEach((name, value) -> facts.row(name, shown(value)));
    facts.row(
        "questions beside it",
        questions ? TrainingQuestions.folder(model).toString() : input.withoutQuestions());
    facts.print(console);
    console.line("");
    TextTable tensors = new TextTable("tensor", "type", "shape");
    file.tensors()
        .forEach(
            (name, tensor) -> tensors.row(name, tensor.type().name(), tensor.shape().toString()));
    tensors.print(console);
  }

  /// The numbers of a note such as `{"scale": 1.038…}` in four digits; a text of any other kind,
  /// cut where it is long.
  private static String shown(String value) {
    if (parsed(value) instanceof JsonNode node
        && node.isObject()
        && node.valueStream().allMatch(JsonNode::isNumber)) {
      return node.propertyStream()
          .map(entry -> entry.getKey() + " " + TextTable.number(entry.getValue().asDouble(), 4))
          .collect(Collectors.joining(", "));
    }
    return value.length() > 40 ? value.substring(0, 39) + "…" : value;
  }

  private static String shortened(String digest) {
    return digest.length() > 16 ? digest.substring(0, 16) + "…" : digest;
  }
}
