package org.embedllm.gateway.decide;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.embedllm.gateway.config.TextRule;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Turn;

/// The text a request is routed on; see [TextRule] for the rule.
public final class PromptText {
  private static final String CUT = "\n…\n";

  private PromptText() {}

  /// The text; blank where the request has none.
  public static String of(RequestBody body, TextRule rule) {
    if (!body.hasMessages()) {
      return cut(shortenFences(body.promptText().orElse(""), rule), rule);
    }
    return of(body.turns(), rule);
  }

  static String of(List<Turn> turns, TextRule rule) {
    Deque<String> taken = new ArrayDeque<>();
    int characters = 0;
    for (int i = turns.size() - 1; i >= 0; i--) {
      Turn turn = turns.get(i);
      boolean enough = taken.size() >= rule.turns() && characters >= rule.minCharacters();
      if (enough) {
        break;
      }
      if (turn.role().equals("user") && !turn.text().isBlank()) {
        String text = shortenFences(turn.text().strip(), rule);
        taken.addFirst(text);
        characters += text.length();
      }
    }
    if (rule.system()) {
      for (int i = turns.size() - 1; i >= 0; i--) {
        String role = turns.get(i).role();
        if (role.equals("system") || role.equals("developer")) {
          taken.addFirst(turns.get(i).text().strip());
        }
      }
    }
    return cut(String.join("\n", taken), rule);
  }

  /// Shortens long fenced blocks, so that a pasted file does not drown the question about it.
  static String shortenFences(String text, TextRule rule) {
    if (!text.contains("```") && !text.contains("~~~")) {
      return text;
    }
    var out = new ArrayList<String>();
    var block = new ArrayList<String>();
    String fence = "";
    for (String line : text.split("\n", -1)) {
      String start = line.strip();
      if (fence.isEmpty() && (start.startsWith("```") || start.startsWith("~~~"))) {
        fence = start.substring(0, 3);
        out.add(line);
      } else if (!fence.isEmpty() && start.equals(fence)) {
        addShortened(block, rule.fenceLines(), out);
        out.add(line);
        fence = "";
      } else if (fence.isEmpty()) {
        out.add(line);
      } else {
        block.add(line);
      }
    }
    addShortened(block, rule.fenceLines(), out);
    return String.join("\n", out);
  }

  /// Moves a block's lines over, the middle of a long one left out.
  private static void addShortened(List<String> block, int most, List<String> out) {
    if (block.size() <= most) {
      out.addAll(block);
    } else {
      int head = (most + 1) / 2;
      out.addAll(block.subList(0, head));
      out.add("…");
      out.addAll(block.subList(block.size() - (most - head), block.size()));
    }
    block.clear();
  }

  /// Cuts the middle of a long text: a question is mostly at one end.
  private static String cut(String text, TextRule rule) {
    if (text.length() <= rule.maxCharacters()) {
      return text;
    }
    int half = (rule.maxCharacters() - CUT.length()) / 2;
    int head = Character.isHighSurrogate(text.charAt(half - 1)) ? half - 1 : half;
    int tail = text.length() - half;
    tail = Character.isLowSurrogate(text.charAt(tail)) ? tail + 1 : tail;
    return text.substring(0, head) + CUT + text.substring(tail);
  }
}
