package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.embedllm.correctness.Question;
import org.embedllm.scoring.PairVerdict;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a judge says of pairs of answers, as JSON Lines that `import` reads as votes. Safe for
/// several threads.
final class PairsFile implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// A pair that was compared.
  ///
  /// @param id of the question
  /// @param better the difference of the two answers' scores; 0 where it is not known
  /// @param usd what the judge took for it
  record Compared(
      String id, String model, String other, PairVerdict verdict, double better, double usd) {}

  private final List<Compared> earlier;
  private final Set<List<String>> known = new HashSet<>();
  private final GrowingLines lines;

  private PairsFile(List<Compared> earlier, GrowingLines lines) {
    this.earlier = List.copyOf(earlier);
    this.lines = lines;
    earlier.forEach(each -> known.add(List.of(each.id(), each.model(), each.other())));
  }

  /// Opens a file, or makes it.
  static PairsFile open(Path file) throws IOException {
    List<Compared> earlier = new ArrayList<>();
    GrowingLines lines = GrowingLines.open(file, "{\"model_a\":\"", row -> take(earlier, row));
    return new PairsFile(earlier, lines);
  }

  private static boolean take(List<Compared> earlier, JsonNode row) {
    String winner = row.path("winner").asString("");
    double share = winner.equals("model_a") ? 1 : winner.equals("model_b") ? 0 : 0.5;
    earlier.add(
        new Compared(
            row.path("prompt_id").asString(""),
            row.path("model_a").asString(""),
            row.path("model_b").asString(""),
            new PairVerdict(share, row.path("consistent").asBoolean(false)),
            row.path("better").asDouble(0),
            row.path("judge_cost").asDouble(0)));
    return !winner.isEmpty();
  }

  /// What earlier runs have written.
  List<Compared> earlier() {
    return earlier;
  }

  /// Whether an earlier run has compared two answers.
  boolean has(String id, String model, String other) {
    return known.contains(List.of(id, model, other));
  }

  void add(Question question, Compared compared) {
    double share = compared.verdict().share();
    ObjectNode row = JSON.createObjectNode();
    row.put("model_a", compared.model());
    row.put("model_b", compared.other());
    row.put("winner", share == 1 ? "model_a" : share == 0 ? "model_b" : "tie");
    row.put("prompt_id", question.id());
    row.put("prompt", question.text());
    row.put("category", question.benchmark());
    row.put("consistent", compared.verdict().consistent());
    row.put("better", compared.better());
    row.put("judge_cost", compared.usd());
    lines.add(row);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
