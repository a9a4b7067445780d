package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.FactList;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.summary.DatasetSummary;
import org.embedllm.app.summary.SuspectLabels;
import org.embedllm.app.task.ModelInput;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.tensor.Safetensors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// `embedllm inspect MODEL|DATASET`: what a model file holds and what it was made from, or what is
/// in a data set and what looks wrong in it.
@Command(
    name = "inspect",
    description = "Shows what a model file or a data set holds, and what looks wrong in it.",
    footer = {
      "",
      "A label is suspect where weak models are right and strong ones are not (one-sided",
      "Mann-Whitney test, Benjamini-Hochberg bound on wrong entries; in pools of fewer than",
      "40 models a mixture of right and wrong keys, see docs/evaluation.md).",
      "",
      "Example: embedllm inspect data --suspects",
    })
public final class InspectCommand implements Callable<Integer> {
  private static final Pattern TABLE =
      Pattern.compile("\\.([ct]sv|jsonl?|ndjson|parquet)(\\.gz)?$");

  @Mixin private Console console;

  @Parameters(
      paramLabel = "MODEL|DATASET",
      description = "Model file that train wrote, or a data set.")
  private Path model = Path.of("");

  @Option(
      names = "--suspects",
      description = "List the questions of a data set that look wrongly keyed.")
  private boolean suspects;

  @Option(
      names = "--false-discovery-rate",
      paramLabel = "RATE",
      description =
          "Bound on the share of wrong entries among the suspects. Default: 2 / models,"
              + " between 0.05 and 0.4.")
  private OptionalDouble falseDiscoveryRate = OptionalDouble.empty();

  @Override
  public Integer call() throws IOException {
    if (suspects) {
      listSuspects();
    } else if (isDataset(model)) {
      inspectDataset();
    } else {
      inspectModel();
    }
    return ExitStatus.DONE;
  }

  private static boolean isDataset(Path path) {
    return Files.isDirectory(path)
        || TABLE.matcher(path.toString().toLowerCase(Locale.ROOT)).find();
  }

  private void listSuspects() {
    if (!isDataset(model)) {
      throw BadInputException.in(model, "is no data set: --suspects reads a data set or a table");
    }
    SuspectLabels labels =
        SuspectLabels.of(DatasetLoader.load(model).data().matrix(), falseDiscoveryRate);
    console.json(labels.json().put("dataset", model.toString()).document());
    labels.print(console);
  }

  private void inspectDataset() {
    DatasetSummary summary = DatasetSummary.of(DatasetLoader.load(model));
    console.json(summary.json().document());
    summary.print(console);
  }

  private void inspectModel() throws IOException {
    ModelInput input = ModelInput.open(model);
    Safetensors file = Safetensors.open(model);
    Json metadata = new Json();
    new TreeMap<>(file.metadata()).forEach((key, value) -> metadata.put(key, parsed(value)));
    Map<String, Object> shapes = new LinkedHashMap<>();
    file.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    boolean questions = input.hasQuestions();
    console.json(
        new Json()
            .put("file", model.toString())
            .put("metadata", metadata)
            .put("tensors", shapes)
            .put("questions", questions ? TrainingQuestions.folder(model).toString() : null)
            .document());
    print(input, file, questions);
  }

  /// Lists and objects are parsed; everything else is kept.
  private static @Nullable Object parsed(String value) {
    if (!value.startsWith("[") && !value.startsWith("{")) {
      return value;
    }
    try {
      return JsonTrees.read(value);
    } catch (JacksonException e) {
      return value;
    }
  }

  private void print(ModelInput input, Safetensors file, boolean questions) {
    ModelArtifact artifact = input.artifact();
    console.heading("%s", model);
    FactList facts = new FactList();
    facts.fact("models", Integer.toString(input.models().size()));
    facts.fact("benchmarks", Integer.toString(artifact.training().benchmarks().size()));
    facts.fact("training questions", TextTable.count(artifact.training().questions()));
    facts.fact("dimension d", Integer.toString(artifact.factorization().dimension()));
    facts.fact("features", file.metadata().getOrDefault("features", ""));
    facts.fact("encoder", artifact.encoder().name());
    facts.fact("data digest", shortened(artifact.provenance().dataDigest()));
    facts.fact("program version", artifact.provenance().programVersion());
    facts.fact("seed", Long.toString(artifact.provenance().seed()));
    artifact.provenance().options().forEach((name, value) -> facts.fact("option " + name, value));
    artifact
        .notes()
        .forEach((name, value) -> shown(value).ifPresent(text -> facts.fact(name, text)));
    facts.fact(
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

  /// The numbers of a note such as `{"scale": 1.038…}` in four digits; any other text, truncated
  /// where it is long. Longer structures are for programs: `--json` has them.
  private static Optional<String> shown(String value) {
    if (parsed(value) instanceof JsonNode node && node.isContainer()) {
      return Optional.of(node)
          .filter(n -> n.isObject() && n.valueStream().allMatch(JsonNode::isNumber))
          .map(n ->
              n.propertyStream()
                  .map(e -> e.getKey() + " " + TextTable.number(e.getValue().asDouble(), 4))
                  .collect(Collectors.joining(", ")));
    }
    return Optional.of(value.length() > 40 ? value.substring(0, 39) + "…" : value);
  }

  private static String shortened(String digest) {
    return digest.length() > 16 ? digest.substring(0, 16) + "…" : digest;
  }
}
