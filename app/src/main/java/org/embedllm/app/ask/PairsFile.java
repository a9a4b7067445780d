package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.Question;
import org.embedllm.scoring.PairVerdict;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a judge says of pairs of answers, as JSON Lines that `import` reads as votes; a pair
/// without a verdict has no winner, and is none. Safe for several threads.
final class PairsFile implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// A pair that the judge was asked about.
  ///
  /// @param id of the question
  /// @param verdict empty where it could not be read
  /// @param better the difference of the two answers' scores; 0 where it is not known
  /// @param usd what the judge took for it
  record Compared(
      String id, ModelPair pair, Optional<PairVerdict> verdict, double better, double usd) {}

  private final Path path;
  private final String judge;
  private final List<Compared> earlier;
  private final Map<String, Set<ModelPair>> known = new HashMap<>();
  private final GrowingLines lines;

  private PairsFile(Path path, String judge, List<Compared> earlier, GrowingLines lines) {
    this.path = path;
    this.judge = judge;
    this.earlier = List.copyOf(earlier);
    this.lines = lines;
    earlier.forEach(
        each -> known.computeIfAbsent(each.id(), _ -> new HashSet<>()).add(each.pair()));
  }

  /// Opens a file, or makes it.
  ///
  /// @param judge whose verdicts it holds
  /// @throws BadInputException where it holds something else, or verdicts of another judge
  static PairsFile open(Path file, String judge) throws IOException {
    List<Compared> earlier = new ArrayList<>();
    GrowingLines lines =
        GrowingLines.open(file, "{\"model_a\":\"", row -> take(file, judge, earlier, row));
    return new PairsFile(file, judge, earlier, lines);
  }

  private static boolean take(Path file, String judge, List<Compared> earlier, JsonNode row) {
    String model = row.path("model_a").asString("");
    String other = row.path("model_b").asString("");
    String id = row.path("prompt_id").asString("");
    String whose = row.path("judge").asString("");
    Optional<Optional<PairVerdict>> verdict = verdict(row);
    if (model.isEmpty()
        || other.isEmpty()
        || id.isEmpty()
        || whose.isEmpty()
        || verdict.isEmpty()) {
      return false;
    }
    if (!whose.equals(judge)) {
      throw BadInputException.in(
          file,
          "holds verdicts of the judge \"%s\": name it again with --judge-name, or delete the file"
              .formatted(whose));
    }
    ModelPair pair = ModelPair.of(model, other);
    // A file that was changed by hand may have the names in the other order.
    boolean turned = !pair.first().equals(model);
    double better = row.path("better").asDouble(0);
    earlier.add(
        new Compared(
            id,
            pair,
            turned
                ? verdict.get().map(v -> new PairVerdict(1 - v.share(), v.consistent()))
                : verdict.get(),
            turned ? -better : better,
            row.path("judge_cost").asDouble(0)));
    return true;
  }

  /// The verdict of a line, which may have none; empty where it is no such line.
  private static Optional<Optional<PairVerdict>> verdict(JsonNode row) {
    JsonNode winner = row.path("winner");
    JsonNode consistent = row.path("consistent");
    if (winner.isMissingNode() || winner.isNull()) {
      return consistent.isNull() ? Optional.of(Optional.empty()) : Optional.empty();
    }
    double share =
        switch (winner.asString("")) {
          case "model_a" -> 1;
          case "model_b" -> 0;
          case "tie" -> 0.5;
          default -> Double.NaN;
        };
    return Double.isNaN(share) || !consistent.isBoolean()
        ? Optional.empty()
        : Optional.of(Optional.of(new PairVerdict(share, consistent.asBoolean())));
  }

  Path path() {
    return path;
  }

  /// What earlier runs have written.
  List<Compared> earlier() {
    return earlier;
  }

  /// The pairs of a question that earlier runs have asked about.
  Set<ModelPair> known(String id) {
    return known.getOrDefault(id, Set.of());
  }

  void add(Question question, Compared compared) {
    ObjectNode row = JSON.createObjectNode();
    row.put("model_a", compared.pair().first());
    row.put("model_b", compared.pair().second());
    if (compared.verdict().isPresent()) {
      double share = compared.verdict().get().share();
      row.put("winner", share == 1 ? "model_a" : share == 0 ? "model_b" : "tie");
      row.put("consistent", compared.verdict().get().consistent());
    } else {
      row.putNull("winner");
      row.putNull("consistent");
    }
    row.put("prompt_id", question.id());
    row.put("prompt", question.text());
    row.put("category", question.benchmark());
    row.put("better", compared.better());
    row.put("judge", judge);
    row.put("judge_cost", compared.usd());
    lines.add(row);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
