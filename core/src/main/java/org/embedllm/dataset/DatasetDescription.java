package org.embedllm.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ModelRun;
import org.embedllm.source.SourcePart;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The content of `dataset.json`.
///
/// @param attributes whether each attribute, by its name, is a number; else it is a text
/// @param version of the format
/// @param digests SHA-256 (hex) of the files whose bytes the digest of the data leaves out, by
///   name; older data sets have fewer
record DatasetDescription(
    int version,
    int models,
    int questions,
    int cells,
    String digest,
    int train,
    int validation,
    int test,
    Map<String, Boolean> attributes,
    Map<String, String> digests,
    ImportReport report) {
  private static final String FORMAT = "embedllm-dataset";
  private static final int VERSION = 2;

  /// A data set without attributes, references, usage, votes and outputs.
  private static final int PLAIN_VERSION = 1;

  /// SHA-256 of the description without it; older ones have none.
  private static final String CHECKSUM = "checksum";

  private static final String NUMBER = "number";
  private static final String TEXT = "text";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static DatasetDescription of(Dataset dataset, Map<String, String> digests) {
    CorrectnessMatrix matrix = dataset.data().matrix();
    QuestionSplit split = dataset.data().split();
    Map<String, Boolean> numbers = new TreeMap<>();
    for (Question question : matrix.questions()) {
      for (String name : question.attributes().names()) {
        numbers.computeIfAbsent(
            name,
            known ->
                question.attributes().get(known).orElseThrow() instanceof AttributeValue.Numeric);
      }
    }
    boolean plain =
        numbers.isEmpty()
            && dataset.references().isEmpty()
            && dataset.data().measures().measures().isEmpty()
            && dataset.data().votes().isEmpty()
            && dataset.outputs().isEmpty()
            && dataset.report().skipped().isEmpty();
    return new DatasetDescription(
        plain ? PLAIN_VERSION : VERSION,
        matrix.modelCount(),
        matrix.questionCount(),
        matrix.cellCount(),
        dataset.data().digest(),
        split.questions(SplitPart.TRAIN).length,
        split.questions(SplitPart.VALIDATION).length,
        split.questions(SplitPart.TEST).length,
        numbers,
        digests,
        dataset.report());
  }

  String toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("version", version);
    root.put("models", models).put("questions", questions).put("cells", cells);
    root.put("digest", digest);
    root.putObject("conflicts")
        .put("rule", report.conflictRule().name().toLowerCase(Locale.ROOT))
        .put("pairs", report.conflicts())
        .put("betweenSources", report.contradictions());
    root.put("unobservedRows", report.unobservedRows());
    root.putObject("split")
        .put("brought", report.splitBrought())
        .put("train", train)
        .put("val", validation)
        .put("test", test)
        .put("sharedPrompts", report.sharedPrompts());
    var said = root.putArray("remarks");
    report.warnings().forEach(said::add);
    var typed = root.putArray("attributes");
    attributes.forEach(
        (name, number) -> typed.addObject().put("name", name).put("kind", number ? NUMBER : TEXT));
    var left = root.putArray("skipped");
    report
        .skipped()
        .forEach(task -> left.addObject().put("task", task.task()).put("reason", task.reason()));
    var files = root.putObject("files");
    digests.forEach(files::put);
    if (!report.runs().isEmpty()) {
      var ways = root.putArray("runs");
      report.runs().forEach(run -> describe(run, ways.addObject()));
    }
    var list = root.putArray("sources");
    for (SourcePart source : report.sources()) {
      ObjectNode node =
          list.addObject()
              .put("file", source.file())
              .put("format", source.format())
              .put("bytes", source.bytes())
              .put("sha256", source.sha256())
              .put("rows", source.rows());
      source.part().ifPresent(part -> node.put("split", part.label()));
    }
    root.put(CHECKSUM, checksum(root));
    return JSON.writeValueAsString(root) + "\n";
  }

  /// The names and values count, not how they are laid out.
  private static String checksum(ObjectNode root) {
    ObjectNode rest = root.deepCopy();
    rest.remove(CHECKSUM);
    return Sha256.of(rest.toString());
  }

  private static void describe(ModelRun run, ObjectNode node) {
    node.put("format", run.format()).put("model", run.model());
    if (!run.task().isEmpty()) {
      node.put("task", run.task());
    }
    node.put("difference", run.difference());
    var arguments = node.putObject("arguments");
    run.arguments().forEach(arguments::put);
  }

  private static ModelRun run(JsonNode node) {
    Map<String, String> arguments = new TreeMap<>();
    node.path("arguments").forEachEntry((name, value) -> arguments.put(name, value.asString("")));
    return new ModelRun(
        node.path("format").asString(""),
        node.path("model").asString(""),
        node.path("task").asString(""),
        arguments,
        node.path("difference").asString(""));
  }

  static DatasetDescription read(Path file) {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    } catch (JacksonException e) {
      throw BadInputException.in(file, "is not valid JSON; import the data again", e);
    }
    if (!root.path("format").asString("").equals(FORMAT)) {
      throw BadInputException.in(file, "is no data set description: format must be " + FORMAT);
    }
    int version = root.path("version").asInt(0);
    if (version < PLAIN_VERSION || version > VERSION) {
      throw BadInputException.in(
          file,
          "has version %s; this program reads versions %d to %d"
              .formatted(root.path("version"), PLAIN_VERSION, VERSION));
    }
    if (root instanceof ObjectNode object
        && object.has(CHECKSUM)
        && !object.path(CHECKSUM).asString("").equals(checksum(object))) {
      throw BadInputException.in(
          file, "was altered: it does not have the checksum that it states; import the data again");
    }
    JsonNode split = root.path("split");
    Map<String, Boolean> attributes = new TreeMap<>();
    for (JsonNode node : root.path("attributes")) {
      attributes.put(node.path("name").asString(""), node.path("kind").asString("").equals(NUMBER));
    }
    Map<String, String> digests = new TreeMap<>();
    root.path("files").forEachEntry((name, digest) -> digests.put(name, digest.asString("")));
    return new DatasetDescription(
        version,
        root.path("models").asInt(0),
        root.path("questions").asInt(0),
        root.path("cells").asInt(0),
        root.path("digest").asString(""),
        split.path("train").asInt(0),
        split.path("val").asInt(0),
        split.path("test").asInt(0),
        attributes,
        digests,
        report(file, root));
  }

  private static ImportReport report(Path file, JsonNode root) {
    JsonNode split = root.path("split");
    JsonNode conflicts = root.path("conflicts");
    return new ImportReport(
        split.path("brought").asBoolean(false),
        rule(file, conflicts.path("rule").asString("")),
        conflicts.path("pairs").asLong(0),
        conflicts.path("betweenSources").asLong(0),
        root.path("unobservedRows").asLong(0),
        split.path("sharedPrompts").asInt(0),
        sources(root.path("sources")),
        root.path("remarks").valueStream().map(node -> node.asString("")).toList(),
        root.path("runs").valueStream().map(DatasetDescription::run).toList(),
        root.path("skipped")
            .valueStream()
            .map(node ->
                new ImportReport.SkippedTask(
                    node.path("task").asString(""), node.path("reason").asString("")))
            .toList());
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
      Optional<SplitPart> part = SplitPart.labeled(split);
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
