package org.embedllm.gateway.observe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The texts of the latest answers, for the live view's details: in memory alone, and only where
/// the store keeps prompts too. Safe for several threads.
public final class LiveAnswers {
  private static final int MOST = 200;
  private static final int MOST_CHARACTERS = 4_000; // of each

  private final boolean kept;
  private final Map<String, String> texts = new LinkedHashMap<>();

  /// @param kept whether texts may be kept
  public LiveAnswers(boolean kept) {
    this.kept = kept;
  }

  /// Whether texts are kept at all.
  public boolean kept() {
    return kept;
  }

  /// Keeps the text of an answer; the oldest one gives way.
  public synchronized void keep(String decision, String text) {
    if (!kept || text.isEmpty()) {
      return;
    }
    texts.put(
        decision,
        text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…");
    if (texts.size() > MOST) {
      texts.remove(texts.keySet().iterator().next());
    }
  }

  /// The answer's text; empty where it is not kept, or no longer.
  public synchronized Optional<String> find(String decision) {
    return Optional.ofNullable(texts.get(decision));
  }
}
