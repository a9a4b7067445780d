package org.embedllm.gateway.decide;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Turn;

/// What is known of a request beside its text, by name. A forecaster uses the names that it was
/// trained with.
///
/// Some show themselves and have reserved names: `tools` and `images` (how many), `turns` (messages
/// of the user), `json`, `system_prompt` (`yes` or `no`) and `script` (the Unicode script of most
/// letters, such as `latin`). The field `metadata` may say more, as `embedllm.NAME`, and the header
/// `x-embedllm-attributes` as `NAME=VALUE; …`. The header counts most, then `metadata`.
public final class RequestAttributes {
  private RequestAttributes() {}

  /// @param said by the header
  public static Map<String, String> of(RequestBody body, Map<String, String> said) {
    Map<String, String> known = new TreeMap<>(shown(body));
    known.putAll(body.attributes());
    known.putAll(said);
    return Collections.unmodifiableMap(known);
  }

  private static Map<String, String> shown(RequestBody body) {
    boolean system =
        body.turns().stream()
            .anyMatch(turn -> turn.role().equals("system") || turn.role().equals("developer"));
    long asked = body.turns().stream().filter(turn -> turn.role().equals("user")).count();
    return Map.of(
        "tools", Integer.toString(body.tools()),
        "images", Integer.toString(body.images()),
        "turns", Long.toString(Math.max(1, asked)),
        "json", yes(body.needs().contains(Capability.JSON)),
        "system_prompt", yes(system),
        "script", script(body));
  }

  private static String yes(boolean condition) {
    return condition ? "yes" : "no";
  }

  private static String script(RequestBody body) {
    Map<Character.UnicodeScript, Integer> counts = new TreeMap<>();
    for (Turn turn : body.turns()) {
      if (turn.role().equals("user")) {
        count(turn.text(), counts);
      }
    }
    count(body.promptText().orElse(""), counts);
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> most.getKey().name().toLowerCase(Locale.ROOT))
        .orElse("none");
  }

  private static void count(String text, Map<Character.UnicodeScript, Integer> counts) {
    text.codePoints()
        .filter(Character::isLetter)
        .forEach(letter -> counts.merge(Character.UnicodeScript.of(letter), 1, Integer::sum));
  }
}
