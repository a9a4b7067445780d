package org.embedllm.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.SourcePart;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The content of `dataset.json`.
record DatasetDescription(
    int models,
    int questions,
    int cells,
    String digest,
    boolean splitBrought,
    int train,
    int validation,
    int test,
    int sharedPrompts,
    ConflictRule conflictRule,
    long conflicts,
    long unobservedRows,
    List<String> remarks,
    List<SourcePart> sources) {
  private static final String FORMAT = "embedllm-dataset";
  private static final int VERSION = 1;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static DatasetDescription of(Dataset dataset) {
    CorrectnessMatrix matrix = dataset.data().matrix();
    return new DatasetDescription(
        matrix.modelCount(),
        matrix.questionCount(),
        matrix.cellCount(),
        dataset.data().digest(),
        dataset.splitBrought(),
        dataset.data().split().questions(SplitPart.TRAIN).length,
        dataset.data().split().questions(SplitPart.VALIDATION).length,
        dataset.data().split().questions(SplitPart.TEST).length,
        dataset.sharedPrompts(),
        dataset.conflictRule(),
        dataset.conflicts(),
        dataset.unobservedRows(),
        dataset.remarks(),
        dataset.sources());
  }

  String toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("version", VERSION);
    root.put("models", models).put("questions", questions).put("cells", cells);
    root.put("digest", digest);
    root.putObject("conflicts")
        .put("rule", conflictRule.name().toLowerCase(Locale.ROOT))
        .put("pairs", conflicts);
    root.put("unobservedRows", unobservedRows);
    root.putObject("split")
        .put("brought", splitBrought)
        .put("train", train)
        .put("val", validation)
        .put("test", test)
        .put("sharedPrompts", sharedPrompts);
    var said = root.putArray("remarks");
    remarks.forEach(said::add);
    var list = root.putArray("sources");
    for (SourcePart source : sources) {
      ObjectNode node =
          list.addObject()
              .put("file", source.file())
              .put("format", source.format())
              .put("bytes", source.bytes())
              .put("sha256", source.sha256())
              .put("rows", source.rows());
      source.part().ifPresent(part -> node.put("split", part.label()));
    }
    return JSON.writeValueAsString(root) + "\n";
  }

  static DatasetDescription read(Path file) {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    } catch (JacksonException e) {
      throw BadInputException.in(
          file, "is not valid JSON: " + e.getOriginalMessage() + "; import the data again", e);
    }
    if (!root.path("format").asString("").equals(FORMAT)) {
      throw BadInputException.in(file, "is no data set description: format must be " + FORMAT);
    }
    if (root.path("version").asInt(0) != VERSION) {
      throw BadInputException.in(
          file,
          "has version %s; this program reads version %d".formatted(root.path("version"), VERSION));
    }
    JsonNode split = root.path("split");
    JsonNode conflicts = root.path("conflicts");
    return new DatasetDescription(
        root.path("models").asInt(0),
        root.path("questions").asInt(0),
        root.path("cells").asInt(0),
        root.path("digest").asString(""),
        split.path("brought").asBoolean(false),
        split.path("train").asInt(0),
        split.path("val").asInt(0),
        split.path("test").asInt(0),
        split.path("sharedPrompts").asInt(0),
        rule(file, conflicts.path("rule").asString("")),
        conflicts.path("pairs").asLong(0),
        root.path("unobservedRows").asLong(0),
        root.path("remarks").valueStream().map(node -> node.asString("")).toList(),
        sources(root.path("sources")));
  }

  private static ConflictRule rule(Path file, String name) {
    for (ConflictRule rule : ConflictRule.values()) {
      if (rule.name().toLowerCase(Locale.ROOT).equals(name)) {
        return rule;
      }
    }
    throw BadInputException.in(file, "knows no conflict rule \"" + name + "\"");
  }

  private static List<SourcePart> sources(JsonNode list) {
    List<SourcePart> sources = new ArrayList<>();
    for (JsonNode node : list) {
      String split = node.path("split").asString("");
      Optional<SplitPart> part = Optional.empty();
      for (SplitPart known : SplitPart.values()) {
        part = known.label().equals(split) ? Optional.of(known) : part;
      }
      sources.add(
          new SourcePart(
              node.path("file").asString(""),
              node.path("format").asString(""),
              node.path("bytes").asLong(0),
              node.path("sha256").asString(""),
              node.path("rows").asLong(0),
              part));
    }
    return sources;
  }
}
