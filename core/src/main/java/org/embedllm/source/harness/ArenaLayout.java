package org.embedllm.source.harness;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.embedllm.correctness.Vote;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.ObjectRows;
import org.embedllm.source.file.SourceFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Votes of Chatbot Arena and MT-Bench as JSON, JSON Lines, CSV or Parquet: two models, who won,
/// and the conversation, of which the user's part is the question. Judgments of MT-Bench have two
/// games, with the answers in either order: who wins both wins, else it is a tie.
public final class ArenaLayout extends LogLayout {
  /// Columns by which a file of votes is known.
  private static final List<List<String>> COLUMNS =
      List.of(
          List.of("model_a", "model_b", "winner", "conversation_a"),
          List.of("model_a", "model_b", "winner_model_a", "prompt"),
          List.of("model_1", "model_2", "g1_winner", "g2_winner"));

  private static final Set<String> WINNERS = Set.of("model_1", "model_2", "tie");

  /// The question in the prompt of a judge of MT-Bench: of one turn, and of each of several.
  private static final Pattern ASKED =
      Pattern.compile("\\[User Question\\]\\n(.*?)\\n\\n\\[The Start of ", Pattern.DOTALL);

  private static final Pattern TURN =
      Pattern.compile("### User:\\n(.*?)\\n\\n### Assistant A:", Pattern.DOTALL);
  private static final String CONVERSATION =
      "<|The Start of Assistant A's Conversation with User|>";

  public ArenaLayout(ImportOptions options) {
    super("arena", options);
  }

  @Override
  boolean isLog(SourcePreview file) {
    if (file.isFolder()) {
      return false;
    }
    if (file.startsAsJson()) {
      return COLUMNS.stream().anyMatch(names -> file.hasFields(names.toArray(String[]::new)));
    }
    List<String> parquet = file.parquetColumns();
    List<String> columns =
        parquet.isEmpty() && file.isTextTable() ? ObjectRows.csvColumns(file.start()) : parquet;
    return COLUMNS.stream().anyMatch(columns::containsAll);
  }

  @Override
  void read(SourceFile file, Log log) {
    ObjectRows.read(
        file, (line, row) -> take(row, line, log), (line, problem) -> log.problem(problem));
  }

  private static void take(ObjectNode row, long line, Log log) {
    if (row.has("g1_winner")) {
      judgment(row, line, log);
      return;
    }
    Entry entry = new Entry("", row).question("", text(row));
    String modelA = JsonFields.text(row.path("model_a"));
    String modelB = JsonFields.text(row.path("model_b"));
    String winner = row.has("winner") ? JsonFields.text(row.path("winner")) : oneHot(row);
    switch (winner.strip().toLowerCase(Locale.ROOT)) {
      case "model_a" -> log.vote(entry, modelA, modelB, Vote.Winner.MODEL_A, line);
      case "model_b" -> log.vote(entry, modelA, modelB, Vote.Winner.MODEL_B, line);
      case "tie" -> log.vote(entry, modelA, modelB, Vote.Winner.TIE, line);
      case "tie (bothbad)", "both_bad", "bothbad" ->
          log.vote(entry, modelA, modelB, Vote.Winner.BOTH_BAD, line);
      default ->
          log.withoutScore(
              entry,
              modelA,
              line,
              "winner must be model_a, model_b, tie or tie (bothbad); got \"%s\""
                  .formatted(winner));
    }
  }

  private static void judgment(ObjectNode row, long line, Log log) {
    Entry entry = new Entry("", row).question("", judged(row));
    String modelA = JsonFields.text(row.path("model_1"));
    String modelB = JsonFields.text(row.path("model_2"));
    String first = JsonFields.text(row.path("g1_winner"));
    String second = JsonFields.text(row.path("g2_winner"));
    if (!WINNERS.contains(first) || !WINNERS.contains(second)) {
      log.withoutScore(
          entry,
          modelA,
          line,
          "g1_winner and g2_winner must be model_1, model_2 or tie; got \"%s\" and \"%s\""
              .formatted(first, second));
    } else if (entry.text().isEmpty()) {
      log.withoutScore(entry, modelA, line, "g1_user_prompt has no question");
    } else if (!first.equals(second) || first.equals("tie")) {
      log.vote(entry, modelA, modelB, Vote.Winner.TIE, line);
    } else {
      boolean wins = first.equals("model_1");
      log.vote(entry, modelA, modelB, wins ? Vote.Winner.MODEL_A : Vote.Winner.MODEL_B, line);
    }
  }

  /// The question that a judge was shown, with all its turns.
  private static String judged(JsonNode row) {
    String prompt = JsonFields.text(row.path("g1_user_prompt"));
    Matcher asked = ASKED.matcher(prompt);
    if (asked.find()) {
      return asked.group(1);
    }
    int start = Math.max(0, prompt.indexOf(CONVERSATION)); // behind the reference answers
    return TURN.matcher(prompt.substring(start))
        .results()
        .map(turn -> turn.group(1))
        .collect(Collectors.joining("\n\n"));
  }

  private static String oneHot(JsonNode row) {
    for (String winner : new String[] {"model_a", "model_b", "tie"}) {
      if (JsonFields.number(row.path("winner_" + winner)) == 1) {
        return winner;
      }
    }
    return "";
  }

  private static String text(JsonNode row) {
    int turns = (int) JsonFields.number(row.path("turn")); // 0 where all of them count
    return row.has("conversation_a")
        ? JsonFields.userText(JsonFields.list(row.path("conversation_a")), turns)
        : JsonFields.listedTexts(JsonFields.userText(row.path("prompt")));
  }
}
